import { z } from 'zod';
import { callFilters } from './call-filters.js';
import { listOf, listQuery, tenantHint } from './lists.js';
import { queryTime, timeForms, timeZoneName } from './times.js';

export const usageStates = ['completed', 'client_closed', 'upstream_failed', 'interrupted'] as const;
export const tokenSources = ['upstream', 'counted', 'none'] as const;

/** `GET /usage` of a key: calls that began at `since` or later and before `until`; newest first. */
export const listUsageQuery = listQuery
  .extend({
    since: queryTime.describe(`Only calls that began then or later: ${timeForms}.`),
    until: queryTime.describe(`Only calls that began before: ${timeForms}.`),
  })
  .describe('Which calls a list shows, the newest first.');

/** The same on the admin plane: one tenant's calls, each field narrowing them. */
export const listAdminUsageQuery = listUsageQuery
  .extend({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    ...callFilters,
    state: z.enum(usageStates).optional().describe('Only calls that ended like this.'),
  })
  .describe('Which calls of a tenant a list shows, the newest first.');

export type ListUsageQuery = z.infer<typeof listUsageQuery>;
export type ListAdminUsageQuery = z.infer<typeof listAdminUsageQuery>;

const count = z.number().int().min(0);
const seconds = z.number().min(0);

/** One call that reached a provider (contract section 10). Times are in milliseconds, `created_at` in Unix seconds. */
export const usageObject = z
  .object({
    object: z.literal('usage'),
    id: z.string(),
    request_id: z.string(),
    created_at: count.describe('When the call began, in Unix seconds.'),
    key: z.string().describe('The id of the key.'),
    route: z.string(),
    endpoint: z.string(),
    status: count.describe('The HTTP status that the client got.'),
    state: z.enum(usageStates),
    source: z.enum(tokenSources).describe('Whether the provider reported the tokens or the platform counted them.'),
    stream: z.boolean(),
    input_tokens: count,
    cached_input_tokens: count.describe("Those of input_tokens that were read from the provider's cache."),
    cache_write_tokens: count.describe('Those of input_tokens that were written to it.'),
    output_tokens: count,
    reasoning_tokens: count,
    total_tokens: count,
    latency_ms: count.describe('From the beginning of the call to its end, in milliseconds.'),
    first_token_ms: count.nullable().describe('Until the first token of a stream, in milliseconds; null when there was none.'),
    audio_seconds: seconds.nullable().describe('How long the sound was that was read, in seconds; null where there was none.'),
    input_characters: count.nullable().describe('Characters of the text that was spoken; null where none was.'),
    images: count.nullable().describe('How many images were made; null where none were.'),
    image_size: z.string().nullable().describe('The size of the images, such as 1024x1024; null where it is not known.'),
    charge: count.nullable().describe('What the tenant is charged, in micro-units of the currency; null where no price says.'),
    currency: z.string().nullable().describe('The currency of the amounts, as ISO 4217 has it; null where there are none.'),
  })
  .meta({ id: 'Usage', description: 'One call that reached a provider.' });

/** The same as the admin plane shows it. Clients are told no providers, so none of this stands in `usageObject`. */
export const adminUsageObject = usageObject
  .extend({
    key_name: z.string().nullable().describe('The name that the key has now; null when it is deleted.'),
    connection: z.string().nullable().describe('The name of the connection that was called; null when it is deleted.'),
    model: z.string().describe("The provider's own name of the model that was called."),
    upstream_status: count
      .nullable()
      .describe("The provider's own HTTP status; null when it gave none: it could not be reached, or did not answer in time."),
    provider_batch: z.boolean().describe('Whether it was made in a batch of the provider, where prices differ.'),
    cost: count.nullable().describe('What the provider takes, in micro-units of the currency; null where no price says.'),
  })
  .meta({ id: 'AdminUsage', description: 'One call that reached a provider, with who was asked and what was answered.' });

