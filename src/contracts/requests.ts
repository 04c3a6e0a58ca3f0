import { z } from 'zod';
import { callFilters } from './call-filters.js';
import { adminListQuery, tenantQuery } from './lists.js';
import { queryTime, timeForms } from './times.js';
import { adminUsageObject } from './usage.js';

const count = z.number().int().min(0);

const requestFilters = {
  ...callFilters,
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/, { error: 'must be a status like 404, or a class of them like 4xx' })
    .optional()
    .describe('Only calls that were answered with this status, such as 404, or with one of a class, such as 4xx.'),
  error_code: z.string().min(1).max(64).optional().describe('Only calls that were answered with this error code.'),
  address: z.string().min(1).max(64).optional().describe('Only calls from this client address.'),
};

/** `GET /requests`: a tenant's calls, refusals included, each field narrowing them. */
export const listRequestsQuery = adminListQuery
  .extend({
    ...requestFilters,
    since: queryTime.describe(`Only calls that came then or later: ${timeForms}.`),
    until: queryTime.describe(`Only calls that came before: ${timeForms}.`),
    request: z.string().min(1).max(128).optional().describe('Only the call with this request id.'),
  })
  .describe('Which calls of a tenant a list shows, the newest first.');

export type ListRequestsQuery = z.infer<typeof listRequestsQuery>;

/** `GET /requests/tail`: the same calls as they are logged. */
export const tailRequestsQuery = tenantQuery
  .extend(requestFilters)
  .describe('Which calls of a tenant are told as they are logged.');

export type TailRequestsQuery = z.infer<typeof tailRequestsQuery>;

/** One call of a key, whatever became of it. Times are in milliseconds, `created_at` in Unix seconds. */
export const requestObject = z
  .object({
    object: z.literal('request'),
    id: z.string().describe('The id of the request, which its usage records, the audit and the logs have too.'),
    created_at: count.describe('When the call came, in Unix seconds.'),
    key: z.string().describe('The id of the key.'),
    key_name: z.string().nullable().describe('The name that the key has now; null when it is deleted.'),
    method: z.string(),
    route: z.string(),
    endpoint: z.string().nullable().describe('The published name that was called; null where none was, or it was not found.'),
    status: count.describe('The HTTP status that the client got; 499 where it left before an answer began.'),
    error_code: z.string().nullable().describe('The code of the error that was answered; null where there was none.'),
    aborted: z.boolean().describe('Whether the client left before the end of the answer.'),
    latency_ms: count.describe('From the arrival of the call to the end of the answer, in milliseconds.'),
    first_token_ms: count.nullable().describe('Until the first token of a stream, in milliseconds; null when there was none.'),
    input_tokens: count,
    output_tokens: count,
    total_tokens: count.describe('Of all calls to providers that were made for it.'),
    cost: count
      .nullable()
      .describe(
        'What providers take, in micro-units of the currency; null where no price says, and where there are several currencies.',
      ),
    charge: count.nullable().describe('What the tenant is charged, likewise.'),
    currency: z.string().nullable().describe('The currency of the amounts, as ISO 4217 has it; null where there are none.'),
    client_address: z.string().describe('Where the call came from.'),
    client_agent: z.string().nullable().describe('What the client says that it is, up to 200 characters of it.'),
    count: count.describe(
      'How many calls it stands for: refusals of one key beyond ten in a second are one row for each reason, which shows the first of them.',
    ),
  })
  .meta({ id: 'Request', description: 'One call of a key, whatever became of it.' });

const timelineStep = z
  .object({
    step: z.enum(['arrived', 'let_in', 'sent', 'first_token', 'ended']),
    at_ms: count.describe('From the arrival on, in milliseconds.'),
  })
  .meta({
    id: 'RequestStep',
    description: 'A step of a call: it was let in by the limits, sent to a provider first, got its first token, or ended.',
  });

/** The same by itself, with its steps and its calls to providers. */
export const requestDetails = requestObject
  .extend({
    timeline: z.array(timelineStep).describe('The steps that it came to, in their order.'),
    calls: z.array(adminUsageObject).describe('Its calls to providers, the first try first.'),
  })
  .meta({ id: 'RequestDetails', description: 'One call of a key, with its steps and its calls to providers.' });

/** What `GET /requests/tail` says when more calls are logged than it tells. */
export const skippedRequests = z
  .object({
    object: z.literal('requests_skipped'),
    count: count.describe('How many rows of the log were not told. A list shows them.'),
  })
  .meta({ id: 'SkippedRequests', description: 'More calls were logged than are told one by one.' });

const keptBody = z
  .object({
    text: z.string().nullable().describe('Its beginning, redacted; null where it is left out.'),
    bytes: count.describe('How long the body was.'),
    cut: z.boolean().describe('Whether the body was longer than the 65,536 bytes that are kept.'),
    left_out: z
      .enum(['no_text', 'restored_values'])
      .nullable()
      .describe('Why there is no text: it was none (sound, images), or masked values were put back in its events.'),
  })
  .meta({ id: 'KeptBody', description: 'What is kept of a body.' });

/** `GET /requests/{id}/bodies`: what a client sent and what it was answered. */
export const requestBodies = z
  .object({
    object: z.literal('request_bodies'),
    id: z.string().describe('The id of the request.'),
    request: keptBody.describe('What the client sent. Forms are not kept.'),
    answer: keptBody.describe('What it was answered.'),
  })
  .meta({ id: 'RequestBodies', description: 'The bodies of a call, of a tenant that keeps them.' });

export type RequestBodiesObject = z.infer<typeof requestBodies>;
export type RequestObject = z.infer<typeof requestObject>;
export type RequestDetails = z.infer<typeof requestDetails>;
