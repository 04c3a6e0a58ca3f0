import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { UsageObject } from '../../contracts/usage.js';
import { timeOfId } from '../../kernel/ids.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { TenantDatabase, type PlainTransaction } from '../../platform/database/tenant-database.js';
import { matching, within, type UsageFilter, type UsagePaging } from './usage-filter.js';
import type { StatementLineRecord } from './statement-lines.js';
import { needsHours, type Grouping } from './usage-buckets.js';
import { groupsSql, isUpwards, type GroupsRow, type UsageGroupPage } from './usage-groups.js';
import { activeDaysSql, windowsOf, type ActiveDaysRow } from './usage-windows.js';
import { hoursOfKeysSql, type KeyHourRow } from './key-hours.js';
import { statementSql } from './statement-sql.js';
import { totalsSql, type UsageTotals } from './usage-totals.js';

/** One call that reached a provider, as it was recorded. */
export interface UsageRecord {
  readonly id: string;
  readonly requestId: string;
  readonly keyId: string;
  /** The name that the key has now; null when it is deleted. */
  readonly keyName: string | null;
  readonly route: string;
  readonly endpoint: string;
  /** The name that the connection has now; null when it is deleted. */
  readonly connection: string | null;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly status: number;
  readonly upstreamStatus: number | null;
  readonly state: UsageObject['state'];
  readonly source: UsageObject['source'];
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly latencyMs: number;
  readonly firstTokenMs: number | null;
  readonly audioMs: number | null;
  readonly inputCharacters: number | null;
  readonly images: number | null;
  readonly imageSize: string | null;
  /** It was made in a batch of its provider. */
  readonly providerBatch: boolean;
  /** In micro-units of the currency; null: no price says. */
  readonly cost: number | null;
  readonly charge: number | null;
  readonly currency: string | null;
  readonly createdAt: Date;
}

export interface UsagePage extends RowPage<UsageRecord> {
  readonly totals: UsageTotals;
}

const columnsOf = (tenantId: string): Prisma.Sql => Prisma.sql`
  id, request_id as "requestId", key_id as "keyId",
  (select k.name from keys k where k.tenant_id = ${tenantId} and k.id = key_id) as "keyName", route, endpoint,
  (select c.name from connections c where c.tenant_id = ${tenantId} and c.id = connection_id) as connection, model, status, upstream_status as "upstreamStatus", state, source, stream,
  input_tokens as "inputTokens", cached_input_tokens as "cachedInputTokens",
  coalesce(cache_write_tokens, 0) as "cacheWriteTokens", output_tokens as "outputTokens",
  reasoning_tokens as "reasoningTokens", total_tokens as "totalTokens",
  latency_ms as "latencyMs", first_token_ms as "firstTokenMs", audio_ms as "audioMs", input_characters as "inputCharacters",
  images, image_size as "imageSize", coalesce(provider_batch, false) as "providerBatch",
  cost::float8 as cost, charge::float8 as charge, currency, created_at as "createdAt"`;

const noCalls: UsageTotals = {
  calls: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
  audioMs: 0,
  inputCharacters: 0,
  images: 0,
  amounts: [],
};

/** Reads a tenant's usage. It is written by the drain alone. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** One page by time, and the sums over the whole filter at the same moment; undefined when a cursor is no call of the filter's. */
  async list(tenantId: string, filter: UsageFilter, paging: UsagePaging): Promise<UsagePage | undefined> {
    const where = Prisma.sql`${matching(tenantId, filter)} and ${within('created_at', filter)}`;
    return this.database.readAtOneMoment(tenantId, 'usage_events', async (transaction) => {
      const hasUnmoved = await unmovedOf(transaction, tenantId);
      const after = await bound(transaction, where, paging.after);
      const before = await bound(transaction, where, paging.before);
      if (after === null || before === null) return undefined;
      const page = await readPage(transaction, { tenantId, where, hasUnmoved }, paging, after, before);
      const totals = await transaction.$queryRaw<UsageTotals[]>`${totalsSql(tenantId, filter, hasUnmoved)}`;
      return { ...page, totals: totals[0] ?? noCalls };
    });
  }

  /** Records by their ids, which tell their times, in the order of these. */
  async byIds(tenantId: string, ids: readonly string[]): Promise<UsageRecord[]> {
    const times = ids.flatMap((id) => timeOfId('usage', id) ?? []).map((atMs) => new Date(atMs));
    return this.database.readAtOneMoment(tenantId, 'usage_events', (transaction) =>
      Promise.resolve(
        transaction.$queryRaw<UsageRecord[]>`
          select ${columnsOf(tenantId)} from usage_events
           where tenant_id = ${tenantId} and created_at = any(${times}::timestamptz[]) and id = any(${[...ids]}::text[])
           order by created_at, id`,
      ),
    );
  }

  /** One page of groups of a filter's calls, and what all calls add up to. @throws Error of the database for an unknown time zone. */
  async groups(tenantId: string, filter: UsageFilter, grouping: Grouping, paging: UsagePaging): Promise<UsageGroupPage> {
    return this.database.readAtOneMoment(tenantId, 'usage_events', async (transaction) => {
      const hasUnmoved = await unmovedOf(transaction, tenantId);
      const read = async (span: UsageFilter, split?: readonly number[]): Promise<GroupsRow> => {
        const rows = await transaction.$queryRaw<GroupsRow[]>`${groupsSql(tenantId, span, hasUnmoved, grouping, paging, split)}`;
        return rows[0] ?? { ...noCalls, groups: [] };
      };
      if (!needsHours(grouping)) return pageOf(await read(filter), paging);
      const [active] = await transaction.$queryRaw<ActiveDaysRow[]>`${activeDaysSql(tenantId, filter, hasUnmoved, grouping)}`;
      const { days, splits, ...totals } = active ?? { ...noCalls, days: [], splits: [] };
      let page: GroupsRow = { ...noCalls, groups: [] };
      for (const span of windowsOf(days, filter, grouping, paging)) {
        page = await read(span, splits);
        if (page.groups.length > paging.limit) break;
      }
      return pageOf({ ...totals, groups: page.groups }, paging);
    });
  }

  /** How many calls of the keys began in each hour at `sinceMs` or later; hours without calls are left out. */
  async hoursOfKeys(tenantId: string, keyIds: readonly string[], sinceMs: number): Promise<KeyHourRow[]> {
    return this.database.readAtOneMoment(tenantId, 'usage_events', async (transaction) => {
      const hasUnmoved = await unmovedOf(transaction, tenantId);
      return transaction.$queryRaw<KeyHourRow[]>`${hoursOfKeysSql(tenantId, keyIds, sinceMs, hasUnmoved)}`;
    });
  }

  /** What the calls of a filter add up to, and up to `limit` lines of it, the highest charge first. */
  async statement(tenantId: string, filter: UsageFilter, limit: number): Promise<StatementRow> {
    return this.database.readAtOneMoment(tenantId, 'usage_events', async (transaction) => {
      const hasUnmoved = await unmovedOf(transaction, tenantId);
      const rows = await transaction.$queryRaw<StatementRow[]>`${statementSql(tenantId, filter, hasUnmoved, limit)}`;
      return rows[0] ?? { ...noCalls, lines: [] };
    });
  }
}

