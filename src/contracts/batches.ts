import { z } from 'zod';
import { wholeMetadata as metadata } from './conversations.js';
import { listQuery } from './lists.js';

/** The paths whose requests a batch may have, each with its row of the route table. */
export const batchEndpoints = {
  '/v1/chat/completions': 'chat.completions.create',
  '/v1/responses': 'responses.create',
  '/v1/completions': 'completions.create',
  '/v1/embeddings': 'embeddings.create',
  '/v1/moderations': 'moderations.create',
} as const;

export type BatchEndpoint = keyof typeof batchEndpoints;
export type BatchRoute = (typeof batchEndpoints)[BatchEndpoint];

/** Of a batch: so many requests, and so many bytes of input. */
export const batchBounds = {
  lines: 50_000,
  bytes: 200 * 1024 * 1024,
  customIdCharacters: 512,
  unfinishedOfTenant: 20,
  windowSeconds: 86_400,
  listedErrors: 100,
} as const;

export const batchStatuses = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;

export type BatchStatus = (typeof batchStatuses)[number];

/**
 * The endpoint that a path means, written like any base URL of the platform with its route behind: `/v1/embeddings`,
 * `/embeddings`, `/api/tenant/v1/embeddings`. Undefined for every other text.
 */
export function batchEndpointOf(path: string): BatchEndpoint | undefined {
  const [, route] = /^(?:\/api\/tenant)?(?:\/v1){0,2}(\/[a-z/]{1,40})$/.exec(path) ?? [];
  const endpoint = `/v1${route ?? ''}`;
  return isEndpoint(endpoint) ? endpoint : undefined;
}

function isEndpoint(text: string): text is BatchEndpoint {
  return Object.hasOwn(batchEndpoints, text);
}

const endpoint = z
  .string()
  .max(128)
  .transform((path, { addIssue }) => {
    const known = batchEndpointOf(path);
    if (known !== undefined) return known;
    addIssue({ code: 'custom', message: `must be one of ${Object.keys(batchEndpoints).join(', ')}`, input: path });
    return z.NEVER;
  })
  .describe(
    'The path of all requests of the batch: /v1/chat/completions, /v1/responses, /v1/completions, /v1/embeddings or /v1/moderations.',
  );

/** `POST /batches`. */
export const createBatchRequest = z
  .strictObject({
    input_file_id: z.string().min(1).max(128).describe('A file with the purpose batch: a request in JSON on each line.'),
    endpoint,
    completion_window: z.literal('24h').describe('How long its requests may wait and run.'),
    metadata: metadata.nullish().describe('At most 16 pairs of short texts.'),
    output_expires_after: z
      .strictObject({
        anchor: z.literal('created_at').describe('What the time is counted from.'),
        seconds: z.number().int().min(3600).max(2_592_000).describe('From an hour to 30 days.'),
      })
      .nullish()
      .describe('How long the files with the answers are kept, counted from when they are made.'),
  })
  .describe('A batch of requests.')
  .meta({ examples: [{ input_file_id: 'file-abc', endpoint: '/v1/chat/completions', completion_window: '24h' }] });

export type CreateBatchRequest = z.output<typeof createBatchRequest>;

export const listBatchesQuery = listQuery.omit({ before: true }).describe('Which batches a list shows.');

export type ListBatchesQuery = z.infer<typeof listBatchesQuery>;

const time = z.number().int().describe('In Unix seconds.');

/** Something that is wrong with the input of a batch. */
export const batchError = z.object({
  code: z.string(),
  line: z.number().int().nullable().describe('The number of the line, from 1 on.'),
  message: z.string(),
  param: z.string().nullable(),
});

export type BatchError = z.infer<typeof batchError>;

/** A batch as OpenAI shows it: what is not there yet is left out. */
export const batchObject = z
  .object({
    id: z.string(),
    object: z.literal('batch'),
    endpoint: z.string(),
    input_file_id: z.string(),
    completion_window: z.literal('24h'),
    status: z.enum(batchStatuses),
    errors: z
      .object({ object: z.literal('list'), data: z.array(batchError) })
      .optional()
      .describe('Why the batch has failed.'),
    output_file_id: z.string().optional().describe('The answers to the requests that went well.'),
    error_file_id: z.string().optional().describe('One line for each of the other requests.'),
    created_at: time,
    in_progress_at: time.optional(),
    expires_at: time.describe('The end of its window, in Unix seconds.'),
    finalizing_at: time.optional(),
    completed_at: time.optional(),
    failed_at: time.optional(),
    expired_at: time.optional(),
    cancelling_at: time.optional(),
    cancelled_at: time.optional(),
    request_counts: z.object({
      total: z.number().int(),
      completed: z.number().int(),
      failed: z.number().int(),
    }),
    usage: z
      .object({
        input_tokens: z.number().int(),
        input_tokens_details: z.object({ cached_tokens: z.number().int() }),
        output_tokens: z.number().int(),
        output_tokens_details: z.object({ reasoning_tokens: z.number().int() }),
        total_tokens: z.number().int(),
      })
      .describe('Tokens of the answers so far, as they tell them.'),
    metadata: z.record(z.string(), z.string()).nullable(),
  })
  .meta({ id: 'Batch', description: 'A batch of requests.' });

export type BatchObject = z.infer<typeof batchObject>;

export const batchList = z
  .object({
    object: z.literal('list'),
    data: z.array(batchObject),
    first_id: z.string().optional(),
    last_id: z.string().optional(),
    has_more: z.boolean(),
  })
  .describe('One page of batches. An empty one has no ids.');
