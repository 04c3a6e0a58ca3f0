import { z } from 'zod';
import { fileObject } from './files.js';
import { adminListQuery, listOf } from './lists.js';
import { overlapSeconds } from './overlap.js';

/** What a tenant can be told of. */
export const webhookEvents = ['file.ready', 'file.failed'] as const;

export type WebhookEvent = (typeof webhookEvents)[number];

/** A disabled webhook records no new events; what already waits for it goes on waiting. */
export const webhookStates = ['active', 'disabled'] as const;

export type WebhookState = (typeof webhookStates)[number];

/** `pending` until a receiver answered 2xx, or until the tries are used up. */
export const deliveryStates = ['pending', 'delivered', 'failed'] as const;

export type DeliveryState = (typeof deliveryStates)[number];

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2048);

const events = z
  .array(z.enum(webhookEvents))
  .min(1, 'must name at least one event')
  .max(16)
  .transform((names) => webhookEvents.filter((event) => names.includes(event)));

export const createWebhookRequest = z.strictObject({
  tenant: z.string().optional(),
  url,
  events,
  state: z.enum(webhookStates).default('active'),
});

export type CreateWebhookRequest = z.infer<typeof createWebhookRequest>;

export const updateWebhookRequest = z.strictObject({
  tenant: z.string().optional(),
  url: url.optional(),
  events: events.optional(),
  state: z.enum(webhookStates).optional(),
});

export type UpdateWebhookRequest = z.infer<typeof updateWebhookRequest>;

/** A day: enough for a person to put the new secret into a receiver. */
const defaultOverlapSeconds = 86_400;

export const rotateWebhookRequest = z.strictObject({
  tenant: z.string().optional(),
  overlap_seconds: overlapSeconds(defaultOverlapSeconds),
});

export const listWebhooksQuery = adminListQuery.extend({
  url: z.string().max(2048).optional(),
  state: z.enum(webhookStates).optional(),
});

export type ListWebhooksQuery = z.infer<typeof listWebhooksQuery>;

export const listDeliveriesQuery = adminListQuery.extend({
  type: z.enum(webhookEvents).optional(),
  state: z.enum(deliveryStates).optional(),
});

export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;

/** A webhook as it is shown. Its secret is not among what is shown. */
export const webhookObject = z.object({
  object: z.literal('webhook'),
  id: z.string(),
  tenant: z.string(),
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  state: z.enum(webhookStates),
  /** Until when former secrets sign, too; null when the present one signs alone. */
  overlap_ends_at: z.number().int().nullable(),
  created_at: z.number().int(),
});

export type WebhookObject = z.infer<typeof webhookObject>;

/** The one answer that holds the secret: of a creation and of a rotation. */
export const webhookWithSecretObject = webhookObject.extend({ secret: z.string() });

export type WebhookWithSecretObject = z.infer<typeof webhookWithSecretObject>;

/** What an event is about: the file as it stood when the event came to be. */
export const eventData = z.object({ object: fileObject });

export type EventData = z.infer<typeof eventData>;

/** The body of a delivery. Times are in Unix seconds; `id` is the same in every try, so that a receiver knows a second one. */
export const eventObject = z.object({
  id: z.string(),
  object: z.literal('event'),
  type: z.enum(webhookEvents),
  created_at: z.number().int(),
  data: eventData,
});

export type EventObject = z.infer<typeof eventObject>;

/** How far the telling of one event has come. Of the receiver's answer only its status is kept. */
export const deliveryObject = z.object({
  object: z.literal('webhook_delivery'),
  id: z.string(),
  webhook: z.string(),
  type: z.enum(webhookEvents),
  state: z.enum(deliveryStates),
  attempts: z.number().int(),
  /** The status of the last answer; null when there was none: no connection, a redirect, or no answer in time. */
  last_status: z.number().int().nullable(),
  /** Null when there will be none. */
  next_attempt_at: z.number().int().nullable(),
  created_at: z.number().int(),
  data: eventData,
});

export type DeliveryObject = z.infer<typeof deliveryObject>;

export const webhookList = listOf(webhookObject);
export const deliveryList = listOf(deliveryObject);
