import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import pg from 'pg';
import { listAdminUsageQuery, usageDimensions, usageGroupsQuery, type UsageDimension } from '../../src/contracts/usage.js';
import { newTimedId } from '../../src/kernel/ids.js';
import { KeyTouches } from '../../src/modules/usage/key-touches.js';
import { StatementsService } from '../../src/modules/usage/statements.service.js';
import { UsageDrainRepository } from '../../src/modules/usage/usage-drain.repository.js';
import type { UsageGroupRecord } from '../../src/modules/usage/usage-groups.js';
import type { StatementLineRecord } from '../../src/modules/usage/statement-lines.js';
import type { UsageTotals } from '../../src/modules/usage/usage-totals.js';
import { UsageRepository } from '../../src/modules/usage/usage.repository.js';
import { UsageService } from '../../src/modules/usage/usage.service.js';
import { UsageStoreRepository } from '../../src/modules/usage/usage-store.repository.js';
import { UsageStoreService } from '../../src/modules/usage/usage-store.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { checkIsolation } from '../../src/platform/database/isolation-check.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { beginText, interruptedRecord, type CallPrice } from '../../src/platform/journal/call-record.js';
import { endedRecord } from '../support/ended-record.js';
import { createMigratedDatabase } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

const hourMs = 3_600_000;
const never = new AbortController().signal;
const thisMonth = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth());

/** A database with all that reads, writes and keeps usage in it. */
async function benchOn(database: TestDatabase) {
  const connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  const platform = new PlatformDatabase(connections);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    database,
    client,
    drain: new UsageDrainRepository(platform),
    store: new UsageStoreService(new UsageStoreRepository(platform)),
    usage: new UsageService(new UsageRepository(new TenantDatabase(connections)), new KeyTouches()),
    statements: new StatementsService(new UsageRepository(new TenantDatabase(connections))),
    connections,
    end: async () => {
      await client.end();
      await connections.close();
      await database.drop();
    },
  };
}

let bench: Awaited<ReturnType<typeof benchOn>>;
beforeAll(async () => {
  Logger.overrideLogger(false);
  bench = await benchOn(await createMigratedDatabase());
});
afterAll(() => bench.end());
afterEach(() => bench.client.query('delete from tenants'));

const makeTenants = (...ids: string[]) =>
  bench.client.query('insert into tenants (id, slug, name, updated_at) select id, id, id, now() from unnest($1::text[]) id', [
    ids,
  ]);
const read = async <T extends pg.QueryResultRow>(sql: string) => (await bench.client.query<T>(sql)).rows;

interface Call {
  readonly id: string;
  readonly tenantId: string;
  readonly keyId: string;
  readonly endpoint: string;
  readonly atMs: number;
  readonly tokens: number;
  readonly written?: number;
}

const modelOf = ({ tokens }: Call) => `m${tokens % 4}`;
const begin = (call: Call) =>
  beginText({
    ...{ id: call.id, tenantId: call.tenantId, keyId: call.keyId, endpoint: call.endpoint },
    ...{ requestId: 'req_1', route: 'r', connectionId: 'c', model: modelOf(call) },
    ...{ stream: false, startedAtMs: call.atMs },
  });
const ended = (call: Call) =>
  endedRecord(begin(call), {
    ...{ status: 200, state: 'completed', source: 'upstream', inputTokens: call.tokens, cachedInputTokens: 1 },
    cacheWriteTokens: writtenOf(call),
    ...{ outputTokens: 2, reasoningTokens: 3, totalTokens: call.tokens + 2, latencyMs: 4, firstTokenMs: null },
    ...{ audioSeconds: call.tokens / 1000, characters: 4, images: call.tokens, imageSize: '1x1' },
    price: priceOf(call),
  });
