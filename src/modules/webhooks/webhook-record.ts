import type { Webhook, WebhookDelivery } from '../../platform/database/generated/client.js';

/** A webhook's row and the slug of its tenant. Its `secret` is sealed and never presented. */
export interface WebhookRecord extends Webhook {
  readonly tenant: { readonly slug: string };
  /** The former secret that signs longest; none when the present one signs alone. */
  readonly formerSecrets: readonly { readonly expiresAt: Date }[];
}

/** A webhook and the secret that was just made for it: the only time that anybody sees it. */
export interface WebhookWithSecret {
  readonly webhook: WebhookRecord;
  readonly secret: string;
}

/** One event for one webhook. */
export type DeliveryRecord = WebhookDelivery;

/** A delivery that this try has to itself until its lease is over, and where it goes. */
export interface ClaimedDelivery {
  readonly tenantId: string;
  readonly id: string;
  readonly webhookId: string;
  readonly event: string;
  readonly payload: unknown;
  /** The number of this try: every write of it names it, and a try that was overtaken writes nothing. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly url: string;
  /** Sealed. */
  readonly secret: Uint8Array;
  /** Sealed; those that sign beside it, the newest first. */
  readonly formerSecrets: readonly Uint8Array[];
}
