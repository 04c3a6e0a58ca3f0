import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { UsageObject } from '../../contracts/usage.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';

/** One call that reached a provider, as it was recorded. */
export interface UsageRecord {
  readonly id: string;
  readonly requestId: string;
  readonly keyId: string;
  readonly route: string;
  readonly endpoint: string;
  readonly status: number;
  readonly upstreamStatus: number | null;
  readonly state: UsageObject['state'];
  readonly source: UsageObject['source'];
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly latencyMs: number;
  readonly firstTokenMs: number | null;
  readonly createdAt: Date;
}

/** Which calls; an absent field narrows nothing. `sinceMs` is inclusive, `untilMs` is not; both since 1970. */
export interface UsageFilter {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly keyId?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly route?: string | undefined;
  readonly state?: string | undefined;
}

/** Which page of them: the ids of the calls between which it lies. */
export interface UsagePaging {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

export interface UsageTotals {
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
}

export interface UsagePage extends RowPage<UsageRecord> {
  readonly totals: UsageTotals;
}

const columns = Prisma.sql`
  id, request_id as "requestId", key_id as "keyId", route, endpoint, status, upstream_status as "upstreamStatus", state, source, stream,
  input_tokens as "inputTokens", cached_input_tokens as "cachedInputTokens", output_tokens as "outputTokens",
  reasoning_tokens as "reasoningTokens", total_tokens as "totalTokens",
  latency_ms as "latencyMs", first_token_ms as "firstTokenMs", created_at as "createdAt"`;

/** Sums pass 32 bits soon; as float8 they are exact to 9 * 10^15. */
const sums = Prisma.sql`
  count(*)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens", coalesce(sum(total_tokens), 0)::float8 as "totalTokens"`;

const noCalls: UsageTotals = {
  calls: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
};

/** Reads a tenant's usage. It is written by the drain alone. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** One page by time, and the sums over the whole filter; undefined when a cursor is no call of the filter's. */
  async list(tenantId: string, filter: UsageFilter, paging: UsagePaging): Promise<UsagePage | undefined> {
    const where = conditions(tenantId, filter);
    return this.database.run(tenantId, async (transaction) => {
      const after = await bound(transaction, where, paging.after);
      const before = await bound(transaction, where, paging.before);
      if (after === null || before === null) return undefined;
      const page = await readPage(transaction, where, paging, after, before);
      const totals = await transaction.$queryRaw<UsageTotals[]>(Prisma.sql`select ${sums} from usage where ${where}`);
      return { ...page, totals: totals[0] ?? noCalls };
    });
  }
}

function conditions(tenantId: string, filter: UsageFilter): Prisma.Sql {
  const all = [Prisma.sql`tenant_id = ${tenantId}`];
  if (filter.sinceMs !== undefined) all.push(Prisma.sql`created_at >= ${new Date(filter.sinceMs)}`);
  if (filter.untilMs !== undefined) all.push(Prisma.sql`created_at < ${new Date(filter.untilMs)}`);
  if (filter.keyId !== undefined) all.push(Prisma.sql`key_id = ${filter.keyId}`);
  if (filter.endpoint !== undefined) all.push(Prisma.sql`endpoint = ${filter.endpoint}`);
  if (filter.route !== undefined) all.push(Prisma.sql`route = ${filter.route}`);
  if (filter.state !== undefined) all.push(Prisma.sql`state = ${filter.state}`);
  return Prisma.join(all, ' and ');
}

interface Bound {
  readonly id: string;
  readonly createdAt: Date;
}

/** Where a cursor stands; null when it is no call of the filter's, undefined when none was given. */
async function bound(transaction: Transaction, where: Prisma.Sql, id: string | undefined): Promise<Bound | null | undefined> {
  if (id === undefined) return undefined;
  const rows = await transaction.$queryRaw<Bound[]>(
    Prisma.sql`select id, created_at as "createdAt" from usage where ${where} and id = ${id}`,
  );
  return rows[0] ?? null;
}

async function readPage(
  transaction: Transaction,
  where: Prisma.Sql,
  paging: UsagePaging,
  after: Bound | undefined,
  before: Bound | undefined,
): Promise<RowPage<UsageRecord>> {
  const isAscending = paging.order === 'asc';
  const backwards = before !== undefined && after === undefined;
  const direction = isAscending === backwards ? Prisma.sql`desc` : Prisma.sql`asc`;
  const bounds = [beyond(after, isAscending), beyond(before, !isAscending)];
  const rows = await transaction.$queryRaw<UsageRecord[]>(
    Prisma.sql`select ${columns} from usage where ${Prisma.join([where, ...bounds], ' and ')}
      order by created_at ${direction}, id ${direction} limit ${paging.limit + 1}`,
  );
  const page = rows.slice(0, paging.limit);
  return { rows: backwards ? page.reverse() : page, hasMore: rows.length > paging.limit };
}

function beyond(bound: Bound | undefined, later: boolean): Prisma.Sql {
  if (bound === undefined) return Prisma.sql`true`;
  const place = Prisma.sql`(${bound.createdAt}, ${bound.id})`;
  return later ? Prisma.sql`(created_at, id) > ${place}` : Prisma.sql`(created_at, id) < ${place}`;
}
