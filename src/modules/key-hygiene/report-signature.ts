import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/** Reports that say a time may be this old, or ahead of our clock, in milliseconds. */
const freshMs = 300_000;

/** What a report says of itself in its headers. */
export interface ReportHeaders {
  readonly keyId: string | undefined;
  /** Base64 of an ECDSA signature in DER. */
  readonly signature: string | undefined;
  /** The `Date` of the request, where it has one. */
  readonly date: string | undefined;
}

/**
 * Whether a report was signed by a reporter that the operator knows, over its very bytes: ECDSA with P-256 and SHA-256, as GitHub's
 * secret-scanning partner programme does. A request that says an old `Date`, or one that is none, is not.
 */
export class ReportSignatures {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  /** @param entries `<identifier>:<public key>`, base64 of the key's DER (SubjectPublicKeyInfo). @throws Error for one that is none. */
  constructor(entries: readonly string[]) {
    this.keys = new Map(
      entries.map((entry) => {
        const colon = entry.indexOf(':');
        const key = createPublicKey({ key: Buffer.from(entry.slice(colon + 1), 'base64'), format: 'der', type: 'spki' });
        if (key.asymmetricKeyType !== 'ec') throw new Error('not an EC key');
        return [entry.slice(0, colon), key];
      }),
    );
  }

  /** True when no reporter is known: nobody can report anything. */
  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  /** @param nowMs milliseconds since 1970. */
  isGood({ keyId, signature, date }: ReportHeaders, body: Buffer, nowMs: number): boolean {
    const key = keyId === undefined ? undefined : this.keys.get(keyId);
    if (key === undefined || signature === undefined) return false;
    if (date !== undefined && !(Math.abs(Date.parse(date) - nowMs) <= freshMs)) return false;
    return verify('sha256', body, key, Buffer.from(signature, 'base64'));
  }
}

/** By which a report is known again: another signature over the same bytes makes no other report. */
export function reportDigest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
