import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import type { Change } from '../../src/platform/database/change.js';
import { ChangeFeed } from '../../src/platform/database/change-feed.js';
import { FeedConnection } from '../../src/platform/database/feed-connection.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let direct: pg.Client;
const open: { end(): Promise<unknown> }[] = [];

beforeAll(async () => {
  database = await createMigratedDatabase();
  direct = await connect();
  open.length = 0;
  await direct.query(
    `insert into tenants (id, slug, name) select 'ten_' || n, 'tenant-' || n, 'Tenant' from generate_series(0, 9) as n`,
  );
});
afterEach(async () => {
  for (const part of open.splice(0)) await part.end();
});
afterAll(async () => {
  await direct.end();
  await database.drop();
});

async function connect(url = database.url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  open.push(client);
  return client;
}

const insertKeys = `
  insert into keys (tenant_id, id, name, purpose, scopes) select $1, ref, ref, 'inference', '{}' from unnest($2::text[]) as ref`;

async function makeKeys(client: pg.Client, tenantId: string, ids: readonly string[]): Promise<void> {
  await client.query(insertKeys, [tenantId, ids]);
}

/** Reads as a process of any release does: what is above the last number, again and again, with no care for gaps. */
class Reader {
  readonly seen: string[] = [];
  readonly numbers: bigint[] = [];
  private last = 0n;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  static async start(): Promise<Reader> {
    const reader = new Reader();
    const client = await connect();
    const { rows } = await client.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from change_feed');
    reader.last = BigInt(rows[0]?.seq ?? 0);
    reader.running = reader.follow(client);
    return reader;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async follow(client: pg.Client): Promise<void> {
    for (let isLast = false; ; isLast = this.stopped) {
      const { rows } = await client.query<{ seq: string; ref: string }>(
        'select seq, ref from change_feed where seq > $1 order by seq',
        [this.last.toString()],
      );
      for (const { seq, ref } of rows) {
        this.last = BigInt(seq);
        this.numbers.push(this.last);
        this.seen.push(ref);
      }
      if (isLast) return;
    }
  }
}

describe('the change feed', () => {
  it('a transaction that stays open holds up no other, and its own changes come with its commit', async () => {
    const reader = await Reader.start();
    const [long, short] = [await connect(), await connect()];
    await long.query('begin');
    await makeKeys(long, 'ten_0', ['key_long']);
    // A change that had to wait for the open transaction would end here with an error.
    await short.query(`set lock_timeout = 2000`);
    await makeKeys(short, 'ten_1', ['key_short']);
    await until('the change of the short one is seen', () => reader.seen.includes('key_short'));
    expect(reader.seen).not.toContain('key_long');
    await long.query('commit');
    await until('the change of the long one is seen', () => reader.seen.includes('key_long'));
    await reader.stop();
  });

  it('shows each object once a transaction, and of what was undone nothing', async () => {
    const reader = await Reader.start();
    const client = await connect();
    await client.query('begin; savepoint first');
    await makeKeys(client, 'ten_0', ['key_undone']);
    await client.query('rollback to first');
    await makeKeys(client, 'ten_0', ['key_kept']);
    await client.query('savepoint second');
    await makeKeys(client, 'ten_0', ['key_undone_too']);
    await client.query('rollback to second');
    for (const name of ['b', 'c']) await client.query(`update keys set name = 'kept-${name}' where id = 'key_kept'`);
    await client.query('commit; begin');
    await makeKeys(client, 'ten_0', ['key_rolled_back']);
    await client.query('rollback');
    await makeKeys(client, 'ten_0', ['key_last']);
    await until('the last is seen', () => reader.seen.includes('key_last'));
    await reader.stop();
    expect(reader.seen).toEqual(['key_kept', 'key_last']);
    expect((await direct.query('select from pending_changes')).rowCount).toBe(0);
  });

  it('also numbers what changes after a constraint was checked early', async () => {
    const reader = await Reader.start();
    const client = await connect();
    await client.query('begin');
    await makeKeys(client, 'ten_0', ['key_before_check']);
    await client.query('set constraints all immediate; set constraints all deferred');
    await makeKeys(client, 'ten_0', ['key_after_check']);
    await client.query('commit');
    await until('both are seen', () => reader.seen.length === 2);
    await reader.stop();
    expect(reader.seen).toEqual(['key_before_check', 'key_after_check']);
  });

  it('no reader misses a change: ten writers, transactions of all lengths that end in any order', async () => {
    const readers = await Promise.all(Array.from({ length: 4 }, () => Reader.start()));
    const committed: string[] = [];
    const step = fc.record({
      keys: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 200, max: 1500 })),
      statements: fc.integer({ min: 1, max: 3 }),
      pausesMs: fc.integer({ min: 0, max: 40 }),
      isUndone: fc.boolean(),
    });
    const write = async (writer: number): Promise<void> => {
      const client = await connect();
      for (const [place, { keys, statements, pausesMs, isUndone }] of fc.sample(step, 25).entries()) {
        const ids: string[] = [];
        await client.query('begin');
        for (let statement = 0; statement < statements; statement += 1) {
          const more = Array.from({ length: keys }, (_, n) => `key_${writer}_${place}_${statement}_${n}`);
          await makeKeys(client, `ten_${writer}`, more);
          ids.push(...more);
          await wait(pausesMs);
        }
        await client.query(isUndone ? 'rollback' : 'commit');
        if (!isUndone) committed.push(...ids);
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, writer) => write(writer)));
    for (const reader of readers) await reader.stop();
    for (const { seen, numbers } of readers) {
      expect(seen.length).toBe(committed.length);
      expect(new Set(seen)).toEqual(new Set(committed));
      expect(numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0n))).toBe(true);
    }
  });
});

