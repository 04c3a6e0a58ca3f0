import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** A sealed secret could not be opened: its key left the ring, or it was moved to another record or changed. */
export class SealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealError';
  }
}

/** Where a secret belongs. It opens only there, so a copied row is worthless. */
export interface SealContext {
  readonly tenantId: string;
  readonly recordId: string;
}

/**
 * Seals secrets, texts or bytes, with AES-256-GCM. The first key of the ring seals, every key of it opens, so a key is
 * replaced by putting a new one in front and re-saving. Layout: version, length of the key's id, id, nonce, tag,
 * ciphertext.
 */
export class KeyRing {
  private readonly keys = new Map<string, Buffer>();
  private readonly sealingId: string;

  /** @param entries `<id>:<32 bytes in base64>`, the sealing key first, as in GT_SECRET_KEYS. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const colon = entry.indexOf(':');
      this.keys.set(entry.slice(0, colon), Buffer.from(entry.slice(colon + 1), 'base64'));
    }
    this.sealingId = [...this.keys.keys()][0] ?? '';
  }

  /** The id of the key that seals. */
  get sealingKeyId(): string {
    return this.sealingId;
  }

  /** The ids of all keys, the sealing one first. */
  get keyIds(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** The same secret under the sealing key. @throws SealError when it does not open here. */
  reseal(sealed: Uint8Array, context: SealContext): Buffer {
    return this.sealBytes(this.openBytes(sealed, context), context);
  }

  seal(secret: string, context: SealContext): Buffer {
    return this.sealBytes(Buffer.from(secret, 'utf8'), context);
  }

  /** Seals any bytes, in the same layout. */
  sealBytes(secret: Uint8Array, context: SealContext): Buffer {
    const key = this.keys.get(this.sealingId);
    if (key === undefined) throw new SealError('GT_SECRET_KEYS holds no key to seal with.');
    const id = Buffer.from(this.sealingId, 'latin1');
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(associatedData(context));
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([Buffer.from([version, id.length]), id, nonce, cipher.getAuthTag(), sealed]);
  }

  /** 32 bytes that stand for a text in its place: always the same ones under the same key, and nobody finds the text by them. */
  digest(text: string, context: SealContext): Buffer {
    const key = this.keys.get(this.sealingId);
    if (key === undefined) throw new SealError('GT_SECRET_KEYS holds no key to digest with.');
    // A key of its own, so that it is never used for two things.
    const own = createHmac('sha256', key).update('gt:digest').digest();
    return createHmac('sha256', own).update(associatedData(context)).update('\n').update(text).digest();
  }

  /** @throws SealError when it does not open here. */
  open(sealed: Uint8Array, context: SealContext): string {
    return this.openBytes(sealed, context).toString('utf8');
  }

  /** @throws SealError when they do not open here. */
  openBytes(sealed: Uint8Array, context: SealContext): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const idEnd = 2 + (bytes[1] ?? 0);
    const key = this.keys.get(bytes.toString('latin1', 2, idEnd));
    if (bytes[0] !== version || key === undefined) {
      throw new SealError('A stored secret was sealed with a key that GT_SECRET_KEYS does not hold.');
    }
    const tagStart = idEnd + nonceBytes;
    try {
      // A shorter tag, which the cipher would take, were easier to guess: what is opened may come from a client.
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(idEnd, tagStart), { authTagLength: tagBytes });
      decipher.setAAD(associatedData(context));
      decipher.setAuthTag(bytes.subarray(tagStart, tagStart + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(tagStart + tagBytes)), decipher.final()]);
    } catch {
      throw new SealError('A stored secret does not belong to its record or was changed.');
    }
  }
}

function associatedData(context: SealContext): Buffer {
  return Buffer.from(`gt:${context.tenantId}:${context.recordId}`, 'utf8');
}
