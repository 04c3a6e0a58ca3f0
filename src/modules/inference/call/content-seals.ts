import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { isFields, type Fields } from '../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { KeyRing } from '../../../platform/secrets/key-ring.js';
import { printExact, readExact } from '../wire/exact-json.js';
import type { ChosenEndpoint } from './endpoint-choice.js';

/** What stands before everything that is sealed here; no provider's own encrypted content begins like this. */
const prefix = 'gt1.';
const fingerprintBytes = 16;
const headBytes = 2 * fingerprintBytes;

/**
 * What a client must bring back: what a model has thought, a summary that stands for a conversation, or the provider's name
 * of a container.
 */
export type SealedKind = 'reasoning' | 'compaction' | 'container';

/**
 * What was found under a seal. `left`: it is the platform's, of this endpoint, and of a model that it led to before.
 * `foreign`: it is another tenant's or endpoint's, was altered, or is not the platform's at all.
 */
export type OpenedContent = { readonly state: 'open'; readonly content: Fields } | { readonly state: 'left' | 'foreign' };

/** The seals of one endpoint and the model that it leads to now. */
export interface EndpointSeals {
  /** The connection and the model, as one word that names neither. */
  readonly origin: string;
  /** Content for the client, as one text that nobody else can read or change. */
  seal(kind: SealedKind, content: Fields): string;
  open(kind: SealedKind, text: string): OpenedContent;
}

/**
 * Seals what must come back to the platform through its client. Tenant, connection and model are bound into each seal, so
 * that it opens only where it was made. The text is `gt1.` and base64url of two fingerprints (of connection and model, of
 * the endpoint) and of what the key ring has sealed.
 */
@Injectable()
export class ContentSeals {
  constructor(private readonly ring: KeyRing) {}

  of(tenantId: string, { endpoint, target }: Pick<ChosenEndpoint, 'endpoint' | 'target'>): EndpointSeals {
    const { ring } = this;
    const here = fingerprint(target.connection.id, target.model);
    const head = Buffer.concat([here, fingerprint(endpoint.id)]);
    const context = (kind: SealedKind, of: Buffer) => ({ tenantId, recordId: `content:${kind}:${of.toString('hex')}` });
    return {
      origin: here.toString('hex'),
      seal(kind, content) {
        const sealed = ring.sealBytes(Buffer.from(printExact(content)), context(kind, head));
        return prefix + Buffer.concat([head, sealed]).toString('base64url');
      },
      open(kind, text) {
        const bytes = sealedBytes(text);
        if (bytes === undefined) return { state: 'foreign' };
        const ofText = bytes.subarray(0, headBytes);
        const isHere = ofText.subarray(0, fingerprintBytes).equals(here);
        // What another endpoint has from the same model is as good here.
        if (!isHere && !ofText.subarray(fingerprintBytes).equals(head.subarray(fingerprintBytes))) return { state: 'foreign' };
        const content = opened(ring, bytes.subarray(headBytes), context(kind, ofText));
        if (content === undefined) return { state: 'foreign' };
        return isHere ? { state: 'open', content } : { state: 'left' };
      },
    };
  }
}

/** True for a text that says to be sealed by the platform, whether it is or not. */
export function isPlatformSealed(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith(prefix);
}

/** The bytes of a sealed text. Other spellings of the same bytes are no seal. */
function sealedBytes(text: string): Buffer | undefined {
  if (!isPlatformSealed(text)) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
  return bytes.length > headBytes && prefix + bytes.toString('base64url') === text ? bytes : undefined;
}

function opened(ring: KeyRing, sealed: Buffer, context: { tenantId: string; recordId: string }): Fields | undefined {
  let bytes: Buffer;
  try {
    bytes = ring.openBytes(sealed, context);
  } catch {
    return undefined;
  }
  const plain = parsedOrUndefined(bytes);
  return isFields(plain) ? (readExact(bytes, plain) as Fields) : undefined;
}

function fingerprint(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(parts.join('\n')).digest().subarray(0, fingerprintBytes);
}
