import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { ListRequestsQuery } from '../../contracts/requests.js';
import { timeOfId } from '../../kernel/ids.js';
import { pageFrom } from '../../platform/database/cursor.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { TenantDatabase, type PlainTransaction } from '../../platform/database/tenant-database.js';
import { matching, statusesOf, type RequestFilter } from './request-filter.js';

/** One call of a key, as it was logged; or several refusals of one second, of which it is the first. */
export interface RequestRecord {
  readonly id: string;
  readonly createdAt: Date;
  readonly keyId: string;
  /** The name that the key has now; null when it is deleted. */
  readonly keyName: string | null;
  readonly method: string;
  readonly route: string;
  readonly endpoint: string | null;
  readonly status: number;
  readonly errorCode: string | null;
  readonly aborted: boolean;
  readonly latencyMs: number;
  readonly enteredMs: number | null;
  readonly sentMs: number | null;
  readonly firstTokenMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  /** In micro-units of the currency; null: no price says. */
  readonly cost: number | null;
  readonly charge: number | null;
  readonly currency: string | null;
  readonly clientAddress: string;
  readonly clientAgent: string | null;
  readonly count: number;
  /** The ids of its usage records, with a space between. */
  readonly calls: string;
}

interface Place {
  readonly id: string;
  readonly createdAt: Date;
}

const shown = Prisma.sql`
  id, created_at as "createdAt", key_id as "keyId",
  (select k.name from keys k where k.tenant_id = found.tenant_id and k.id = key_id) as "keyName", method, route, endpoint, status,
  error_code as "errorCode", aborted, latency_ms as "latencyMs", entered_ms as "enteredMs", sent_ms as "sentMs",
  first_token_ms as "firstTokenMs", input_tokens as "inputTokens", output_tokens as "outputTokens", total_tokens as "totalTokens",
  cost::float8 as cost, charge::float8 as charge, currency, client_address as "clientAddress", client_agent as "clientAgent",
  count, calls`;

/** Reads a tenant's request log. It is written by the drain alone. */
@Injectable()
export class RequestLogRepository {
  constructor(private readonly database: TenantDatabase) {}

  /**
   * One page by time. @param days for which the platform keeps rows: those from before, and those that the tenant keeps no longer,
   * are not shown. @throws AppError invalid_value for a cursor that is no row.
   */
  list(tenantId: string, query: ListRequestsQuery, days: number): Promise<RowPage<RequestRecord>> {
    return this.database.runPlain(tenantId, async (transaction) => {
      const since = await keptSince(transaction, tenantId, days);
      return pageFrom<RequestRecord, Place>(query, {
        find: async (id) => (await find(transaction, tenantId, id, since)) ?? null,
        list: (from, direction, take) => readRows(transaction, { tenantId, filter: query, since, from, direction, take }),
      });
    });
  }

  /** The database's time. */
  async now(tenantId: string): Promise<Date> {
    const [row] = await this.database.runPlain(tenantId, (transaction) =>
      Promise.resolve(transaction.$queryRaw<{ at: Date }[]>`select now() as at`),
    );
    return row?.at ?? new Date();
  }

  /** The newest rows that were written after a moment of the database's time, at most `take`. */
  latest(tenantId: string, filter: RequestFilter, writtenAfter: Date, take: number): Promise<LatestRows> {
    const statuses = statusesOf(filter);
    const status = statuses === undefined ? Prisma.sql`true` : Prisma.sql`status between ${statuses.first} and ${statuses.last}`;
    return this.database.runPlain(tenantId, async (transaction) => {
      // A call is logged when it ends: one of a socket may have come hours before.
      const rows = await transaction.$queryRaw<(LatestRows['rows'][number] & { at: Date; total: number })[]>`
        select ${shown}, logged_at as "loggedAt", now() as at, total from (
          select *, count(*) over ()::integer as total from request_log
           where ${matching(tenantId, filter)} and ${status} and logged_at > ${writtenAfter} and created_at > now() - interval '2 days'
           order by logged_at desc, created_at desc, id desc limit ${take}) found
         order by logged_at, created_at, id`;
      const [first] = rows;
      if (first !== undefined) return { at: first.at, rows, total: first.total };
      const [none] = await transaction.$queryRaw<{ at: Date }[]>`select now() as at`;
      return { at: none?.at ?? writtenAfter, rows, total: 0 };
    });
  }