/** Some calls have no price. */
function priceOf({ tokens }: Call): CallPrice | undefined {
  return tokens % 3 === 0 ? undefined : { cost: tokens, charge: 2 * tokens, currency: tokens % 2 === 0 ? 'EUR' : 'USD' };
}
/** Some calls have written nothing to a cache. */
function writtenOf({ tokens, written = tokens % 4 === 0 ? 0 : tokens - 1 }: Call): number {
  return written;
}
const guessed = (call: Call) => interruptedRecord(begin(call));
const callAt = (atMs: number, fields: Partial<Call> = {}): Call => ({
  ...{ id: newTimedId('usage', atMs), tenantId: 'ten_a', keyId: 'key_a', endpoint: 'e', atMs, tokens: 5 },
  ...fields,
});

/** Rows as the release before left them: without the triggers, and named as not brought over. */
async function leaveAsBefore(records: readonly string[]): Promise<void> {
  await bench.client.query('alter table usage disable trigger user');
  try {
    await bench.drain.write(records, []);
  } finally {
    await bench.client.query('alter table usage enable trigger user');
  }
  await bench.client.query(
    `insert into usage_unmoved select distinct tenant_id, 'infinity'::timestamptz, '' from usage on conflict do nothing`,
  );
}

const partitionsOf = async () =>
  (
    await read<{ part: string; ids: string[] }>(
      `select tableoid::regclass::text as part, array_agg(tokens order by tokens) as ids
         from (select tableoid, input_tokens as tokens from usage_events) e group by 1 order by 1`,
    )
  ).map(({ part, ids }) => [part, ids]);
const nameOf = (atMs: number) => `usage_events_${new Date(atMs).toISOString().slice(0, 7).replace('-', '')}`;
const monthBefore = (back: number) => Date.UTC(new Date(thisMonth).getUTCFullYear(), new Date(thisMonth).getUTCMonth() - back);

/** The statement of this month has the sums of the month's usage, and its lines add up to them, those without names too. */
async function expectStatement(): Promise<void> {
  const month = new Date(thisMonth).toISOString().slice(0, 7);
  const query = listAdminUsageQuery.parse({ since: thisMonth / 1000, until: monthBefore(-1) / 1000 });
  const { totals } = await bench.usage.listOfTenant('ten_a', query);
  for (const most of [2, 5_000]) {
    const statement = await bench.statements.of('ten_a', month, most);
    expect(statement.totals).toEqual(totals);
    const of = (currency: string | null) => statement.lines.filter((line) => line.currency === currency);
    const sum = (currency: string | null, one: (line: StatementLineRecord) => number | null) =>
      of(currency).reduce((all, line) => all + (one(line) ?? 0), 0);
    const currencies = totals.amounts.map(({ currency }) => currency);
    expect(
      currencies.map((currency) => ({
        ...{ currency, calls: sum(currency, (line) => line.calls) },
        ...{ cost: sum(currency, (line) => line.cost), charge: sum(currency, (line) => line.charge) },
      })),
    ).toEqual(totals.amounts);
    const all = [null, ...currencies].reduce((calls, currency) => calls + sum(currency, (line) => line.calls), 0);
    expect(all).toBe(totals.calls);
    if (most > 2) expect(statement.lines.filter(({ key }) => key === null)).toEqual([]);
  }
}

/** Who made which key. */
const makers: Readonly<Record<string, string>> = { key_a: 'mem_a' };

/** Writes into the audit that a member made the first key, somebody else the second one. */
const auditKeys = () =>
  bench.client.query(`
    insert into audit (tenant_id, id, actor, actor_role, request_id, action, kind, object_id, changes) values
      ('ten_a', 'aud_1', 'owner (adt_0)', 'owner', 'req_1', 'create', 'admin_token', 'adt_a', '{"member":"mem_a"}'),
      ('ten_a', 'aud_2', 'owner (adt_0)', 'owner', 'req_1', 'create', 'admin_token', 'adt_b', '{"member":null}'),
      ('ten_a', 'aud_3', 'of a member (adt_a)', 'owner', 'req_1', 'create', 'key', 'key_a', '{}'),
      ('ten_a', 'aud_4', 'of nobody (adt_b)', 'owner', 'req_1', 'create', 'key', 'key_b', '{}')`);

interface KeptCall {
  readonly call: Call;
  readonly isEnded: boolean;
}

