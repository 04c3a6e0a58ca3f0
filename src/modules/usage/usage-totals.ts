import { Prisma } from '../../platform/database/generated/client.js';
import type { AmountTotals } from './usage-amounts.js';
import type { UsageFilter } from './usage-filter.js';
import { partsSql, subtotals } from './usage-parts.js';

export interface UsageTotals {
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly audioMs: number;
  readonly inputCharacters: number;
  readonly images: number;
  /** By currency, of the calls that have a price. */
  readonly amounts: readonly AmountTotals[];
}

/**
 * The totals of rows of subtotals, of which there is one for each currency. Sums pass 32 bits soon; as float8 they are exact to
 * 9 * 10^15.
 */
export const totals = Prisma.sql`
  coalesce(sum(calls), 0)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens",
  coalesce(sum(cache_write_tokens), 0)::float8 as "cacheWriteTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens", coalesce(sum(total_tokens), 0)::float8 as "totalTokens",
  coalesce(sum(audio_ms), 0)::float8 as "audioMs", coalesce(sum(input_characters), 0)::float8 as "inputCharacters",
  coalesce(sum(images), 0)::float8 as images,
  coalesce(json_agg(json_build_object('currency', currency, 'calls', calls, 'cost', cost, 'charge', charge) order by currency)
             filter (where currency <> '' and calls <> 0), '[]') as amounts`;

/** The sums over all calls of a filter, with those of their amounts by currency, in one statement. */
export function totalsSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean): Prisma.Sql {
  const parts = partsSql(tenantId, filter, hasUnmoved, { columns: () => Prisma.sql`tenant_id` });
  return Prisma.sql`select ${totals} from (select currency, ${subtotals} from (${parts}) parts group by 1) by_currency`;
}
