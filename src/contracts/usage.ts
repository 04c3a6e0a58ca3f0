import { z } from 'zod';
import { listOf, listQuery } from './lists.js';
import { dateText, lastSecond, timeForms } from './times.js';

export const usageStates = ['completed', 'client_closed', 'upstream_failed', 'interrupted'] as const;
export const tokenSources = ['upstream', 'counted', 'none'] as const;

const time = z
  .union([z.coerce.number().int().min(0).max(lastSecond), dateText], { error: `must be ${timeForms}` })
  .describe(timeForms)
  .optional();

/** `GET /usage` of a key: calls that began at `since` or later and before `until`; newest first. */
export const listUsageQuery = listQuery.extend({ since: time, until: time });

/** The same on the admin plane: one tenant's calls, each field narrowing them. `key` is the key's id. */
export const listAdminUsageQuery = listUsageQuery.extend({
  tenant: z.string().min(1).max(128).optional(),
  key: z.string().min(1).max(128).optional(),
  endpoint: z.string().min(1).max(128).optional(),
  route: z.string().min(1).max(128).optional(),
  state: z.enum(usageStates).optional(),
});

export type ListUsageQuery = z.infer<typeof listUsageQuery>;
export type ListAdminUsageQuery = z.infer<typeof listAdminUsageQuery>;

const count = z.number().int().min(0);

/** One call that reached a provider (contract section 10). Times are in milliseconds, `created_at` in Unix seconds. */
export const usageObject = z.object({
  object: z.literal('usage'),
  id: z.string(),
  request_id: z.string(),
  created_at: count,
  key: z.string(),
  route: z.string(),
  endpoint: z.string(),
  status: count,
  state: z.enum(usageStates),
  source: z.enum(tokenSources),
  stream: z.boolean(),
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  total_tokens: count,
  latency_ms: count,
  first_token_ms: count.nullable(),
});

/** Sums over everything that the filter holds, not over one page. */
export const usageTotals = z.object({
  calls: count,
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  total_tokens: count,
});

export const usageList = listOf(usageObject).extend({ totals: usageTotals });

export type UsageObject = z.infer<typeof usageObject>;
export type UsageList = z.infer<typeof usageList>;
