import { eventObject, webhookEvents, type WebhookEvent } from '../../contracts/webhooks.js';
import type { OpenApiSchemas } from '../openapi-schemas.js';
import { exampleOf } from './example-of.js';
import type { Json } from './json.js';

const meanings: Readonly<Record<WebhookEvent, string>> = {
  'file.ready': 'A file was processed',
  'file.failed': 'The processing of a file failed',
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
  const example = exampleOf(schema, (reference) => (schemas.named[reference.split('/').at(-1) ?? ''] ?? {}) as Json) as object;
  return Object.fromEntries(
    webhookEvents.map((type) => [
      type,
      {
        post: {
          operationId: `webhook.${type}`,
          summary: meanings[type],
          description:
            'Sent at least once. Any answer but 2xx within 10 seconds counts as failed, and the event is sent again later.',
          tags: ['admin: webhooks'],
          security: [],
          parameters: headers,
          requestBody: { required: true, content: { 'application/json': { schema, example: { ...example, type } } } },
          responses: {
            '2XX': { description: 'The receiver has the event.' },
            '4XX': { description: 'The event is sent again later.' },
          },
        },
      },
    ]),
  );
}