describe('what the change feed hears of', () => {
  /** What names a row is written once, and the use of it is no change. */
  const unheard = {
    keys: ['created_at', 'id', 'last_used_at', 'tenant_id', 'updated_at'],
    admin_tokens: ['created_at', 'hash', 'id', 'last_four', 'last_used_at', 'member_id', 'name', 'tenant_id'],
    operator_sessions: [],
    sessions: [],
    operator_tokens: ['created_at', 'hash', 'id', 'last_four', 'last_used_at', 'name'],
    // Each change of what calls use has a new number or another state.
    connection_logins: [
      ...['attempt', 'attempt_until', 'claimed_by', 'claimed_until', 'client_secret', 'created_at', 'discovered'],
      ...['expires_at', 'failed_at', 'failure', 'generation', 'id', 'obtained_at', 'refresh_expires_at', 'retry_at'],
      ...['settings', 'tenant_id', 'tokens', 'updated_at'],
    ],
  };
  const wholeTables = [
    ...[
      'budgets',
      'connections',
      'datasets',
      'endpoints',
      'key_secrets',
      'members',
      'presets',
      'prices',
      'tenant_hosts',
      'tenant_prices',
    ],
    'tenants',
  ];

  it('is every column of what processes keep in memory, but for those that are listed here', async () => {
    const { rows } = await direct.query<{ table: string; columns: string[] }>(`
      select c.relname as table,
             coalesce(json_agg(a.attname order by a.attname) filter (where not (t.columns::text = '' or a.attnum = any(t.columns))), '[]') as columns
        from pg_class c
        join (select tgrelid, tgattr as columns from pg_trigger
               where tgfoid = 'gt_record_change'::regproc and tgtype & 16 <> 0 and tgenabled <> 'D') t on t.tgrelid = c.oid
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       group by 1`);
    const whole = Object.fromEntries(wholeTables.map((table) => [table, []]));
    expect(Object.fromEntries(rows.map(({ table, columns }) => [table, columns]))).toEqual({ ...whole, ...unheard });
  });
});

describe('a process that follows the feed', () => {
  async function follow(url: string): Promise<{ changes: Change[]; gaps: () => number; feed: ChangeFeed }> {
    const changes: Change[] = [];
    let gaps = 0;
    const feed = new ChangeFeed(loadConfig({ ...testSettings, DATABASE_URL: url, GT_DATA_DIR: runFolder() }));
    feed.subscribe({ onChanges: (more) => void changes.push(...more), onGap: () => (gaps += 1) });
    await feed.onApplicationBootstrap();
    open.push({ end: () => feed.onApplicationShutdown() });
    return { changes, gaps: () => gaps, feed };
  }

  it('hears of all changes of a large transaction, in their order, and of the next one', async () => {
    const { changes, gaps } = await follow(database.url);
    await until('it has begun', () => gaps() === 1);
    const ids = Array.from({ length: 7_001 }, (_, n) => `key_large_${n}`);
    await makeKeys(direct, 'ten_3', ids);
    await makeKeys(direct, 'ten_4', ['key_next']);
    await until('the next is heard of', () => changes.some(({ ref }) => ref === 'key_next'));
    expect(changes.at(-1)).toMatchObject({ tenantId: 'ten_4', kind: 'keys', ref: 'key_next' });
    expect(new Set(changes.map(({ ref }) => ref))).toEqual(new Set([...ids, 'key_next']));
    expect(changes.length).toBe(7_002);
  });

  it('keeps its connection when only its own process had no time for an answer', async () => {
    const limitMs = 200;
    const connection = await FeedConnection.open({
      databaseUrl: database.url,
      limitMs,
      onNotification: () => undefined,
      onBroken: () => undefined,
    });
    open.push(connection);
    const answer = connection.rows('select 1 as one');
    const asked = performance.now();
    while (performance.now() < asked + 2 * limitMs);
    expect(await answer).toEqual([{ one: 1 }]);
  });

  it('leaves no connection behind while its beginning fails again and again', async () => {
    const proxy = await TcpProxy.before(database.url);
    const url = new URL(proxy.url);
    // The server lets this login in and refuses it the role.
    await direct.query(`drop role if exists gt_feed_stranger; create role gt_feed_stranger login password 'stranger'`);
    url.username = 'gt_feed_stranger';
    url.password = 'stranger';
    const { feed } = await follow(url.toString());
    const connections = async (): Promise<number> =>
      (await direct.query(`select from pg_stat_activity where usename = 'gt_feed_stranger'`)).rowCount ?? 0;
    await until('it has tried often', () => proxy.accepted >= 8);
    expect(await connections()).toBeLessThanOrEqual(2);
    expect(feed.isLive()).toBe(false);
    await direct.query(`grant gt_platform to gt_feed_stranger`);
    await until('it works as soon as it may', () => feed.isLive());
    await until('one connection is left', async () => (await connections()) === 1);
    await feed.onApplicationShutdown();
    await direct.query(`drop role gt_feed_stranger`);
    await proxy.close();
  });
});