const clientAmount = z
  .object({
    currency: z.string().describe('As ISO 4217 has it.'),
    calls: count.describe('How many calls have a price in it.'),
    charge: count.describe('What the tenant is charged for them, in micro-units of the currency.'),
  })
  .meta({ id: 'UsageCharge', description: 'What calls in one currency add up to.' });

/** What calls in one currency add up to, as people see it. */
const usageAmount = clientAmount
  .extend({ cost: count.describe('What their providers take, in micro-units of the currency.') })
  .meta({ id: 'UsageAmount', description: 'What calls in one currency add up to, with what their providers take.' });

/** Sums over everything that the filter holds, not over one page. */
export const usageTotals = z
  .object({
    calls: count,
    input_tokens: count,
    cached_input_tokens: count.describe("Those of input_tokens that were read from the provider's cache."),
    cache_write_tokens: count.describe('Those of input_tokens that were written to it.'),
    output_tokens: count,
    reasoning_tokens: count,
    total_tokens: count,
    audio_seconds: seconds,
    input_characters: count,
    images: count,
    unpriced_calls: count.describe('How many of the calls have no price: they are in no amount.'),
    amounts: z.array(clientAmount).describe('By currency, the calls that have a price.'),
  })
  .describe('Sums over everything that the filter holds, not over one page.');

export const usageList = listOf(usageObject)
  .extend({ totals: usageTotals })
  .describe('A page of calls, and the sums over all of them.');

/** The same as people see them. */
export const adminUsageTotals = usageTotals.extend({
  amounts: z.array(usageAmount).describe('By currency, the calls that have a price.'),
});

export const adminUsageList = listOf(adminUsageObject)
  .extend({ totals: adminUsageTotals })
  .describe("A page of a tenant's calls, and the sums over all of them.");

/** By what calls are put together; `member` is who made the key. */
export const usageDimensions = ['day', 'hour', 'key', 'endpoint', 'route', 'state', 'model', 'member'] as const;
export type UsageDimension = (typeof usageDimensions)[number];

/** `GET /usage/groups`: the calls of `GET /usage`, put together by one of what they have in common. */
export const usageGroupsQuery = listAdminUsageQuery
  .extend({
    by: z.enum(usageDimensions).default('day').describe('What the calls of a group have in common; member is who made the key.'),
    time_zone: timeZoneName.default('UTC').describe('Whose days they are, by its IANA name. It matters for days alone.'),
    order: z
      .enum(['asc', 'desc'])
      .default('desc')
      .describe('By id, as texts are compared: of days and hours, desc shows the newest first.'),
    after: z.string().max(128).optional().describe('The id of a group: the page begins behind it.'),
    before: z.string().max(128).optional().describe('The id of a group: the page ends before it. Not together with after.'),
  })
  .describe('Which calls of a tenant are put together, and by what.');

export const usageGroup = adminUsageTotals
  .extend({
    object: z.literal('usage_group'),
    id: z
      .string()
      .describe(
        'What its calls have in common: a day like 2027-01-31, an hour like 2027-01-31T08:00:00Z, or the key, name, route, state, model or member.',
      ),
    name: z
      .string()
      .nullable()
      .describe(
        'Of a key the name that it has now, of a member the email address; null when it is gone, and of all other groups.',
      ),
  })
  .meta({ id: 'UsageGroup', description: 'What calls that have one thing in common add up to.' });

export const usageGroupList = listOf(usageGroup)
  .extend({ totals: adminUsageTotals })
  .describe('A page of groups, and the sums over all of them.');

export type UsageGroupsQuery = z.infer<typeof usageGroupsQuery>;
export type UsageGroupList = z.infer<typeof usageGroupList>;
export type UsageObject = z.infer<typeof usageObject>;
export type UsageList = z.infer<typeof usageList>;
export type AdminUsageObject = z.infer<typeof adminUsageObject>;
export type AdminUsageTotals = z.infer<typeof adminUsageTotals>;
export type AdminUsageList = z.infer<typeof adminUsageList>;
