import { z } from 'zod';
import { heldCallObject } from './approvals.js';
import { budgetObject } from './budgets.js';
import { createdAt } from './times.js';
import { keyEventObject } from './key-events.js';
import { fileObject } from './files.js';
import { adminListQuery, listOf, tenantHint } from './lists.js';
import { overlapSeconds } from './overlap.js';

/** The events that a tenant can subscribe to. */
export const webhookEvents = [
  'file.ready',
  'file.failed',
  'budget.threshold_reached',
  'budget.refused',
  'budget.used_up',
  'approval.requested',
  'approval.decided',
  'key.expiring',
  'key.expired',
  'key.leaked',
] as const;

export type WebhookEvent = (typeof webhookEvents)[number];

/** A disabled webhook records no new events; events that are already waiting stay queued. */
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

const words = {
  url: 'The address that events are sent to.',
  events: 'What the receiver is told of.',
  state: 'A disabled webhook records no new events; events that are already waiting stay queued.',
};

export const createWebhookRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    url: url.describe(words.url),
    events: events.describe(words.events),
    state: z.enum(webhookStates).default('active').describe(words.state),
  })
  .describe('A webhook that is to be made.')
  .meta({ examples: [{ url: 'https://hooks.example.com/gt', events: ['file.ready'] }] });

export type CreateWebhookRequest = z.infer<typeof createWebhookRequest>;

export const updateWebhookRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    url: url.optional().describe(words.url),
    events: events.optional().describe(words.events),
    state: z.enum(webhookStates).optional().describe(words.state),
  })
  .describe('What changes in a webhook. Absent fields stay as they are.')
  .meta({ examples: [{ state: 'disabled' }] });

export type UpdateWebhookRequest = z.infer<typeof updateWebhookRequest>;

/** A day: enough for a person to put the new secret into a receiver. */
const defaultOverlapSeconds = 86_400;

export const rotateWebhookRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    overlap_seconds: overlapSeconds(defaultOverlapSeconds),
  })
  .describe('Gives a webhook a new secret.');

export const listWebhooksQuery = adminListQuery
  .extend({
    url: z.string().max(2048).optional().describe('Only the webhook of this address.'),
    state: z.enum(webhookStates).optional().describe('Only webhooks in this state.'),
  })
  .describe('Which webhooks a list shows.');

export type ListWebhooksQuery = z.infer<typeof listWebhooksQuery>;

export const listDeliveriesQuery = adminListQuery
  .extend({
    type: z.enum(webhookEvents).optional().describe('Only deliveries of this event.'),
    state: z.enum(deliveryStates).optional().describe('Only deliveries in this state.'),
  })
  .describe('Which deliveries a list shows.');

export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;

/** A webhook as it is shown. Its secret is not among what is shown. */
export const webhookObject = z
  .object({
    object: z.literal('webhook'),
    id: z.string(),
    tenant: z.string(),
    url: z.string(),
    events: z.array(z.enum(webhookEvents)),
    state: z.enum(webhookStates),
    overlap_ends_at: z
      .number()
      .int()
      .nullable()
      .describe('Until when former secrets sign too, in Unix seconds; null when the present one signs alone.'),
    created_at: createdAt,
  })
  .meta({ id: 'Webhook', description: 'A webhook, without its secret.' });

export type WebhookObject = z.infer<typeof webhookObject>;

/** The one answer that holds the secret: of a creation and of a rotation. */
export const webhookWithSecretObject = webhookObject
  .extend({ secret: z.string().describe('The signing secret. It is shown this once.') })
  .meta({ id: 'WebhookWithSecret', description: 'A webhook with its secret: after its creation and after a rotation.' });

export type WebhookWithSecretObject = z.infer<typeof webhookWithSecretObject>;

/** What an event is about: the file, budget or held call as it stood when the event came to be. */
export const eventData = z
  .object({ object: z.discriminatedUnion('object', [fileObject, budgetObject, heldCallObject, keyEventObject]) })
  .describe(
    'What an event is about: the file, budget or held call as it was when the event occurred, or what happened to a key.',
  );

export type EventData = z.infer<typeof eventData>;

/** The body of a delivery. Times are in Unix seconds; `id` is the same in every try, so that a receiver knows a second one. */
export const eventObject = z
  .object({
    id: z.string().describe('The same in every try, so that a receiver knows a second one.'),
    object: z.literal('event'),
    type: z.enum(webhookEvents),
    created_at: createdAt,
    data: eventData,
  })
  .describe('The body of a delivery.');

export type EventObject = z.infer<typeof eventObject>;

/** How far the telling of one event has come. Of the receiver's answer only its status is kept. */
export const deliveryObject = z
  .object({
    object: z.literal('webhook_delivery'),
    id: z.string(),
    webhook: z.string().describe('The id of the webhook.'),
    type: z.enum(webhookEvents),
    state: z.enum(deliveryStates),
    attempts: z.number().int().describe('How many tries there were.'),
    last_status: z
      .number()
      .int()
      .nullable()
      .describe('The HTTP status of the last answer; null when there was none: no connection, a redirect, or no answer in time.'),
    next_attempt_at: z.number().int().nullable().describe('When the next try is due, in Unix seconds; null when there is none.'),
    created_at: createdAt,
    data: eventData,
  })
  .describe("One event on its way to one webhook. Of the receiver's answer only the status is kept.");

export type DeliveryObject = z.infer<typeof deliveryObject>;

export const webhookList = listOf(webhookObject);
export const deliveryList = listOf(deliveryObject);
