import type { RouteRow } from '../route-row.js';
import { ref, type Json } from './json.js';

const text = (description: string, example: string): Json => ({ description, schema: { type: 'string' }, example });
const number = (description: string, example: number): Json => ({ description, schema: { type: 'integer' }, example });

/** Every header that an answer may have and a client may read, by the name under which the document has it. */
const all = {
  'x-request-id': text(
    'The id that the caller gave in `X-Request-ID` when it is safe to repeat, else that of `x-gt-request-id`.',
    'req_9',
  ),
  'x-gt-request-id': text('The id of the request here: usage and logs have it.', 'req_4Hn2Zk8sQx1BvT6yLmW0cRaE'),
  'x-client-request-id': text('What the caller gave in `X-Client-Request-ID`; absent otherwise.', 'call-17'),
  'openai-version': text('The version of the OpenAI API that this one follows.', '2020-10-01'),
  'openai-processing-ms': number('How long the answer took until its head was sent, in milliseconds.', 412),
  'idempotent-replayed': text(
    '`true` when this is the kept answer of an earlier request with the same `Idempotency-Key`; absent otherwise.',
    'true',
  ),
  'retry-after': number('After how many seconds to try again.', 2),
  'retry-after-ms': number('The same in milliseconds, where it is known.', 2000),
  'x-should-retry': text('`false` where trying again cannot help. The SDKs of OpenAI obey it.', 'false'),
  'www-authenticate': text('How to sign in.', 'Bearer'),
  upgrade: text('What the connection must be upgraded to.', 'websocket'),
  'x-gt-conversation-id': text(
    'The conversation that the turn was stored in; absent when none was.',
    'conv_4Hn2Zk8sQx1BvT6yLmW0cRaE',
  ),
  'x-gt-parameters-left-out': text(
    'Parameters that the provider does not know and was not sent; absent when there are none.',
    'seed, logit_bias',
  ),
  'x-gt-tools-left-out': text(
    'Tools that the endpoint may not use and that were left out; absent when there are none.',
    'web_search',
  ),
  'x-gt-items-left-out': text(
    'Types of items that the provider does not know and was not sent; absent when there are none.',
    'reasoning',
  ),
  'x-gt-served-by': text("Which of the agent's models answered, where it has several: `0` is the first.", '0'),
  'x-gt-image-form': text(
    '`b64_json` when images come as bytes although addresses were asked for; absent otherwise.',
    'b64_json',
  ),
  'x-gt-estimated': text('`tokens` when the platform counted in the place of the provider; absent otherwise.', 'tokens'),
  'openai-poll-after-ms': number('When to ask again while the work is under way, in milliseconds.', 500),
  etag: text('Names this content.', '"5f70bf18a0860070"'),
  'accept-ranges': text('One range of bytes may be asked for.', 'bytes'),
  'content-range': text('Which bytes of how many the answer has.', 'bytes 0-1023/4096'),
  'content-disposition': text('The name of the file.', 'attachment; filename="report.pdf"'),
  'preference-applied': text('Which of the preferences of the request was heeded.', 'respond-async'),
  location: text('Where what was begun is asked for.', '/api/admin/v1/runbook-runs/rbrun_4Hn2Zk8sQx1BvT6yLmW0cRaE'),
} as const satisfies Record<string, Json>;

export type HeaderName = keyof typeof all;

/** For the document's shared parts. */
export const headerComponents: Readonly<Record<HeaderName, Json>> = all;

/** Headers of an answer, each a reference. */
export function headers(names: readonly HeaderName[]): Json {
  return Object.fromEntries(names.map((name) => [name, ref('headers', name)]));
}

/** What every answer has. */
export const everywhere: readonly HeaderName[] = ['x-request-id', 'x-gt-request-id', 'x-client-request-id'];

/** What every answer of the data plane has. */
export const onDataPlane: readonly HeaderName[] = [...everywhere, 'openai-version', 'openai-processing-ms'];

const contents: readonly HeaderName[] = ['etag', 'accept-ranges', 'content-disposition'];
const fallbackModalities: ReadonlySet<string> = new Set(['chat', 'speech', 'image', 'moderate']);

/** What the answer of success of one route may have. */
export function replyHeaders(id: string, row: RouteRow): readonly HeaderName[] {
  return [
    ...onDataPlane,
    ...(row.method === 'POST' ? (['idempotent-replayed'] as const) : []),
    ...inferenceHeaders(id, row),
    ...(id === 'files.content' ? contents : []),
    ...(polled.has(id) ? (['openai-poll-after-ms'] as const) : []),
  ];
}

function inferenceHeaders(id: string, { modality }: RouteRow): readonly HeaderName[] {
  if (modality === undefined) return [];
  const isTurn = id === 'chat.completions.create' || id.startsWith('responses.');
  return [
    ...(fallbackModalities.has(modality) ? (['x-gt-served-by'] as const) : []),
    ...(modality === 'chat' || modality === 'embed' ? (['x-gt-parameters-left-out'] as const) : []),
    ...(isTurn ? (['x-gt-conversation-id', 'x-gt-tools-left-out', 'x-gt-items-left-out'] as const) : []),
    ...(id === 'responses.input_tokens' ? (['x-gt-estimated'] as const) : []),
    ...(modality === 'image' ? (['x-gt-image-form'] as const) : []),
  ];
}

const polled: ReadonlySet<string> = new Set(['vector_stores.files.get', 'vector_stores.file_batches.get']);
