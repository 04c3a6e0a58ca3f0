import type { ZodType } from 'zod';
import { heldCallObject } from '../../contracts/approvals.js';
import { budgetObject } from '../../contracts/budgets.js';
import { keyEventObject } from '../../contracts/key-events.js';
import { fileObject } from '../../contracts/files.js';
import { eventObject, webhookEvents, type WebhookEvent } from '../../contracts/webhooks.js';
import type { OpenApiSchemas } from '../openapi-schemas.js';
import { exampleOf } from './example-of.js';
import type { Json } from './json.js';

/** What each event says, and of what. */
const meanings: Readonly<Record<WebhookEvent, readonly [summary: string, object: ZodType]>> = {
  'file.ready': ['A file was processed', fileObject],
  'file.failed': ['The processing of a file failed', fileObject],
  'budget.threshold_reached': ['The soft threshold of a budget was reached in a period', budgetObject],
  'budget.refused': ['A budget refused a call that needs more than is left in a period', budgetObject],
  'budget.used_up': ['A budget was used up in a period', budgetObject],
  'approval.requested': ['A call is held until somebody approves it', heldCallObject],
  'approval.decided': ['A held call was approved or rejected', heldCallObject],
  'key.expiring': ['A key ends soon', keyEventObject],
  'key.expired': ['A key has ended', keyEventObject],
  'key.leaked': ['A secret of a key was found somewhere public: the key is revoked', keyEventObject],
};

const header = (name: string, description: string, example: string): Json => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

const headers: readonly Json[] = [
  header('webhook-id', 'The same in every try for one event.', 'whd_4Hn2Zk8sQx1BvT6yLmW0cRaE'),
  header('webhook-timestamp', 'When this try was signed, in Unix seconds.', '1790000000'),
  header('webhook-signature', 'A signature for each secret, the newest first, in the form of Standard Webhooks.', 'v1,Zm9v'),
];

/** What the platform sends to the address of a webhook. */
export function webhooks(schemas: OpenApiSchemas): Json {
  const schema = schemas.of(eventObject, 'output');
  const made = (of: Json): object =>
    exampleOf(of, (reference) => (schemas.named[reference.split('/').at(-1) ?? ''] ?? {}) as Json) as object;
  const exampleFor = (type: WebhookEvent): object => {
    const [, object] = meanings[type];
    return { ...made(schema), type, data: { object: made(schemas.of(object, 'output')) } };
  };
  return Object.fromEntries(
    webhookEvents.map((type) => [
      type,
      {
        post: {
          operationId: `webhook.${type}`,
          summary: meanings[type][0],
          description:
            'Sent at least once. Any answer but 2xx within 10 seconds counts as failed, and the event is sent again later.',
          tags: ['admin: webhooks'],
          security: [],
          parameters: headers,
          requestBody: { required: true, content: { 'application/json': { schema, example: exampleFor(type) } } },
          responses: {
            '2XX': { description: 'The receiver has the event.' },
            '4XX': { description: 'The event is sent again later.' },
          },
        },
      },
    ]),
  );
}