/** The first lines of a statement, and what all calls add up to. */
export interface StatementRow extends UsageTotals {
  readonly lines: readonly StatementLineRecord[];
}

function pageOf({ groups, ...totals }: GroupsRow, paging: UsagePaging): UsageGroupPage {
  const page = groups.slice(0, paging.limit);
  const isTurned = isUpwards(paging) !== (paging.order === 'asc');
  return { rows: isTurned ? page.reverse() : page, hasMore: groups.length > paging.limit, totals };
}

/** Whether rows of the tenant are still to be brought over from the table of the release before. */
async function unmovedOf(transaction: PlainTransaction, tenantId: string): Promise<boolean> {
  const rows = await transaction.$queryRaw<{ found: boolean }[]>`
    select exists (select from usage_unmoved where tenant_id = ${tenantId}) as found`;
  return rows[0]?.found === true;
}

interface Bound {
  readonly id: string;
  readonly createdAt: Date;
}

/** Where a cursor stands; null when it is no call of the filter's, undefined when none was given. */
async function bound(
  transaction: PlainTransaction,
  where: Prisma.Sql,
  id: string | undefined,
): Promise<Bound | null | undefined> {
  if (id === undefined) return undefined;
  const atMs = timeOfId('usage', id);
  const found = atMs === undefined ? undefined : await boundIn(transaction, Prisma.sql`usage_events`, where, id, new Date(atMs));
  // The ids of older releases tell no time: the table that is written finds them by id alone.
  return found ?? (await boundIn(transaction, Prisma.sql`usage`, where, id)) ?? null;
}

async function boundIn(
  transaction: PlainTransaction,
  table: Prisma.Sql,
  where: Prisma.Sql,
  id: string,
  at?: Date,
): Promise<Bound | undefined> {
  const moment = at === undefined ? Prisma.sql`true` : Prisma.sql`created_at = ${at}`;
  const rows = await transaction.$queryRaw<Bound[]>`
    select id, created_at as "createdAt" from ${table} where ${where} and id = ${id} and ${moment}`;
  return rows[0];
}

interface Scope {
  readonly tenantId: string;
  readonly where: Prisma.Sql;
  readonly hasUnmoved: boolean;
}

async function readPage(
  transaction: PlainTransaction,
  { tenantId, where, hasUnmoved }: Scope,
  paging: UsagePaging,
  after: Bound | undefined,
  before: Bound | undefined,
): Promise<RowPage<UsageRecord>> {
  const isAscending = paging.order === 'asc';
  const backwards = before !== undefined && after === undefined;
  const direction = isAscending === backwards ? Prisma.sql`desc` : Prisma.sql`asc`;
  const scope = Prisma.join([where, beyond(after, isAscending), beyond(before, !isAscending)], ' and ');
  const limit = paging.limit + 1;
  const columns = columnsOf(tenantId);
  const from = (table: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`select ${columns} from ${table} where ${scope} order by created_at ${direction}, id ${direction} limit ${limit}`;
  const events = from(Prisma.sql`usage_events`);
  // A row that stands in both tables is the same in both.
  const both = Prisma.sql`(${events}) union (${from(Prisma.sql`usage`)}) order by "createdAt" ${direction}, id ${direction} limit ${limit}`;
  const rows = await transaction.$queryRaw<UsageRecord[]>`${hasUnmoved ? both : events}`;
  const page = rows.slice(0, paging.limit);
  return { rows: backwards ? page.reverse() : page, hasMore: rows.length > paging.limit };
}

function beyond(bound: Bound | undefined, later: boolean): Prisma.Sql {
  if (bound === undefined) return Prisma.sql`true`;
  const place = Prisma.sql`(${bound.createdAt}, ${bound.id})`;
  return later ? Prisma.sql`(created_at, id) > ${place}` : Prisma.sql`(created_at, id) < ${place}`;
}