/** What a call is counted under. */
function groupOf({ call, isEnded }: KeptCall, by: UsageDimension, timeZone: string): string {
  if (by === 'hour') return new Date(Math.floor(call.atMs / hourMs) * hourMs).toISOString().replace('.000Z', 'Z');
  if (by === 'day') return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(call.atMs);
  if (by === 'state') return isEnded ? 'completed' : 'interrupted';
  return { key: call.keyId, endpoint: call.endpoint, route: 'r', model: modelOf(call), member: makers[call.keyId] ?? 'none' }[by];
}

/** All groups, walked page by page, are the right ones in order, and add up to the totals, which each page has. */
async function expectGroups(
  filter: { by: UsageDimension; zone: string; order: 'asc' | 'desc'; since?: unknown; until?: unknown; key?: unknown },
  expected: readonly KeptCall[],
  totals: UsageTotals,
): Promise<void> {
  const { since, until, key, by, zone, order } = filter;
  const given = { since, until, key, by, time_zone: zone, order, limit: 2 };
  const pageOf = (place: { after?: string | undefined; before?: string | undefined }) =>
    bench.usage.groupsOfTenant('ten_a', usageGroupsQuery.parse({ ...given, ...place }));
  const walked: UsageGroupRecord[] = [];
  for (let hasMore = true; hasMore;) {
    const page = await pageOf({ after: walked.at(-1)?.id });
    expect(page.totals).toEqual(totals);
    walked.push(...page.rows);
    hasMore = page.hasMore;
  }
  const counts = new Map<string, number>();
  for (const one of expected) {
    const id = groupOf(one, by, zone);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([one], [other]) => (one < other === (order === 'asc') ? -1 : 1));
  expect(walked.map(({ id, calls }) => [id, calls])).toEqual(sorted);
  expect(sumOf(walked)).toEqual(totals);
  const last = walked.at(-1);
  if (last !== undefined) expect((await pageOf({ before: last.id })).rows).toEqual(walked.slice(0, -1).slice(-2));
}

function sumOf(groups: readonly UsageGroupRecord[]): UsageTotals {
  const sum = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((total, one) => total + of(one), 0);
  const amounts = groups.flatMap((group) => group.amounts);
  return {
    calls: sum(groups, (group) => group.calls),
    inputTokens: sum(groups, (group) => group.inputTokens),
    cachedInputTokens: sum(groups, (group) => group.cachedInputTokens),
    cacheWriteTokens: sum(groups, (group) => group.cacheWriteTokens),
    outputTokens: sum(groups, (group) => group.outputTokens),
    reasoningTokens: sum(groups, (group) => group.reasoningTokens),
    totalTokens: sum(groups, (group) => group.totalTokens),
    audioMs: sum(groups, (group) => group.audioMs),
    inputCharacters: sum(groups, (group) => group.inputCharacters),
    images: sum(groups, (group) => group.images),
    amounts: [...new Set(amounts.map(({ currency }) => currency))].sort().map((currency) => {
      const same = amounts.filter((one) => one.currency === currency);
      return {
        currency,
        calls: sum(same, (one) => one.calls),
        cost: sum(same, (one) => one.cost),
        charge: sum(same, (one) => one.charge),
      };
    }),
  };
}

