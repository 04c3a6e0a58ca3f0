import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import fc from 'fast-check';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { unlimited } from '../../src/modules/usage/gates/call-size.js';
import type { Ticket } from '../../src/modules/usage/gates/ticket.js';
import { Gates } from '../../src/modules/usage/gates/gates.js';
import type { Exercise } from '../../src/modules/usage/key-touches.js';
import { UsageDrainRepository } from '../../src/modules/usage/usage-drain.repository.js';
import { UsageDrainService } from '../../src/modules/usage/usage-drain.service.js';
import { UsageModule } from '../../src/modules/usage/usage.module.js';
import { UsageService } from '../../src/modules/usage/usage.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { ObservabilityModule } from '../../src/observability/observability.module.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { CallJournal } from '../../src/platform/journal/call-journal.js';
import { beginText, interruptedRecord, type CallEnd, type CallStart } from '../../src/platform/journal/call-record.js';
import { endedRecord } from '../support/ended-record.js';
import { until } from '../support/until.js';
import { createTestDatabase, runFolder, type TestDatabase } from '../support/postgres.js';

const firstMs = 1_700_000_000_000;

const end: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 3,
  cachedInputTokens: 1,
  cacheWriteTokens: 2,
  outputTokens: 4,
  reasoningTokens: 2,
  totalTokens: 7,
  latencyMs: 12,
  firstTokenMs: 5,
};

const call = (id: string, fields: Partial<CallStart> = {}): CallStart => ({
  id,
  tenantId: 'ten_a',
  keyId: 'key_a',
  requestId: 'req_a',
  route: 'chat.completions.create',
  endpoint: 'assistant',
  connectionId: 'con_a',
  model: 'big',
  stream: true,
  startedAtMs: firstMs,
  ...fields,
});

const ended = (id: string, fields: Partial<CallStart> = {}) => endedRecord(beginText(call(id, fields)), end);
const interrupted = (id: string) => interruptedRecord(beginText(call(id)));

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let repository: UsageDrainRepository;

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await createTestDatabase({ template: { name: 'migrated', prepare: async (url) => void (await migrate(url)) } });
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 6 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  repository = new UsageDrainRepository(new PlatformDatabase(connections));
});

afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

afterEach(async () => {
  await client.query('delete from tenants');
});

async function makeTenant(id: string, keys: readonly string[]): Promise<void> {
  await client.query('insert into tenants (id, slug, name, updated_at) values ($1, $1, $1, now())', [id]);
  await client.query(
    `insert into keys (tenant_id, id, name, purpose, scopes, updated_at)
     select $1, key, key, 'inference', '{}', now() from unnest($2::text[]) as key`,
    [id, keys],
  );
}

const read = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
const exercise = () =>
  read('select key_id, kind, value, calls::integer, first_at, last_at from key_exercise order by key_id, kind, value');

