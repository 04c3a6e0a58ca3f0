import { Prisma } from '../../platform/database/generated/client.js';
import { amountSums } from './usage-amounts.js';
import type { UsageFilter } from './usage-filter.js';
import { partsSql, type Sums } from './usage-parts.js';

/** Calls and what they took. */
export const callSums: Sums = {
  tables: [Prisma.sql`usage_hours`, Prisma.sql`usage_hours_open`],
  stored: Prisma.sql`
    key_id, endpoint, calls, input_tokens::numeric, cached_input_tokens::numeric, output_tokens::numeric, reasoning_tokens::numeric,
    total_tokens::numeric, audio_ms::numeric, input_characters::numeric, images::numeric`,
  counted: Prisma.sql`
    key_id, endpoint, 1::bigint as calls, input_tokens::numeric, cached_input_tokens::numeric, output_tokens::numeric,
    reasoning_tokens::numeric, total_tokens::numeric, audio_ms::numeric, input_characters::numeric, images::numeric`,
  having: Prisma.sql`true`,
};

/** Sums pass 32 bits soon; as float8 they are exact to 9 * 10^15. */
const sums = Prisma.sql`
  coalesce(sum(calls), 0)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens", coalesce(sum(total_tokens), 0)::float8 as "totalTokens",
  coalesce(sum(audio_ms), 0)::float8 as "audioMs", coalesce(sum(input_characters), 0)::float8 as "inputCharacters",
  coalesce(sum(images), 0)::float8 as images`;

/** The sums over all calls of a filter, with those of their amounts by currency, in one statement. */
export function totalsSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean): Prisma.Sql {
  const calls = partsSql(tenantId, filter, hasUnmoved, callSums);
  const amounts = partsSql(tenantId, filter, hasUnmoved, amountSums);
  return Prisma.sql`
    select ${sums}, (
      select coalesce(json_agg(json_build_object('currency', currency, 'calls', calls, 'cost', cost, 'charge', charge) order by currency), '[]')
        from (select currency, sum(calls) as calls, sum(cost) as cost, sum(charge) as charge
                from (${amounts}) priced group by currency having sum(calls) <> 0) by_currency) as amounts
      from (${calls}) parts`;
}
