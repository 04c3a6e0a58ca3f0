import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyRing, SealError, type SealContext } from '../../../platform/secrets/key-ring.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';

/** Somebody on the way to the tenant's own sign-in and back. It stands, sealed, in a cookie of the browser that began. */
const oidcAttempt = z.object({
  tenantId: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  /** The hash of the link by which a member comes in this way for the first time. */
  linkHash: z.string().nullable(),
  endsAtMs: z.number(),
});

export type OidcAttempt = z.infer<typeof oidcAttempt>;

/** An attempt belongs to no row: it is bound to this name. */
const ofAttempts = { tenantId: '', recordId: 'oidc:attempt' };

/** In which context the client secret of a tenant's own sign-in is sealed. */
export function oidcSeal(tenantId: string): SealContext {
  return { tenantId, recordId: 'oidc:client-secret' };
}

/** Seals what the own sign-in of a tenant keeps, each kind so that it opens as nothing else. */
@Injectable()
export class OidcSecrets {
  constructor(private readonly ring: KeyRing) {}

  sealSecret(tenantId: string, secret: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.ring.seal(secret, oidcSeal(tenantId)));
  }

  /** @throws SealError when its key has left the ring. */
  openSecret(tenantId: string, sealed: Uint8Array | null): string | null {
    return sealed === null ? null : this.ring.open(sealed, oidcSeal(tenantId));
  }

  sealAttempt(attempt: OidcAttempt): string {
    return this.ring.seal(JSON.stringify(attempt), ofAttempts).toString('base64url');
  }

  /** The attempt that a cookie holds; undefined for any other text, and once its time is over. */
  openAttempt(text: string): OidcAttempt | undefined {
    try {
      const { data } = oidcAttempt.safeParse(parsedOrUndefined(this.ring.open(Buffer.from(text, 'base64url'), ofAttempts)));
      return data !== undefined && data.endsAtMs > Date.now() ? data : undefined;
    } catch (error) {
      if (error instanceof SealError) return undefined;
      throw error;
    }
  }
}
