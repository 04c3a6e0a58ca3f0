import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { startSandbox } from '../../src/sandbox/server.js';
import { startApiProcess, type ApiProcess, type ApiProcessOptions } from '../support/api-process.js';
import { createMigratedDatabase } from '../support/app.js';
import { ledgerFaults } from '../support/ledger-faults.js';
import { Factory, sandboxToken, type Sandbox, type SeededKey, type SeededTenant } from '../support/platform.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { startProduct } from '../support/product-process.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { post, until, user } from '../support/relay.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const soak = process.env['GT_TEST_SOAK'] === '1';
const kills = soak ? 50 : 2;
const clients = 12;

let database: TestDatabase;
let client: pg.Client;
let sandbox: Sandbox;
let factory: Factory;
let tenant: SeededTenant;

/** What is to be ended whatever becomes of a test. */
const running: { kill(): Promise<unknown> }[] = [];

async function start(options: ApiProcessOptions): Promise<ApiProcess> {
  const api = await startApiProcess(options);
  running.push(api);
  return api;
}

beforeAll(async () => {
  database = await createMigratedDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  factory = new Factory(database.url);
  tenant = await factory.tenant('acme', `${sandbox.url}/v1`);
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.kill();
});
afterAll(async () => {
  await client.end();
  await factory.close();
  await sandbox.close();
  await database.drop();
});

/** A key with two budgets of tokens. */
async function keyWith(amounts: { readonly day: number; readonly total: number }, limits: object = {}): Promise<SeededKey> {
  const key = await factory.key(tenant, { limits });
  for (const [span, amount] of Object.entries(amounts))
    await client.query('insert into budgets (tenant_id, id, key_id, span, amount) values ($1, $2, $3, $4, $5)', [
      ...[tenant.id, `bud_${span}_${key.id}`, key.id, span, amount],
    ]);
  return key;
}

interface Standing {
  readonly budget: string;
  readonly amount: number;
  readonly settled: number;
  /** Taken out by processes, and not in the ledger. */
  readonly open: number;
  /** What calls took beyond what was reserved for them. */
  readonly beyond: number;
}

async function standings(key: SeededKey): Promise<Standing[]> {
  const { rows } = await client.query<Standing>(
    `select b.id as budget, b.amount::float8 as amount, coalesce(sum(p.settled), 0)::float8 as settled,
            (select coalesce(sum(greatest(held - settled, 0)), 0)::float8 from budget_slices s
              where s.budget_id = b.id and state <> 'closed') as open,
            (select coalesce(-sum(amount) filter (where amount < 0 and kind = 'release' and part = 0), 0)::float8 from ledger_entries l
              where l.budget_id = b.id) as beyond
       from budgets b left join budget_periods p on p.budget_id = b.id where b.key_id = $1 group by b.id, b.amount order by b.id`,
    [key.id],
  );
  return rows;
}

/** Waits until nothing is held of the key's budgets, and holds the ledger against all that is counted from the same calls. */
async function settledStandings(key: SeededKey): Promise<Standing[]> {
  const all = await until('nothing is held any more', async () => {
    const now = await standings(key);
    return now.every(({ open }) => open === 0) && now;
  });
  expect(await ledgerFaults(client)).toEqual([]);
  for (const { settled, amount, beyond } of all) expect(settled).toBeLessThanOrEqual(amount + beyond);
  return all;
}

const bodies: readonly ((at: number) => object)[] = [
  (at) => ({ messages: [user(`plain ${at} [[slow:${at % 30}]]`)] }),
  (at) => ({ stream: true, stream_options: { include_usage: true }, messages: [user(`stream ${at} [[chunks:12]] [[pace:6]]`)] }),
  (at) => ({ stream: true, messages: [user(`unasked ${at} [[chunks:12]] [[pace:6]]`)] }),
];

function send(api: ApiProcess, key: SeededKey, at: number): Promise<Response> {
  const body = { model: 'raw-chat', max_tokens: 60, ...bodies[at % bodies.length]?.(at) };
  return post({ url: `${api.baseUrl}/chat/completions`, secret: key.secret, body });
}

/** Calls until told to stop; a call that breaks with its process is made again. Counts what was answered whole. */
async function useUp(
  api: () => ApiProcess,
  key: SeededKey,
  from: number,
  isOver: () => boolean,
  heard: () => void = () => undefined,
): Promise<number> {
  let answered = 0;
  for (let at = from; !isOver(); at += 1) {
    try {
      const reply = await send(api(), key, at);
      await reply.text();
      if (reply.status !== 200) expect([429, 503]).toContain(reply.status);
      if (reply.status !== 200) await wait(50);
      else {
        answered += 1;
        heard();
      }
    } catch (error) {
      if ((error as Error).name !== 'TypeError') throw error;
      await wait(50);
    }
  }
  return answered;
}

const stores: readonly (readonly [string, () => Promise<TestRedis | undefined>])[] = [
  ['Postgres alone', () => Promise.resolve(undefined)],
  ...(soak ? ([['Redis', startRedis]] as const) : []),
];

