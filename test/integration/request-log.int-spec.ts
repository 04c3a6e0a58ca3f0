import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import pg from 'pg';
import type { Config } from '../../src/config/config.module.js';
import { listRequestsQuery } from '../../src/contracts/requests.js';
import { newTimedId } from '../../src/kernel/ids.js';
import { RequestBodies } from '../../src/modules/request-log/bodies/request-bodies.js';
import { RequestBodiesWriter } from '../../src/modules/request-log/bodies/request-bodies-writer.repository.js';
import { RequestDaysRepository } from '../../src/modules/request-log/request-days.repository.js';
import { RequestDaysService } from '../../src/modules/request-log/request-days.service.js';
import { RequestDrops } from '../../src/modules/request-log/request-drops.js';
import { RequestKeeper } from '../../src/modules/request-log/request-keeper.js';
import { RequestLogRepository } from '../../src/modules/request-log/request-log.repository.js';
import { RequestLogService } from '../../src/modules/request-log/request-log.service.js';
import { blockLine } from '../../src/modules/request-log/request-block.js';
import type { RequestFacts } from '../../src/modules/request-log/request-record.js';
import { RequestTails, type TailListener } from '../../src/modules/request-log/request-tails.js';
import { RequestWriterRepository } from '../../src/modules/request-log/request-writer.repository.js';
import { KeyTouches } from '../../src/modules/usage/key-touches.js';
import { UsageRepository } from '../../src/modules/usage/usage.repository.js';
import { UsageService } from '../../src/modules/usage/usage.service.js';
import { Log } from '../../src/observability/log.js';
import { Metrics } from '../../src/observability/metrics.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { checkIsolation } from '../../src/platform/database/isolation-check.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { readLine } from '../../src/platform/journal/journal-line.js';
import { RecordKinds } from '../../src/platform/journal/record-kinds.js';
import { KeyRing } from '../../src/platform/secrets/key-ring.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { until } from '../support/until.js';
import type { TestDatabase } from '../support/postgres.js';

const dayMs = 86_400_000;
const keptDays = 60;
const config = { GT_REQUEST_LOG_DAYS: keptDays } as Config;
const never = new AbortController().signal;

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let metrics: Metrics;
let keeper: RequestKeeper;
let days: RequestDaysService;
let log: RequestLogService;
let tails: RequestTails;

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const platform = new PlatformDatabase(connections);
  const tenants = new TenantDatabase(connections);
  metrics = new Metrics();
  keeper = keeperOf();
  days = new RequestDaysService(new RequestDaysRepository(platform), config);
  const usage = new UsageService(new UsageRepository(tenants), new KeyTouches());
  tails = new RequestTails(new RequestLogRepository(tenants), new Log({ GT_LOG_LEVEL: 'silent' } as Config));
  log = new RequestLogService(new RequestLogRepository(tenants), usage, config);
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

function writerOf(): RequestWriterRepository {
  const platform = new PlatformDatabase(connections);
  return new RequestWriterRepository(platform, new RequestDaysRepository(platform));
}

/** As another process has it: of partitions it has seen none. */
function keeperOf(): RequestKeeper {
  const writer = writerOf();
  return new RequestKeeper(new RecordKinds(), writer, new RequestDrops(metrics), metrics, config);
}

let made = 0;
async function newTenant(): Promise<string> {
  made += 1;
  const id = `ten_${made}`;
  await client.query('insert into tenants (id, slug, name) values ($1, $1, $1)', [id]);
  return id;
}

interface Row {
  readonly atMs?: number;
  readonly keyId?: string;
  readonly status?: number;
  readonly errorCode?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly route?: string;
  readonly address?: string;
}

function record(
  tenantId: string,
  { atMs = Date.now(), keyId = 'key_a', status = 200, ...row }: Row = {},
): { id: string; text: string } {
  const id = newTimedId('request', atMs);
  const facts: RequestFacts = {
    ...{ tenantId, keyId, requestId: id, method: 'POST', route: row.route ?? 'chat.completions.create', status },
    ...{ endpoint: row.endpoint, errorCode: row.errorCode, isAborted: false, startedAt: 0, latencyMs: 7, enteredAt: 1 },
    ...{ sums: undefined, address: row.address ?? '127.0.0.1', agent: 'test' },
  };
  const read = readLine(blockLine([facts], []).slice(0, -1), undefined);
  if (read?.what !== 'record') throw new Error('No record.');
  return { id, text: read.record.text };
}

