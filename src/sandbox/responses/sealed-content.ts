import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { badRequest } from '../errors.js';

const algorithm = 'aes-256-gcm';
/** Every sandbox has the same key, so that a restarted one and a second one open what the first one sealed. */
const key = createHash('sha256').update('sandbox').digest();
const ivBytes = 12;
const tagBytes = 16;

/** What `encrypted_content` of a reasoning or a compaction holds. */
export interface SealedContent {
  readonly kind: 'reasoning' | 'compaction';
  readonly model: string;
  readonly text: string;
}

/** The content as opaque base64; the same content gives the same text. */
export function sealed(content: SealedContent): string {
  const plain = Buffer.from(JSON.stringify(content));
  const iv = createHash('sha256').update(plain).digest().subarray(0, ivBytes);
  const cipher = createCipheriv(algorithm, key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/**
 * The content that the sandbox sealed.
 * @throws SandboxError 400 `invalid_encrypted_content` for what it did not seal, for what was altered, and for the other kind.
 */
export function opened(text: string, kind: SealedContent['kind'], itemId: unknown): SealedContent {
  const content = decrypted(Buffer.from(text, 'base64'));
  if (content?.kind === kind) return content;
  const named = typeof itemId === 'string' ? ` for item ${itemId.slice(0, 100)}` : '';
  const message = `The encrypted content${named} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`;
  throw badRequest(message, null, 'invalid_encrypted_content');
}

function decrypted(bytes: Buffer): SealedContent | undefined {
  if (bytes.length <= ivBytes + tagBytes) return undefined;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as SealedContent;
  } catch {
    return undefined;
  }
}