it.each(stores)(
  `after ${kills} times kill -9 in the middle of calls the ledger is right and no unit is stuck, with %s`,
  async (_name, open) => {
    const redis = await open();
    const settings: Readonly<Record<string, string>> = redis === undefined ? {} : { REDIS_URL: redis.url };
    const dataDir = mkdtempSync(join(runFolder(), 'spending-'));
    const options = { databaseUrl: database.url, dataDir, settings };
    const apis = await Promise.all([start(options), start(options)]);
    const worker = soak ? await startProduct('worker', options) : undefined;
    if (worker !== undefined) running.push(worker);
    const key = await keyWith({ day: 40_000 * kills, total: 8_000 * kills });
    let isOver = false;
    const working = Promise.all(
      Array.from({ length: clients }, (_none, at) =>
        useUp(
          () => apis[at % 2] as ApiProcess,
          key,
          at,
          () => isOver,
        ),
      ),
    );
    for (let kill = 0; kill < kills; kill += 1) {
      await wait(200 + Math.random() * 400);
      await apis[kill % 2]?.kill();
      apis[kill % 2] = await start(options);
    }
    await wait(300);
    isOver = true;
    const answered = (await working).reduce((sum, one) => sum + one, 0);
    expect(answered).toBeGreaterThan(clients * kills);
    const all = await settledStandings(key);
    expect(all.every(({ settled }) => settled > 0)).toBe(true);
    const { rows } = await client.query(`select count(*)::integer as guesses from ledger_entries where part = 1`);
    expect(rows[0]?.guesses).toBeGreaterThan(0);
    for (const api of apis) expect(await api.stop()).toBe(0);
    await worker?.stop();
    await redis?.stop();
  },
  soak ? 600_000 : 60_000,
);

it('while Postgres is away calls go on with what their process holds, then none does, and all is booked when it is back', async () => {
  const proxy = await TcpProxy.before(database.url);
  const dataDir = mkdtempSync(join(runFolder(), 'spending-away-'));
  running.push({ kill: () => proxy.close() });
  const api = await start({ databaseUrl: proxy.url, dataDir });
  const key = await keyWith({ day: 400_000, total: 600_000 });
  const statusOf = async (at: number): Promise<number> => {
    const reply = await send(api, key, at * bodies.length);
    const text = await reply.text();
    if (reply.status !== 200) expect(text).toContain('"code":"overloaded"');
    return reply.status;
  };
  let isCut = false;
  /** How many calls of one client went through that were begun when Postgres was away. */
  const goOn = async (client: number): Promise<number> => {
    for (let [at, later] = [client, 0]; ; at += 1) {
      const isLater = isCut;
      if ((await statusOf(at)) !== 200) return later;
      if (isLater) later += 1;
    }
  };
  const going = Promise.all(Array.from({ length: 5 }, (_none, at) => goOn(at)));
  await wait(1_000);
  proxy.cut();
  isCut = true;
  const through = await going;
  expect(through.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  proxy.restore();
  await until('it goes on', async () => (await statusOf(1)) === 200);
  expect((await settledStandings(key)).every(({ settled }) => settled > 0)).toBe(true);
  // Taken away for good while calls run: what ended is booked by whoever comes next.
  const last = Array.from({ length: 6 }, (_none, at) => statusOf(at).catch(() => 0));
  await wait(20);
  proxy.cut();
  await Promise.all(last);
  await api.kill();
  const next = await start({ databaseUrl: database.url, dataDir });
  await settledStandings(key);
  expect(await next.stop()).toBe(0);
}, 60_000);

describeWithRedis('with limits in Redis', () => {
  it('calls go on while Redis is away or hangs, and when it is back, and budgets are exact, with Postgres away as well', async () => {
    const redis = await startRedis();
    running.push({ kill: () => redis.stop() });
    const proxy = await TcpProxy.before(database.url);
    running.push({ kill: () => proxy.close() });
    const dataDir = mkdtempSync(join(runFolder(), 'spending-redis-'));
    const options = { databaseUrl: proxy.url, dataDir, settings: { REDIS_URL: redis.url } };
    const apis = await Promise.all([start(options), start(options)]);
    if (soak) running.push(await startProduct('worker', options));
    const limits = { requests_per_minute: 1_000_000, tokens_per_minute: 100_000_000, parallel_requests: 8 };
    const wide = await keyWith({ day: 4_000_000, total: 4_000_000 }, limits);
    const little = await keyWith({ day: 4_000_000, total: 2_000 }, limits);
    let isOver = false;
    let answered = 0;
    const working = Promise.all(
      Array.from({ length: clients }, (_none, at) =>
        useUp(
          () => apis[at % 2] as ApiProcess,
          at % 3 === 0 ? little : wide,
          at,
          () => isOver,
          () => (answered += 1),
        ),
      ),
    );
    const goesOn = async (): Promise<void> => {
      const before = answered;
      await until('calls go on', () => answered >= before + clients);
    };
    await goesOn();
    for (let round = 0; round < (soak ? 10 : 1); round += 1) {
      await redis.stop('SIGKILL');
      await goesOn();
      await redis.start();
      await goesOn();
      redis.freeze();
      await goesOn();
      redis.thaw();
      await goesOn();
      await redis.stop('SIGKILL');
      proxy.cut();
      await wait(300);
      proxy.restore();
      await goesOn();
      await redis.start();
      await goesOn();
    }
    await until('the little budget is used up', async () => {
      const reply = await send(apis[0] as ApiProcess, little, 0);
      return (await reply.text()).includes('insufficient_quota');
    });
    isOver = true;
    await working;
    expect((await settledStandings(wide)).every(({ settled }) => settled > 0)).toBe(true);
    const [, total] = await settledStandings(little);
    // A call of 60 tokens, and its prompt, found no room any more.
    expect(total?.settled).toBeGreaterThan(1_800);
    for (const api of apis) expect(await api.stop()).toBe(0);
  }, 300_000);
});