describe('the drain into the database', () => {
  it('writes every column of a call as it was recorded', async () => {
    await makeTenant('ten_a', ['key_a']);
    const took = { audioSeconds: 8.5, characters: 12, images: 2, imageSize: '1024x1024' };
    const price = { cost: Number.MAX_SAFE_INTEGER - 1, charge: Number.MAX_SAFE_INTEGER, currency: 'USD' };
    const odd = call('use_1', { endpoint: 'ü😀 "q" \\u0000 \0', model: 'a\nb', startedAtMs: firstMs + 123 });
    await repository.write([endedRecord(beginText(odd), { ...end, upstreamStatus: 429, ...took, price })], []);
    const clean = { endpoint: 'ü😀 "q" \\u0000 \ufffd', model: 'a\nb', created_at: new Date(firstMs + 123) };
    const input = { input_tokens: 3, cached_input_tokens: 1, cache_write_tokens: 2 };
    const tokens = { ...input, output_tokens: 4, reasoning_tokens: 2, total_tokens: 7 };
    expect(await read('select * from usage')).toEqual([
      {
        tenant_id: 'ten_a',
        id: 'use_1',
        request_id: 'req_a',
        key_id: 'key_a',
        route: 'chat.completions.create',
        connection_id: 'con_a',
        status: 200,
        state: 'completed',
        source: 'upstream',
        stream: true,
        latency_ms: 12,
        first_token_ms: 5,
        upstream_status: 429,
        ...{ audio_ms: 8500, input_characters: 12, images: 2, image_size: '1024x1024', provider_batch: null },
        ...{ cost: String(price.cost), charge: String(price.charge), currency: 'USD' },
        ...clean,
        ...tokens,
      },
    ]);
  });

  it('lets a real end win over an interrupted one and counts the call once, in any order and grouping', async () => {
    const writes = fc.array(
      fc.array(fc.constantFrom('use_1:end', 'use_1:guess', 'use_2:guess'), { minLength: 1, maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(writes, async (groups) => {
        await client.query('delete from tenants');
        await makeTenant('ten_a', ['key_a']);
        const record = (name: string) => (name === 'use_1:end' ? ended('use_1') : interrupted(name.slice(0, 5)));
        for (const group of groups) await repository.write(group.map(record), []);
        const written = new Set(groups.flat());
        const expected = [
          ...(written.has('use_1:end')
            ? [['use_1', 'completed', 7]]
            : written.has('use_1:guess')
              ? [['use_1', 'interrupted', 0]]
              : []),
          ...(written.has('use_2:guess') ? [['use_2', 'interrupted', 0]] : []),
        ];
        const rows = await read('select id, state, total_tokens from usage order by id');
        expect(rows.map(Object.values)).toEqual(expected);
        expect((await exercise()).map((row) => row['calls'])).toEqual([expected.length, expected.length]);
      }),
      { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 300 : 25 },
    );
  });

  it('leaves out the calls of a tenant that is gone and writes the others', async () => {
    await makeTenant('ten_a', ['key_a']);
    await repository.write([ended('use_1', { tenantId: 'ten_gone' }), ended('use_2'), ended('use_3', { keyId: 'key_gone' })], []);
    expect(await read('select id from usage order by id')).toEqual([{ id: 'use_2' }, { id: 'use_3' }]);
  });

  it('records what a key used and when it last did, from calls and from touches, and never goes back in time', async () => {
    await makeTenant('ten_a', ['key_a', 'key_b']);
    const touch: Exercise = {
      tenantId: 'ten_a',
      keyId: 'key_a',
      kind: 'dataset',
      value: 'ds_1',
      calls: 2,
      firstAtMs: firstMs,
      lastAtMs: firstMs + 9,
    };
    await repository.write([ended('use_1', { startedAtMs: firstMs + 5 }), ended('use_2', { endpoint: 'other' })], [touch]);
    await repository.write([ended('use_3', { startedAtMs: firstMs - 5 })], [{ ...touch, keyId: 'key_gone' }]);
    const at = (ms: number) => new Date(firstMs + ms);
    expect(await exercise()).toEqual([
      { key_id: 'key_a', kind: 'dataset', value: 'ds_1', calls: 2, first_at: at(0), last_at: at(9) },
      { key_id: 'key_a', kind: 'endpoint', value: 'assistant', calls: 2, first_at: at(-5), last_at: at(5) },
      { key_id: 'key_a', kind: 'endpoint', value: 'other', calls: 1, first_at: at(0), last_at: at(0) },
      { key_id: 'key_a', kind: 'route', value: 'chat.completions.create', calls: 3, first_at: at(-5), last_at: at(5) },
    ]);
    expect(await read('select id, last_used_at from keys order by id')).toEqual([
      { id: 'key_a', last_used_at: at(9) },
      { id: 'key_b', last_used_at: null },
    ]);
  });

  it('is no change of a key: the change feed stays silent', async () => {
    await makeTenant('ten_a', ['key_a']);
    const before = await read('select max(seq) from change_feed');
    await repository.write([ended('use_1')], []);
    expect(await read('select max(seq) from change_feed')).toEqual(before);
  });

  it('goes on in several processes at once over the same keys and calls', async () => {
    const keys = Array.from({ length: 20 }, (_, place) => `key_${place}`);
    await makeTenant('ten_a', keys);
    const records = Array.from({ length: 300 }, (_, place) => ended(`use_${place}`, { keyId: `key_${place % 20}` }));
    const shuffled = () => fc.sample(fc.shuffledSubarray(records, { minLength: records.length }), 1)[0] ?? [];
    const drains = Array.from({ length: 6 }, async () => {
      const mine = shuffled();
      for (let from = 0; from < mine.length; from += 60) await repository.write(mine.slice(from, from + 60), []);
    });
    await Promise.all(drains);
    expect(await read(`select count(*)::integer as calls from usage`)).toEqual([{ calls: 300 }]);
    expect((await exercise()).map((row) => row['calls'])).toEqual(Array(40).fill(15));
  });
});

describe('a running process', () => {
  const contexts: INestApplicationContext[] = [];

  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });

  async function start(dataDir: string): Promise<INestApplicationContext> {
    const config = loadConfig({
      DATABASE_URL: database.url,
      GT_DATA_DIR: dataDir,
      GT_SECRET_KEYS: `a:${Buffer.alloc(32).toString('base64')}`,
    });
    @Module({ imports: [ConfigModule.forRoot(config), ObservabilityModule.of('gt-api'), DatabaseModule, UsageModule] })
    class TestProcess {}
    const context = await NestFactory.createApplicationContext(TestProcess, { logger: false });
    contexts.push(context);
    return context;
  }

  const dataDir = () => mkdtemp(join(runFolder(), 'usage-drain-'));

  function settled(context: INestApplicationContext, id: string): Promise<void> {
    const gates = context.get(Gates);
    const settle = (ticket: Ticket, resolve: () => void): void => ticket.settle(end, resolve);
    return new Promise((resolve, reject) =>
      gates.reserve(gates.pass([]), call(id), unlimited, (ticket) => settle(ticket, resolve), reject),
    );
  }

  const query = { limit: 20, order: 'desc' } as const;

  it('shows a call and what its key touched without another call and without an end', async () => {
    await makeTenant('ten_a', ['key_a']);
    const context = await start(await dataDir());
    await settled(context, 'use_1');
    context.get(UsageService).touch('ten_a', 'key_a', 'models.list');
    while ((await exercise()).length < 3) await wait(10);
    expect((await context.get(UsageService).listOfKey('ten_a', 'key_a', query)).rows.map((row) => row.id)).toEqual(['use_1']);
  });

  it('drains everything when it stops and leaves nothing on the disk', async () => {
    await makeTenant('ten_a', ['key_a']);
    const dir = await dataDir();
    const context = await start(dir);
    const ids = Array.from({ length: 2500 }, (_, place) => `use_${place}`);
    await Promise.all(ids.map((id) => settled(context, id)));
    await context.close();
    expect(await read('select count(*)::integer as calls from usage')).toEqual([{ calls: 2500 }]);
    expect(await readdir(join(dir, 'journal'))).toEqual([]);
  });

  it('keeps calls and touches while the database refuses them, and writes them afterwards', async () => {
    await makeTenant('ten_a', ['key_a']);
    const context = await start(await dataDir());
    await client.query('alter table usage rename to usage_away; alter table key_exercise rename to key_exercise_away');
    try {
      await settled(context, 'use_1');
      context.get(UsageService).touch('ten_a', 'key_a', 'models.list');
      const drain = context.get(UsageDrainService);
      await expect(drain.drainNow()).rejects.toThrow('usage');
      await expect(drain.drainNow()).rejects.toThrow('usage');
    } finally {
      await client.query('alter table usage_away rename to usage; alter table key_exercise_away rename to key_exercise');
    }
    await context.get(UsageDrainService).drainNow();
    expect(await read('select id from usage')).toEqual([{ id: 'use_1' }]);
    expect((await exercise()).map((row) => [row['value'], row['calls']])).toEqual([
      ['assistant', 1],
      ['chat.completions.create', 1],
      ['models.list', 1],
    ]);
  });

  it('that stops while the database refuses leaves its calls to the next process', async () => {
    await makeTenant('ten_a', ['key_a']);
    const dir = await dataDir();
    const first = await start(dir);
    await client.query('alter table usage rename to usage_away');
    try {
      await settled(first, 'use_1');
      await first.close();
    } finally {
      await client.query('alter table usage_away rename to usage');
    }
    expect(await read('select id from usage')).toEqual([]);
    await start(dir);
    while ((await read('select id from usage')).length === 0) await wait(10);
    expect(await read('select id, state from usage')).toEqual([{ id: 'use_1', state: 'completed' }]);
  });

  it('that could not close what it held of budgets when it stopped leaves that to the next one', async () => {
    await makeTenant('ten_a', ['key_a']);
    await client.query(`insert into budgets (tenant_id, id, span, amount) values ('ten_a', 'bud_a', 'total', 100)`);
    const dir = await dataDir();
    const first = await start(dir);
    const { instance } = first.get(CallJournal);
    await client.query(`insert into budget_periods (tenant_id, budget_id, starts_at) values ('ten_a', 'bud_a', now())`);
    await client.query(
      `insert into budget_slices (tenant_id, id, budget_id, starts_at, journal, held, free)
       select tenant_id, 'slc_a', budget_id, starts_at, $1, 60, 60 from budget_periods where budget_id = 'bud_a'`,
      [instance],
    );
    await client.query('alter table budget_slices rename to slices_away');
    try {
      await first.close();
    } finally {
      await client.query('alter table slices_away rename to budget_slices');
    }
    expect(await read('select state from budget_slices')).toEqual([{ state: 'open' }]);
    await start(dir);
    await until('it is closed', async () => (await read('select state from budget_slices'))[0]?.['state'] === 'closed');
    await until('the folder is gone', async () => (await readdir(join(dir, 'journal'))).length === 1);
  });
});
