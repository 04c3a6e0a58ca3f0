import type { ZodType } from 'zod';
import type { OpenApiSchemas } from '../openapi-schemas.js';
import { pathParametersOf } from '../path-parameters.js';
import type { RouteRow } from '../route-row.js';
import { exampleId } from './example-words.js';
import { ref, type Json } from './json.js';

const header = (name: string, description: string, example: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', minLength: 1 },
  example,
});

/** Headers of requests, by the name under which the document has them. */
const requestHeaders = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'The same request under the same key is answered again for 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
    example: 'order-4711',
  },
  prefer: {
    name: 'Prefer',
    in: 'header',
    required: false,
    description: '`respond-async`: a call that is held until it is approved is answered 202 with the approval, and not 403.',
    schema: { type: 'string' },
    example: 'respond-async',
  },
  'x-request-id': {
    name: 'X-Request-ID',
    in: 'header',
    required: false,
    description: 'An id of your own: the answer has it in `x-request-id`. Ids of other forms are passed over.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
    example: 'call-17',
  },
  'x-openclaw-agent-id': header('X-OpenClaw-Agent-Id', 'A published name. It takes precedence over `model`.', 'support'),
  'x-gt-model': header(
    'X-GT-Model',
    'Asks another model than that of the agent, with the scope `inference:override`: `<model>` on its connection, or `<connection>/<model>`.',
    'gpt-5-mini',
  ),
  'x-openclaw-model': {
    ...header('X-OpenClaw-Model', 'Another spelling of `X-GT-Model`, of clients of OpenClaw.', 'gpt-5-mini'),
    deprecated: true,
  },
  'x-gt-session-key': header('X-GT-Session-Key', 'A stable session of this name, where the agent has sessions on.', 'visitor-7'),
  'x-openclaw-session-key': {
    ...header('X-OpenClaw-Session-Key', 'Another spelling of `X-GT-Session-Key`, of clients of OpenClaw.', 'visitor-7'),
    deprecated: true,
  },
  'x-openclaw-message-channel': header(
    'X-OpenClaw-Message-Channel',
    'Where the message comes from. It is only logged.',
    'telegram',
  ),
  'x-gt-conversation-id': header(
    'X-GT-Conversation-Id',
    'The conversation that this belongs to: an id `conv_…`, or a name of your own.',
    exampleId('conversation'),
  ),
  range: header('Range', 'One range of bytes of the content.', 'bytes=0-1023'),
  'if-range': header(
    'If-Range',
    'The `etag` for which the range counts; of another content all of it is answered.',
    '"5f70bf18a0860070"',
  ),
} as const satisfies Record<string, Json>;

type RequestHeader = keyof typeof requestHeaders;

/** For the document's shared parts. */
export const parameterComponents: Readonly<Record<RequestHeader, Json>> = requestHeaders;

/** The parameters of a route of the data plane: of its path, its query and its headers. */
export function tenantParameters(schemas: OpenApiSchemas, id: string, row: RouteRow): Json[] {
  return [
    ...pathParameters(row.path),
    ...queryParameters(schemas, row.query),
    ...headersOf(id, row).map((name) => ref('parameters', name)),
  ];
}

/** The same of the admin plane. */
export function adminParameters(
  schemas: OpenApiSchemas,
  { path, query }: { readonly path: string; readonly query?: ZodType },
): Json[] {
  return [...pathParameters(path), ...queryParameters(schemas, query), ref('parameters', 'x-request-id')];
}

function headersOf(id: string, { method, modality, access, isSocket }: RouteRow): readonly RequestHeader[] {
  const takesTurns = id === 'chat.completions.create' || id === 'responses.create';
  return [
    ...(method === 'POST' ? (['idempotency-key'] as const) : []),
    ...(access === 'X' && isSocket !== true ? (['prefer'] as const) : []),
    ...(modality === undefined
      ? []
      : (['x-openclaw-agent-id', 'x-gt-model', 'x-openclaw-model', 'x-openclaw-message-channel'] as const)),
    ...(takesTurns ? (['x-gt-session-key', 'x-openclaw-session-key'] as const) : []),
    ...(takesTurns || id === 'conversations.files.create' ? (['x-gt-conversation-id'] as const) : []),
    ...(id === 'files.content' ? (['range', 'if-range'] as const) : []),
    'x-request-id',
  ];
}

/** Ids that stand in paths, by the name of the parameter. */
const ids: Readonly<Record<string, string>> = {
  model: 'support',
  completion_id: 'chatcmpl-4Hn2Zk8sQx1BvT6yLmW0cRaE',
  response_id: exampleId('response'),
  conversation_id: exampleId('conversation'),
  item_id: exampleId('message'),
  dataset_id: 'handbook',
  file_id: exampleId('file'),
  upload_id: exampleId('upload'),
  batch_id: exampleId('batch'),
  vector_store_id: exampleId('vectorStore'),
  fine_tuning_job_id: exampleId('fineTuningJob'),
  approval_id: exampleId('approval'),
};

/** What stands in a path in the place of a parameter. */
export function pathExample(name: string): string {
  return ids[name] ?? 'support';
}

function pathParameters(path: string): Json[] {
  return Object.entries(pathParametersOf(path)).map(([name, { description, ...schema }]) => ({
    name,
    in: 'path',
    required: true,
    description: description ?? 'The id of the object, or its name where it has one.',
    schema,
    example: pathExample(name),
  }));
}

function queryParameters(schemas: OpenApiSchemas, query: ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(query, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema,
  }));
}