  /** One call by its request's id; undefined when there is none, or it is kept no longer. */
  get(tenantId: string, id: string, days: number): Promise<RequestRecord | undefined> {
    return this.database.runPlain(tenantId, async (transaction) =>
      find(transaction, tenantId, id, await keptSince(transaction, tenantId, days)),
    );
  }
}

/** From when on rows are shown. */
async function keptSince(transaction: PlainTransaction, tenantId: string, days: number): Promise<Date> {
  const rows = await transaction.$queryRaw<{ since: Date }[]>`
    select now() - make_interval(days => least(request_log_days, ${days}::integer)) as since from tenants where id = ${tenantId}`;
  return rows[0]?.since ?? new Date();
}

/** The id tells the time, and so the partition. */
async function find(
  transaction: PlainTransaction,
  tenantId: string,
  id: string,
  since: Date,
): Promise<RequestRecord | undefined> {
  const atMs = timeOfId('request', id);
  if (atMs === undefined || atMs < since.getTime()) return undefined;
  const rows = await transaction.$queryRaw<RequestRecord[]>`
    select ${shown} from request_log found where tenant_id = ${tenantId} and id = ${id} and created_at = ${new Date(atMs)}`;
  return rows[0];
}

/** The last rows that were written, the oldest first, of `total`; `at` is the database's time. */
export interface LatestRows {
  readonly at: Date;
  readonly rows: readonly (RequestRecord & { readonly loggedAt: Date })[];
  readonly total: number;
}

interface Reading {
  readonly tenantId: string;
  readonly filter: RequestFilter & Pick<ListRequestsQuery, 'since' | 'until'>;
  readonly since: Date;
  readonly from: Place | undefined;
  readonly direction: 'asc' | 'desc';
  readonly take: number;
}

function readRows(transaction: PlainTransaction, reading: Reading): Promise<RequestRecord[]> {
  const { tenantId, filter, from, take } = reading;
  const where = Prisma.join([matching(tenantId, filter), within(reading), beyond(from, reading.direction)], ' and ');
  const direction = Prisma.raw(reading.direction);
  const order = Prisma.sql`order by created_at ${direction}, id ${direction} limit ${take}`;
  const rows = (and: Prisma.Sql): Prisma.Sql => Prisma.sql`select * from request_log where ${where} and ${and} ${order}`;
  const statuses = statusesOf(filter);
  const found = (): Prisma.Sql => {
    if (statuses === undefined) return rows(Prisma.sql`true`);
    const { first, last } = statuses;
    if (first <= 200 && last >= 200) return rows(Prisma.sql`status between ${first} and ${last}`);
    // The index of statuses has each by time: the newest of each are the newest of all.
    const each = rows(Prisma.sql`status = asked and status <> 200`);
    return Prisma.sql`
      select each.* from generate_series(${first}::integer, ${last}::integer) as asked cross join lateral (${each}) each ${order}`;
  };
  return Promise.resolve(
    transaction.$queryRaw<
      RequestRecord[]
    >`select ${shown} from (${found()}) found order by created_at ${direction}, id ${direction}`,
  );
}

function within({ filter: { since: asked, until }, since }: Reading): Prisma.Sql {
  const first = Math.max(since.getTime(), (asked ?? 0) * 1000);
  const from = Prisma.sql`created_at >= ${new Date(first)}`;
  return until === undefined ? from : Prisma.sql`${from} and created_at < ${new Date(until * 1000)}`;
}

function beyond(from: Place | undefined, direction: 'asc' | 'desc'): Prisma.Sql {
  if (from === undefined) return Prisma.sql`true`;
  return Prisma.sql`(created_at, id) ${Prisma.raw(direction === 'asc' ? '>' : '<')} (${from.createdAt}, ${from.id})`;
}
