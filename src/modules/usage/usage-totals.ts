import { Prisma } from '../../platform/database/generated/client.js';
import { amountSums, type AmountTotals } from './usage-amounts.js';
import type { UsageFilter } from './usage-filter.js';
import { partsSql, type Sums } from './usage-parts.js';

export interface UsageTotals {
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly audioMs: number;
  readonly inputCharacters: number;
  readonly images: number;
  /** By currency, of the calls that have a price. */
  readonly amounts: readonly AmountTotals[];
}

/** Calls and what they took. */
export const callSums: Sums = {
  tables: [Prisma.sql`usage_hours`, Prisma.sql`usage_hours_open`],
  stored: Prisma.sql`
    key_id, endpoint, calls, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
    total_tokens, audio_ms, input_characters, images`,
  counted: Prisma.sql`
    key_id, endpoint, 1::bigint as calls, input_tokens::bigint, cached_input_tokens::bigint, output_tokens::bigint,
    reasoning_tokens::bigint, total_tokens::bigint, audio_ms::bigint, input_characters::bigint, images::bigint`,
  having: Prisma.sql`true`,
};

/** Sums pass 32 bits soon; as float8 they are exact to 9 * 10^15. */
export const sums = Prisma.sql`
  coalesce(sum(calls), 0)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens", coalesce(sum(total_tokens), 0)::float8 as "totalTokens",
  coalesce(sum(audio_ms), 0)::float8 as "audioMs", coalesce(sum(input_characters), 0)::float8 as "inputCharacters",
  coalesce(sum(images), 0)::float8 as images`;

/** The sums of priced rows by currency, as JSON. */
export function amountsOf(priced: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select coalesce(json_agg(json_build_object('currency', currency, 'calls', calls, 'cost', cost, 'charge', charge) order by currency), '[]')
      from (select currency, sum(calls) as calls, sum(cost) as cost, sum(charge) as charge
              from (${priced}) priced group by currency having sum(calls) <> 0) by_currency`;
}

/** The sums over all calls of a filter, with those of their amounts by currency, in one statement. */
export function totalsSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean): Prisma.Sql {
  const calls = partsSql(tenantId, filter, hasUnmoved, callSums);
  const amounts = partsSql(tenantId, filter, hasUnmoved, amountSums);
  return Prisma.sql`select ${sums}, (${amountsOf(amounts)}) as amounts from (${calls}) parts`;
}
