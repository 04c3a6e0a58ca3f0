import { Prisma } from '../../platform/database/generated/client.js';
import { matching, within, type UsageFilter } from './usage-filter.js';

const hourMs = 3_600_000;

/** A span of time in milliseconds since 1970, from its first moment to the one after its last; undefined: without an end. */
interface Span {
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

/** The spans that a filter's time consists of: whole hours, whose sums are stored, and what stands before and after them. */
export function spansOf({ sinceMs, untilMs }: Span): { readonly hours: Span | undefined; readonly rest: readonly Span[] } {
  const first = sinceMs === undefined ? undefined : Math.ceil(sinceMs / hourMs) * hourMs;
  const last = untilMs === undefined ? undefined : Math.floor(untilMs / hourMs) * hourMs;
  if (first !== undefined && last !== undefined && first >= last) return { hours: undefined, rest: [{ sinceMs, untilMs }] };
  const rest = [
    { sinceMs, untilMs: first },
    { sinceMs: last, untilMs },
  ].filter((span) => span.sinceMs !== undefined && span.untilMs !== undefined && span.sinceMs < span.untilMs);
  return { hours: { sinceMs: first, untilMs: last }, rest };
}

const stored = Prisma.sql`
  calls, input_tokens::numeric, cached_input_tokens::numeric, output_tokens::numeric, reasoning_tokens::numeric, total_tokens::numeric,
  audio_ms::numeric, input_characters::numeric, images::numeric`;

const counted = Prisma.sql`
  1::bigint as calls, input_tokens::numeric, cached_input_tokens::numeric, output_tokens::numeric, reasoning_tokens::numeric,
  total_tokens::numeric, audio_ms::numeric, input_characters::numeric, images::numeric`;

/** Sums pass 32 bits soon; as float8 they are exact to 9 * 10^15. */
const sums = Prisma.sql`
  coalesce(sum(calls), 0)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens", coalesce(sum(total_tokens), 0)::float8 as "totalTokens",
  coalesce(sum(audio_ms), 0)::float8 as "audioMs", coalesce(sum(input_characters), 0)::float8 as "inputCharacters",
  coalesce(sum(images), 0)::float8 as images`;

/**
 * The sums over all calls of a filter, in one statement, so that nothing is on its way between two tables: stored sums of
 * whole hours, calls one by one in at most two parts of an hour, and calls that are not brought over yet.
 */
export function totalsSql(tenantId: string, filter: UsageFilter, hasUnmoved: boolean): Prisma.Sql {
  const { sinceMs, untilMs } = filter;
  const same = matching(tenantId, filter);
  const { hours, rest } = spansOf({ sinceMs, untilMs });
  const parts = rest.map(
    (span) => Prisma.sql`select ${counted} from usage_events where ${same} and ${within('created_at', span)}`,
  );
  if (hours !== undefined) {
    for (const table of [Prisma.sql`usage_hours`, Prisma.sql`usage_hours_open`]) {
      parts.push(Prisma.sql`select ${stored} from ${table} where ${same} and ${within('hour', hours)}`);
    }
  }
  if (hasUnmoved) parts.push(unmoved(tenantId, same, { sinceMs, untilMs }));
  return Prisma.sql`select ${sums} from (${Prisma.join(parts, ' union all ')}) parts`;
}

function unmoved(tenantId: string, same: Prisma.Sql, span: Span): Prisma.Sql {
  return Prisma.sql`select ${counted} from usage u where ${same} and ${within('created_at', span)}
    and created_at <= (select before from usage_unmoved where tenant_id = ${tenantId})
    and not exists (select from usage_events e where e.tenant_id = u.tenant_id and e.created_at = u.created_at and e.id = u.id)`;
}
