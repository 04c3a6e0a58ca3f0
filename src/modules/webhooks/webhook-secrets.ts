import { Injectable } from '@nestjs/common';
import { randomBase62 } from '../../kernel/ids.js';
import { KeyRing, SealError, type SealContext } from '../../platform/secrets/key-ring.js';

const prefix = 'whsec_';

/** Makes, seals and opens the secrets that sign deliveries. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly keyRing: KeyRing) {}

  /** A new secret: 32 random characters behind its prefix, which are base64 of 24 bytes as Standard Webhooks asks. */
  make(): string {
    return prefix + randomBase62(32);
  }

  /** The secret as it is stored: it opens only in this record of this tenant. */
  seal(tenantId: string, webhookId: string, secret: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(secret, webhookSeal(tenantId, webhookId)));
  }

  /**
   * The former secrets that open. One whose key has left the ring is left out: the new secret, which is what mends that,
   * must be able to sign without it.
   */
  openFormer(tenantId: string, webhookId: string, sealed: readonly Uint8Array[]): string[] {
    return sealed.flatMap((each) => {
      try {
        return [this.open(tenantId, webhookId, each)];
      } catch (error) {
        if (error instanceof SealError) return [];
        throw error;
      }
    });
  }

  /** @throws SealError when its key has left the ring. */
  open(tenantId: string, webhookId: string, sealed: Uint8Array): string {
    return this.keyRing.open(sealed, webhookSeal(tenantId, webhookId));
  }
}

/** In which context the secrets of a webhook are sealed. */
export function webhookSeal(tenantId: string, webhookId: string): SealContext {
  return { tenantId, recordId: webhookId };
}