const listed = async (tenantId: string, query: Record<string, unknown> = {}): Promise<string[]> =>
  (await log.list(tenantId, listRequestsQuery.parse({ limit: 100, ...query }))).rows.map(({ id }) => id);

describe('the request log in the database', () => {
  it('has each row once however often it is written, and none of a tenant that is gone', async () => {
    const [tenantId, gone] = [await newTenant(), await newTenant()];
    await client.query('delete from tenants where id = $1', [gone]);
    const rows = [record(tenantId), record(tenantId), record(gone)];
    for (const writer of [keeper, keeperOf()]) await writer.write(rows.map(({ text }) => text));
    expect(await listed(tenantId)).toEqual([rows[1]?.id, rows[0]?.id]);
    expect((await client.query('select from request_log where tenant_id = $1', [gone])).rowCount).toBe(0);
  });

  it('gives a day that has no partition one, and leaves out what is older than it is kept', async () => {
    const tenantId = await newTenant();
    const old = record(tenantId, { atMs: Date.now() - 40 * dayMs });
    const tooOld = record(tenantId, { atMs: Date.now() - (keptDays + 1) * dayMs });
    await keeper.write([old.text, tooOld.text]);
    expect(await listed(tenantId)).toEqual([old.id]);
    expect(metrics.requestLogDropped.count('late')).toBe(1);
  });

  it('loses no row of a day that another process has dropped', async () => {
    const tenantId = await newTenant();
    const atMs = Date.now() - 50 * dayMs;
    await keeper.write([record(tenantId, { atMs }).text]);
    await client.query(`select gt_drop_request_days('d', ((now() - interval '45 days') at time zone 'UTC')::date, 100)`);
    const row = record(tenantId, { atMs });
    await keeper.write([row.text]);
    expect(await listed(tenantId)).toEqual([row.id]);
  });

  it('makes its days ahead, and drops those of which every row is older than it is kept', async () => {
    const platform = new PlatformDatabase(connections);
    const tenantId = await newTenant();
    const [young, old] = [record(tenantId), record(tenantId, { atMs: Date.now() - 20 * dayMs })];
    await keeper.write([young.text, old.text]);
    const short = new RequestDaysService(new RequestDaysRepository(platform), { GT_REQUEST_LOG_DAYS: 10 } as Config);
    expect(await short.dropDays(never)).toBeGreaterThan(0);
    expect(await short.dropDays(never)).toBe(0);
    expect(await listed(tenantId)).toEqual([young.id]);
    const tomorrow = new Date(Date.now() + dayMs).toISOString().slice(0, 10).replaceAll('-', '');
    await client.query(`drop table request_log_days.d${tomorrow}`);
    expect([await days.makeDays(), await days.makeDays()]).toEqual([1, 0]);
  });

  it('shows a tenant no more than it keeps, at once, and removes the rest in portions', async () => {
    const [short, long] = [await newTenant(), await newTenant()];
    const texts: string[] = [];
    for (const tenantId of [short, long])
      for (const agoDays of [1, 2, 3, 8, 9]) texts.push(record(tenantId, { atMs: Date.now() - agoDays * dayMs + 60_000 }).text);
    await keeper.write(texts);
    await client.query('update tenants set request_log_days = 3 where id = $1', [short]);
    const kept = await listed(short);
    expect([kept.length, (await listed(long)).length]).toEqual([3, 5]);
    expect(await days.trimTenants(never)).toBe(2);
    const { rows } = await client.query<{ id: string }>('select id from request_log where tenant_id = $1', [short]);
    expect(rows.map(({ id }) => id).sort()).toEqual([...kept].sort());
    expect([await days.trimTenants(never), (await listed(long)).length]).toEqual([0, 5]);
  });

  it('goes with its tenant', async () => {
    const [tenantId, other] = [await newTenant(), await newTenant()];
    await keeper.write([record(tenantId).text, record(other).text]);
    await client.query('delete from tenants where id = $1', [tenantId]);
    const { rows } = await client.query('select distinct tenant_id from request_log where tenant_id = any($1)', [
      [tenantId, other],
    ]);
    expect(rows).toEqual([{ tenant_id: other }]);
  });

  it('shows a tenant nothing of another, and the role of tenants no partition at all', async () => {
    const [mine, theirs] = [await newTenant(), await newTenant()];
    const [own, foreign] = [record(mine), record(theirs)];
    await keeper.write([own.text, foreign.text]);
    expect(await listed(mine)).toEqual([own.id]);
    await expect(log.get(mine, foreign.id)).rejects.toThrow('No such request');
    await expect(listed(mine, { after: foreign.id })).rejects.toThrow('not the id of an item');
    const { rows: forced } = await client.query(
      `select relname from pg_class join pg_namespace n on n.oid = relnamespace
        where nspname = 'request_log_days' and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)`,
    );
    expect(forced).toEqual([]);
    const { rows: parts } = await client.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'request_log'::regclass`,
    );
    expect(parts.length).toBeGreaterThan(3);
    for (const { name } of parts) {
      await client.query('begin; set local role gt_app');
      await expect(client.query(`select from ${name}`)).rejects.toThrow('permission denied');
      await client.query('rollback');
    }
    await client.query(`begin; set local role gt_app; set local gt.tenant_id = '${mine}'`);
    for (const write of ['delete from request_log', 'update request_log set status = 1'])
      await expect(client.query(`savepoint one; ${write}`))
        .rejects.toThrow('permission denied')
        .finally(() => client.query('rollback to one'));
    await client.query('rollback');
    await expect(checkIsolation(connections)).resolves.toBeUndefined();
  });

  it('is left out, and counted, where the database takes too long, and goes on later; what is drained beside it goes on at once', async () => {
    const tenantId = await newTenant();
    const slow = keeperOf();
    const before = metrics.requestLogDropped.count('database');
    await client.query('begin; lock table request_log in access exclusive mode');
    await slow.write([record(tenantId).text, record(tenantId).text]);
    await client.query('rollback');
    await slow.write([record(tenantId).text]);
    expect(metrics.requestLogDropped.count('database') - before).toBe(3);
    await keeperOf().write([record(tenantId).text]);
    expect(await listed(tenantId)).toHaveLength(1);
  });

  it('tells in the database how many rows were left out, when it takes rows again', async () => {
    const drops = new RequestDrops(metrics);
    const writer = writerOf();
    const telling = new RequestKeeper(new RecordKinds(), writer, drops, metrics, config);
    const tenantId = await newTenant();
    drops.add('backlog', 5);
    drops.add('backlog', 2);
    await telling.write([record(tenantId).text]);
    await telling.write([record(tenantId).text]);
    const { rows } = await client.query(`select rows::integer from request_log_drops where reason = 'backlog'`);
    expect(rows).toEqual([{ rows: 7 }]);
  });
});

describe('bodies of calls', () => {
  const bodiesOf = (kept = keptDays): RequestBodies => {
    const platform = new PlatformDatabase(connections);
    const writer = new RequestBodiesWriter(platform, new RequestDaysRepository(platform));
    const ring = new KeyRing([testSettings.GT_SECRET_KEYS]);
    return new RequestBodies(writer, ring, new RequestDrops(metrics), { GT_REQUEST_LOG_DAYS: kept } as Config);
  };
  const keep = async (bodies: RequestBodies, tenantId: string, atMs: number): Promise<void> => {
    const kept = bodies.begin();
    if (kept === undefined) throw new Error('There is no room.');
    kept.request.add('{}');
    bodies.keep({ tenantId, requestId: newTimedId('request', atMs), policy: null, bodies: kept });
    await bodies.beforeApplicationShutdown();
  };
  const count = async (tenantId: string): Promise<number> =>
    (await client.query('select from request_bodies where tenant_id = $1', [tenantId])).rowCount ?? 0;

  it('are kept for tenants that want it, no longer than they say and than thirty days, and go with their tenant', async () => {
    const [wanting, other] = [await newTenant(), await newTenant()];
    await client.query('update tenants set request_body_days = 30 where id = $1', [wanting]);
    const bodies = bodiesOf();
    for (const agoDays of [0, 5, 40]) await keep(bodies, wanting, Date.now() - agoDays * dayMs);
    await keep(bodies, other, Date.now());
    expect([await count(wanting), await count(other)]).toEqual([3, 0]);
    expect(await days.dropDays(never)).toBeGreaterThan(0);
    expect(await count(wanting)).toBe(2);
    await client.query('update tenants set request_log_days = 3 where id = $1', [wanting]);
    expect([await days.trimTenants(never), await count(wanting)]).toEqual([1, 1]);
    await client.query('delete from tenants where id = $1', [wanting]);
    expect(await count(wanting)).toBe(0);
  });

  it('have bounded room in memory, which is free again when they are written or forgotten', () => {
    const bodies = bodiesOf();
    const before = metrics.requestLogDropped.count('bodies');
    for (let times = 0; times < 256; times += 1) expect(bodies.begin()).toBeDefined();
    expect([bodies.begin(), metrics.requestLogDropped.count('bodies') - before]).toEqual([undefined, 1]);
    bodies.forget();
    expect([bodies.begin() === undefined, bodies.begin()]).toEqual([false, undefined]);
    expect(bodiesOf(0).begin()).toBeUndefined();
  });

  it('are left out, and counted, where the database does not take them', async () => {
    const tenantId = await newTenant();
    await client.query('update tenants set request_body_days = 1 where id = $1', [tenantId]);
    const bodies = bodiesOf();
    const before = metrics.requestLogDropped.count('bodies');
    await client.query('begin; lock table request_bodies in access exclusive mode');
    await keep(bodies, tenantId, Date.now());
    await client.query('rollback');
    await keep(bodies, tenantId, Date.now());
    expect([await count(tenantId), metrics.requestLogDropped.count('bodies') - before]).toEqual([1, 1]);
  });
});

describe('a page of the request log', () => {
  const some = <T>(...values: T[]) => fc.constantFrom(...values);
  const row = fc.record({
    agoMs: fc.nat({ max: 3 * dayMs }),
    keyId: some('key_a', 'key_b'),
    status: some(200, 201, 404, 429, 500),
    endpoint: some(undefined, 'one', 'two'),
    route: some('models.list', 'chat.completions.create'),
    address: some('10.0.0.1', '10.0.0.2'),
  });
  const filter = fc.record(
    {
      key: some('key_a', 'key_b', 'key_c'),
      status: some('200', '429', '2xx', '4xx', '5xx'),
      endpoint: some('one', 'none'),
      route: some('models.list'),
      error_code: some('code_404', 'code_500'),
      address: some('10.0.0.2'),
    },
    { requiredKeys: [] },
  );

  it('shows what its filter says in the order of time, and all pages together show each row once', async () => {
    const now = Date.now();
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        filter,
        fc.integer({ min: 1, max: 7 }),
        some('asc' as const, 'desc' as const),
        fc.option(fc.nat({ max: 3 * dayMs }), { nil: undefined }),
        async (given, wanted, limit, order, sinceAgoMs) => {
          const tenantId = await newTenant();
          const rows = given.map(({ agoMs, ...columns }) => {
            const errorCode = columns.status < 400 ? undefined : `code_${columns.status}`;
            return {
              ...columns,
              errorCode,
              atMs: now - agoMs,
              ...record(tenantId, { ...columns, errorCode, atMs: now - agoMs }),
            };
          });
          await keeper.write(rows.map(({ text }) => text));
          const since = sinceAgoMs === undefined ? undefined : Math.floor((now - sinceAgoMs) / 1000);
          const expected = rows
            .filter(({ keyId }) => wanted.key === undefined || keyId === wanted.key)
            .filter(({ status }) => wanted.status === undefined || String(status).startsWith(wanted.status.replace('xx', '')))
            .filter(({ endpoint }) => wanted.endpoint === undefined || endpoint === wanted.endpoint)
            .filter(({ route }) => wanted.route === undefined || route === wanted.route)
            .filter(({ errorCode }) => wanted.error_code === undefined || errorCode === wanted.error_code)
            .filter(({ address }) => wanted.address === undefined || address === wanted.address)
            .filter(({ atMs }) => since === undefined || atMs >= since * 1000)
            .sort((one, other) => one.atMs - other.atMs || (one.id < other.id ? -1 : 1))
            .map(({ id }) => id);
          if (order === 'desc') expected.reverse();
          const query = { ...wanted, limit, order, ...(since === undefined ? {} : { since }) };
          const pages: string[] = [];
          for (let isMore = true, after: string | undefined; isMore; after = pages.at(-1)) {
            const page = await log.list(
              tenantId,
              listRequestsQuery.parse({ ...query, ...(after === undefined ? {} : { after }) }),
            );
            pages.push(...page.rows.map(({ id }) => id));
            isMore = page.hasMore;
          }
          expect(pages).toEqual(expected);
          const last = expected.at(-1);
          if (last !== undefined)
            expect(await listed(tenantId, { ...query, before: last })).toEqual(expected.slice(0, -1).slice(-limit));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a tail of the request log', () => {
  /** What a tail is told, as long as it is not full. */
  class Heard implements TailListener {
    readonly told: string[] = [];
    readonly looks = { full: 0, free: 0 };
    skipped = 0;
    full = false;
    mayRead = (): Promise<undefined> => Promise.resolve(undefined);
    isOver = (): boolean => false;
    isFull = (): boolean => {
      this.looks[this.full ? 'full' : 'free'] += 1;
      return this.full;
    };
    tell = ({ id }: { readonly id: string }): void => void this.told.push(id);
    skip = (count: number): void => void (this.skipped += count);
    end = (): void => undefined;
  }

  /** Gives what a tail hears that has begun. */
  async function follow(tenantId: string): Promise<{ heard: Heard; leave: () => Promise<void> }> {
    const heard = new Heard();
    const place = tails.place(tenantId);
    const followed = place.follow({}, heard);
    // The second look comes when the first one has found where it begins.
    await until('it has begun', () => heard.looks.free > 1);
    const leave = (): Promise<void> => {
      place.leave();
      return followed;
    };
    return { heard, leave };
  }

  it('tells each row that is written once, also one whose batch is committed late, and none from before', async () => {
    const tenantId = await newTenant();
    await keeper.write([record(tenantId).text]);
    const { heard, leave } = await follow(tenantId);
    const late = record(tenantId);
    await client.query('begin');
    await client.query(
      `insert into request_log select (jsonb_populate_record(null::request_log, to_jsonb(r) || $1)).* from request_log r where tenant_id = $2`,
      [{ id: late.id, logged_at: (await client.query<{ now: Date }>('select now()')).rows[0]?.now }, tenantId],
    );
    const soon = [record(tenantId), record(tenantId)];
    await keeper.write(soon.map(({ text }) => text));
    await until('two are told', () => heard.told.length === 2);
    await client.query('commit');
    await until('the late one is told', () => heard.told.length === 3);
    await leave();
    expect(heard.told).toEqual([...soon.map(({ id }) => id), late.id]);
    expect(heard.skipped).toBe(0);
  });

  it('tells how many rows it leaves out where more come than anybody reads, once', async () => {
    const tenantId = await newTenant();
    const { heard, leave } = await follow(tenantId);
    const rows = Array.from({ length: 1_300 }, () => record(tenantId));
    await keeper.write(rows.map(({ text }) => text));
    await until('they are told', () => heard.told.length === 1_000);
    const next = record(tenantId);
    await keeper.write([next.text]);
    await until('the next one is told', () => heard.told.at(-1) === next.id);
    await leave();
    expect([heard.told.length, heard.skipped]).toEqual([1_001, 300]);
  });

  it('tells nothing to a reader that does not read, and what it missed when it does', async () => {
    const tenantId = await newTenant();
    const { heard, leave } = await follow(tenantId);
    heard.full = true;
    await until('it is seen to be full', () => heard.looks.full > 0);
    const row = record(tenantId);
    await keeper.write([row.text]);
    await until('it is looked at again', () => heard.looks.full > 2);
    expect(heard.told).toEqual([]);
    heard.full = false;
    await until('it is told', () => heard.told.length === 1);
    await leave();
    expect(heard.told).toEqual([row.id]);
  });

  it('has one of few places, which is free again when it leaves', async () => {
    const tenantId = await newTenant();
    const places = [1, 2, 3, 4, 5].map(() => tails.place(tenantId));
    expect(() => tails.place(tenantId)).toThrow('at most 5 tails');
    places[0]?.leave();
    places[0]?.leave();
    places.push(tails.place(tenantId));
    expect(() => tails.place(tenantId)).toThrow('at most 5 tails');
    for (const place of places) place.leave();
  });
});