describe('usage by time', () => {
  it('has the sums of any filter, whatever was written twice, guessed, added up or brought over meanwhile', async () => {
    const days = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: -9, max: 9 }));
    const times = fc
      .tuple(days, fc.integer({ min: -8, max: 8 }), fc.constantFrom(-1, 0, 1, 777_000))
      .map(([day, half, ms]) => day * 24 * hourMs + (half * hourMs) / 2 + ms);
    const anyEnd = fc.option(fc.tuple(days, fc.integer({ min: -4, max: 4 })).map(([day, hour]) => day * 24 + hour));
    const anyCall = fc
      .record({ number: fc.nat(15), tenantId: fc.constantFrom('ten_a', 'ten_b'), keyId: fc.constantFrom('key_a', 'key_b') })
      .chain((fields) =>
        fc.record({ fields: fc.constant(fields), offset: fc.constant(0), tokens: fc.constant(fields.number + 1) }),
      );
    const steps = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          what: fc.constantFrom('end' as const, 'guess' as const),
          calls: fc.array(anyCall, { minLength: 1, maxLength: 6 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constantFrom('add up' as const, 'bring over' as const, 'months' as const),
          calls: fc.constant([]),
        }),
      },
    );
    const plan = fc.record({
      offsets: fc.array(times, { minLength: 16, maxLength: 16 }),
      before: fc.array(anyCall, { maxLength: 8 }),
      steps: fc.array(steps, { minLength: 2, maxLength: 8 }),
      isAddedUp: fc.boolean(),
      filters: fc.array(
        fc.record({
          since: anyEnd,
          until: anyEnd,
          key: fc.option(fc.constantFrom('key_a', 'key_b')),
          part: fc.constantFrom(0, 1, 600, 1800),
          by: fc.constantFrom(...usageDimensions),
          // Some have midnights within an hour, and some are nearly a day off.
          zone: fc.constantFrom(
            'UTC',
            'Europe/Berlin',
            'Asia/Tehran',
            'America/St_Johns',
            'Pacific/Auckland',
            'Pacific/Honolulu',
          ),
          order: fc.constantFrom('asc' as const, 'desc' as const),
        }),
        { minLength: 2, maxLength: 4 },
      ),
    });
    const store = new UsageStoreRepository(new PlatformDatabase(bench.connections));
    await fc.assert(
      fc.asyncProperty(plan, async ({ offsets, before, steps: todo, isAddedUp, filters }) => {
        await bench.client.query('delete from tenants');
        await makeTenants('ten_a', 'ten_b');
        await auditKeys();
        const kept = new Map<string, { call: Call; isEnded: boolean }>();
        const given = (
          some: readonly { fields: { number: number; tenantId: string; keyId: string }; tokens: number }[],
          isEnded: boolean,
        ) =>
          some.map(({ fields, tokens }) => {
            const { number, tenantId, keyId } = fields;
            const call = {
              id: `use_${number}_${keyId}`,
              tenantId,
              keyId,
              endpoint: 'e',
              atMs: thisMonth + (offsets[number] ?? 0),
              tokens,
            };
            const known = kept.get(tenantId + call.id);
            if (known === undefined || isEnded)
              kept.set(tenantId + call.id, { call, isEnded: isEnded || known?.isEnded === true });
            return isEnded ? ended(call) : guessed(call);
          });
        await leaveAsBefore([...given(before.slice(0, 4), false), ...given(before.slice(4), true)]);
        for (const { what, calls } of todo) {
          if (what === 'end' || what === 'guess') await bench.drain.write(given(calls, what === 'end'), []);
          else if (what === 'add up') await store.addUp(2);
          else if (what === 'months') await bench.store.makeMonths(never);
          else await store.bringOver(2);
        }
        if (isAddedUp) await store.addUp(1_000);
        for (const { since, until, key, part, by, zone, order } of filters) {
          const sinceMs = since === null ? -Infinity : thisMonth + since * hourMs + part * 1000;
          const untilMs = until === null ? Infinity : thisMonth + until * hourMs + part * 1000;
          const query = listAdminUsageQuery.parse({
            ...{ limit: 100, order: 'asc' },
            ...(key === null ? {} : { key }),
            ...(since === null ? {} : { since: sinceMs / 1000 }),
            ...(until === null ? {} : { until: untilMs / 1000 }),
          });
          const expected = [...kept.values()].filter(
            ({ call: { tenantId, keyId, atMs } }) =>
              tenantId === 'ten_a' && (key === null || keyId === key) && atMs >= sinceMs && atMs < untilMs,
          );
          const { rows, totals } = await bench.usage.listOfTenant('ten_a', query);
          expect(rows.map(({ id }) => id).sort()).toEqual(expected.map(({ call }) => call.id).sort());
          const sum = (one: (call: Call) => number) =>
            expected.reduce((all, { call, isEnded }) => all + (isEnded ? one(call) : 0), 0);
          const priced = expected.flatMap(({ call, isEnded }) => (isEnded ? (priceOf(call) ?? []) : []));
          const amounts = ['EUR', 'USD'].flatMap((currency) => {
            const same = priced.filter((one) => one.currency === currency);
            const all = (one: (price: CallPrice) => number) => same.reduce((total, price) => total + one(price), 0);
            const calls = same.length;
            return calls === 0 ? [] : [{ currency, calls, cost: all(({ cost }) => cost), charge: all(({ charge }) => charge) }];
          });
          expect(totals).toEqual({
            amounts,
            calls: expected.length,
            inputTokens: sum(({ tokens }) => tokens),
            cachedInputTokens: sum(() => 1),
            cacheWriteTokens: sum(writtenOf),
            outputTokens: sum(() => 2),
            reasoningTokens: sum(() => 3),
            totalTokens: sum(({ tokens }) => tokens + 2),
            audioMs: sum(({ tokens }) => tokens),
            inputCharacters: sum(() => 4),
            images: sum(({ tokens }) => tokens),
          });
          for (const one of new Set([by, 'day' as const]))
            await expectGroups({ ...query, by: one, zone, order }, expected, totals);
        }
        await expectStatement();
      }),
      { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 300 : 30 },
    );
  }, 240_000);

  it('is copied and summed once from what the release before writes, which knows no status of the provider', async () => {
    await makeTenants('ten_a');
    const write = `insert into usage (tenant_id, id, request_id, key_id, route, endpoint, connection_id, model, status, state, source, stream,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, latency_ms, first_token_ms, created_at)
      values ('ten_a', 'use_old', 'q', 'k', 'r', 'e', 'c', 'm', 500, $1, 'none', false, $2, 0, 0, 0, $2, 1, null, now())
      on conflict (tenant_id, id) do update set state = excluded.state, input_tokens = excluded.input_tokens, total_tokens = excluded.total_tokens
        where usage.state = 'interrupted' and excluded.state <> 'interrupted'`;
    // Each transaction has a time of its own, as no record has: the first one's counts.
    for (const [state, tokens] of [
      ['interrupted', 0],
      ['completed', 7],
      ['completed', 9],
      ['interrupted', 0],
    ]) {
      await bench.client.query(write, [state, tokens]);
    }
    const { rows, totals } = await bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({}));
    expect(rows.map(({ id, state, upstreamStatus, totalTokens }) => [id, state, upstreamStatus, totalTokens])).toEqual([
      ['use_old', 'completed', null, 7],
    ]);
    expect([totals.calls, totals.totalTokens]).toEqual([1, 7]);
  });

  it('stands in the month of its first moment in UTC, to the millisecond', async () => {
    await makeTenants('ten_a');
    const next = monthBefore(-1);
    const moments = [thisMonth, next - 1, next, monthBefore(-2) - 1].map((atMs, tokens) => ended(callAt(atMs, { tokens })));
    await bench.drain.write([...moments, ...moments], []);
    expect(await partitionsOf()).toEqual([
      [nameOf(thisMonth), [0, 1]],
      [nameOf(next), [2, 3]],
    ]);
  });

  it('finds a place where no month was made, and moves into the month when that is made, sums unchanged', async () => {
    await makeTenants('ten_a');
    const [late, former] = [monthBefore(7), monthBefore(8)];
    const strange = Date.UTC(1999, 5);
    const calls = [late, monthBefore(6) - 1, former, strange].map((atMs, tokens) => callAt(atMs, { tokens }));
    await bench.drain.write(calls.map(ended), []);
    expect(await partitionsOf()).toEqual([['usage_events_default', [0, 1, 2, 3]]]);
    const before = await bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({}));
    expect(await bench.store.makeMonths(never)).toBe(2);
    expect(await bench.store.makeMonths(never)).toBe(0);
    expect(await partitionsOf()).toEqual(
      [
        ['usage_events_default', [3]],
        [nameOf(former), [2]],
        [nameOf(late), [0, 1]],
      ].sort(),
    );
    expect(await bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({}))).toEqual(before);
    await bench.drain.write(calls.map(ended), []);
    expect(await bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({}))).toEqual(before);
    await expect(checkIsolation(bench.connections)).resolves.toBeUndefined();
  });

  it('is read whole, and each call found as a cursor, while rows of the release before are brought over in batches', async () => {
    await makeTenants('ten_a', 'ten_b');
    const old = Array.from({ length: 25 }, (_none, at) =>
      callAt(monthBefore(1) + at * hourMs, { id: `use_old${at}`, tokens: at }),
    );
    await leaveAsBefore([...old.map(ended), ended(callAt(thisMonth, { tenantId: 'ten_b' }))]);
    const fresh = callAt(thisMonth + 5);
    await bench.drain.write([ended(fresh)], []);
    const ids = [...old.map(({ id }) => id), fresh.id].reverse();
    const store = new UsageStoreRepository(new PlatformDatabase(bench.connections));
    for (let isMore = true; isMore;) {
      const walked: string[] = [];
      for (let after: string | undefined, hasMore = true; hasMore; after = walked.at(-1)) {
        const page = await bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({ limit: 7, after }));
        walked.push(...page.rows.map(({ id }) => id));
        hasMore = page.hasMore;
        expect([page.totals.calls, page.totals.inputTokens]).toEqual([26, 300 + 5]);
      }
      expect(walked).toEqual(ids);
      isMore = await store.bringOver(4);
    }
    expect(await read('select from usage_unmoved')).toEqual([]);
    expect((await partitionsOf()).map(([part]) => part)).toEqual([nameOf(monthBefore(1)), nameOf(thisMonth)]);
  });

  it('goes with its tenant, and stays with the others', async () => {
    await makeTenants('ten_a', 'ten_b');
    await bench.drain.write(
      ['ten_a', 'ten_b'].map((tenantId) => ended(callAt(thisMonth, { tenantId }))),
      [],
    );
    await bench.store.addUp(never);
    await bench.drain.write(
      ['ten_a', 'ten_b'].map((tenantId) => ended(callAt(thisMonth, { tenantId }))),
      [],
    );
    await bench.client.query(`delete from tenants where id = 'ten_a'`);
    for (const table of ['usage', 'usage_events', 'usage_hourly', 'usage_daily', 'usage_open']) {
      expect([table, await read(`select distinct tenant_id from ${table}`)]).toEqual([table, [{ tenant_id: 'ten_b' }]]);
    }
  });

  it('has a page and totals of one moment, though calls are written between them', async () => {
    await makeTenants('ten_a');
    await bench.drain.write([ended(callAt(thisMonth))], []);
    // The totals are read from the days, and wait for who holds these; the page does not.
    await bench.client.query('begin; lock table usage_daily in access exclusive mode');
    const reading = bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({}));
    const waiting = `select from pg_locks where not granted and relation = 'usage_daily'::regclass`;
    try {
      await until('the totals wait', async () => (await read(waiting)).length === 1);
      await bench.drain.write([ended(callAt(thisMonth))], []);
    } finally {
      await bench.client.query('commit');
    }
    const { rows, totals } = await reading;
    expect([rows.length, totals.calls]).toEqual([1, 1]);
  });

  it('is summed right, and nobody waits in a circle, when eight write the same calls while others add up', async () => {
    const tenants = ['ten_a', 'ten_b', 'ten_c'];
    await makeTenants(...tenants);
    const calls = Array.from({ length: 60 }, (_none, at) =>
      callAt(thisMonth + at * hourMs, { id: `use_${at}`, tenantId: tenants[at % 3] ?? '', tokens: at }),
    );
    const connections = new ConnectionPool({ DATABASE_URL: bench.database.url, GT_DATABASE_POOL: 12 });
    const platform = new PlatformDatabase(connections);
    const drain = new UsageDrainRepository(platform);
    const store = new UsageStoreRepository(platform);
    const inTurn = async (times: number, work: (turn: number) => Promise<unknown>) => {
      for (let turn = 0; turn < times; turn += 1) await work(turn);
    };
    const write = (writer: number) => (turn: number) => {
      const some = calls.filter((_call, at) => (at + turn) % 3 !== 0).sort(() => (writer % 2 === 0 ? 1 : -1));
      return drain.write(
        some.map((call, at) => ((at + writer + turn) % 2 === 0 ? guessed(call) : ended(call))),
        [],
      );
    };
    try {
      const writers = Array.from({ length: 8 }, (_none, writer) => inTurn(6, write(writer)));
      await Promise.all([...writers, ...[1, 2, 3].map(() => inTurn(12, () => store.addUp(7)))]);
      await drain.write(calls.map(ended), []);
      for (let isMore = true; isMore;) {
        const { totals } = await bench.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({ state: 'completed' }));
        expect([totals.calls, totals.inputTokens]).toEqual([20, 570]);
        isMore = (await store.addUp(50)) > 0;
      }
    } finally {
      await connections.close();
    }
  });

  it('has the sums of calls that stood there before the sums did', async () => {
    await makeTenants('ten_a', 'ten_b');
    // Nobody knew then what was written to caches.
    const calls = Array.from({ length: 30 }, (_none, at) => callAt(thisMonth + at * 5 * hourMs, { tokens: at, written: 0 }));
    await bench.drain.write([...calls.map(ended), ended(callAt(thisMonth, { tenantId: 'ten_b' }))], []);
    const sums = () => bench.usage.groupsOfTenant('ten_a', usageGroupsQuery.parse({ by: 'model' }));
    const before = await sums();
    const file = new URL('../../prisma/migrations/20261206010000_usage_sums/migration.sql', import.meta.url);
    const [, fill = ''] = (await readFile(file, 'utf8')).split(/^(?=SET LOCAL ROLE)/m);
    await bench.client.query(`truncate usage_hourly, usage_daily, usage_open; begin; ${fill} commit`);
    expect(await sums()).toEqual(before);
    expect(before.rows.map(({ id, calls: count }) => [id, count])).toEqual([
      ['m3', 7],
      ['m2', 7],
      ['m1', 8],
      ['m0', 8],
    ]);
  });

  it('is kept in shape by a database role that is no superuser', async () => {
    const empty = await createTestDatabase();
    const url = new URL(empty.url);
    const name = url.pathname.slice(1);
    const role = `${name}_owner`;
    // The tables of all roles of the server are shared: the two of the product are there already.
    await bench.client.query(
      `create role ${role} login createrole password 'x'; grant gt_app, gt_platform to ${role} with admin option`,
    );
    await bench.client.query(`alter database ${name} owner to ${role}`);
    const super_ = new pg.Client({ connectionString: empty.url });
    await super_.connect();
    await super_.query(`alter schema public owner to ${role}`);
    await super_.end();
    [url.username, url.password] = [role, 'x'];
    await migrate(url.href);
    const owned = await benchOn({ url: url.href, drop: empty.drop });
    try {
      await checkIsolation(owned.connections);
      await owned.client.query(
        `begin; set local role gt_platform; insert into tenants (id, slug, name, updated_at) values ('ten_a', 'a', 'A', now()); commit`,
      );
      await owned.drain.write([ended(callAt(monthBefore(9))), ended(callAt(thisMonth))], []);
      expect(await owned.store.makeMonths(never)).toBe(1);
      await owned.store.addUp(never);
      const { rows, totals } = await owned.usage.listOfTenant('ten_a', listAdminUsageQuery.parse({}));
      expect([rows.length, totals.calls, totals.inputTokens]).toEqual([2, 2, 10]);
      await checkIsolation(owned.connections);
    } finally {
      await owned.end();
      await bench.client.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

describe('every column of a state', () => {
  it('holds only what it may, in old rows too', async () => {
    const columns = await read<{ column: string; checked: boolean }>(`
      select c.relname || '.' || a.attname as column,
             exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.convalidated and k.conkey = array[a.attnum]) as checked
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
       where n.nspname = 'public' and c.relkind in ('r', 'p') and a.attname ~ 'state$' and not a.attisdropped order by 1`);
    expect(columns.length).toBeGreaterThan(9);
    expect(columns.filter(({ checked }) => !checked)).toEqual([]);
  });
});
