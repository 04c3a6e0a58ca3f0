import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { budgetObject } from '../../src/contracts/budgets.js';
import { ledgerCheckObject, type LedgerCheckObject } from '../../src/contracts/ledger.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { expectCreated } from '../support/admin-fixture.js';
import { FilesBench } from '../support/files.js';
import { KillablePostgres } from '../support/killable-postgres.js';
import { ledgerFaults } from '../support/ledger-faults.js';
import type { SeededKey } from '../support/platform.js';
import type { ProductProcess } from '../support/product-process.js';
import { post, user } from '../support/relay.js';
import { until } from '../support/until.js';

const soak = process.env['GT_TEST_SOAK'] === '1';
/** How long, or how many calls. */
const [leastMs, leastCalls] = soak ? [60_000, 0] : [0, 200];
const apiCount = soak ? 6 : 2;
const workerCount = soak ? 2 : 1;

/** A server of its own: all that it logs is of this test. */
let postgres: KillablePostgres;
let bench: FilesBench;
let client: pg.Client;
let apis: ProductProcess[];
let workers: ProductProcess[];

beforeAll(async () => {
  postgres = await KillablePostgres.start();
  await migrate(postgres.url);
  await postgres.sql("alter system set deadlock_timeout = '100ms'");
  await postgres.sql('select pg_reload_conf()');
  bench = await FilesBench.start({}, postgres.url);
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  [apis, workers] = await Promise.all([
    Promise.all(Array.from({ length: apiCount }, () => bench.api())),
    Promise.all(Array.from({ length: workerCount }, () => bench.worker())),
  ]);
}, 120_000);
afterAll(async () => {
  await client.end();
  await bench.close();
  await postgres.stop();
});

const admin = (method: string, path: string, body?: object) =>
  bench.platform.app.admin(method, path, body === undefined ? undefined : { tenant: 'acme', ...body });

async function budgetOf(body: object): Promise<string> {
  return (await expectCreated(admin('POST', '/budgets', body))).id as string;
}

/** What is told where the machine is too busy to ask a budget within a second. A circle is found before that. */
const slow = { status: 503, line: 'budgets cannot be asked', error: 'canceling statement due to statement timeout' };

const chat = { model: 'raw-chat', max_tokens: 60 };
/** What is asked in turn. No answer is longer than what is reserved for it, and each of its tokens costs a micro-unit. */
const asked: readonly (readonly [path: string, (at: number) => object])[] = [
  ['/chat/completions', (at) => ({ ...chat, messages: [user(`plain ${at} [[slow:${at % 20}]]`)] })],
  ['/chat/completions', (at) => ({ ...chat, messages: [user(`stream ${at} [[chunks:8]] [[pace:2]]`)], stream: true })],
  ['/responses', (at) => ({ model: 'assistant', max_output_tokens: 60, input: `responses ${at}` })],
];

async function send(at: number, key: SeededKey): Promise<number> {
  const [path, body] = asked[at % asked.length] as (typeof asked)[number];
  const url = `${apis[at % apis.length]?.url}/api/tenant/v1${path}`;
  const reply = await post({ url, secret: key.secret, body: body(at) });
  await reply.text();
  return reply.status;
}

/** A response that a worker makes. */
async function inBackground(at: number, { secret }: SeededKey): Promise<void> {
  const api = apis[at % apis.length];
  const body = { model: 'assistant', max_output_tokens: 60, input: `background ${at}`, background: true };
  const { body: made } = await bench.call(secret, 'POST', '/responses', body, api);
  await until('it has ended', async () => {
    const { body: now } = await bench.call(secret, 'GET', `/responses/${made.id}`, undefined, api);
    return !['queued', 'in_progress'].includes(now.status);
  });
}

it(`${apiCount} APIs and ${workerCount} workers write to the same budgets: no deadlock, no retry, no unit too much`, async () => {
  const amounts = { input: 0, output: 1_000_000 };
  await expectCreated(admin('POST', '/tenant-prices', { connection: 'main', model: '*', amounts }));
  const keys: SeededKey[] = await Promise.all([bench.key(), bench.key(), bench.key()]);
  const all = await budgetOf({ window: 'month', amount: 50_000_000 });
  const scarce = await budgetOf({ endpoint: 'raw-chat', window: 'total', amount: 300, soft_percent: 50 });
  const little = await budgetOf({ key: keys[0]?.id, window: 'total', amount: 200 });
  for (const key of keys.slice(1)) await budgetOf({ key: key.id, window: 'day', amount: 10_000_000 });
  const statuses = new Map<number, number>();
  const before = postgres.errors().length;
  const fromMs = performance.now();
  let calls = 0;
  const repeatedly = async (work: (at: number) => Promise<unknown>): Promise<void> => {
    for (let at = 0; performance.now() - fromMs < leastMs || calls < leastCalls; at += 1) await work(at);
  };
  await Promise.all([
    ...Array.from({ length: apiCount * 6 }, (_none, one) =>
      repeatedly(async (at) => {
        const status = await send(one + at, keys[((one + at) % 7) % keys.length] as SeededKey);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        calls += 1;
        if (status !== 200) await wait(20);
      }),
    ),
    ...Array.from({ length: workerCount * 2 }, (_none, one) =>
      repeatedly((at) => inBackground(one + at, keys[1 + (at % 2)] as SeededKey)),
    ),
    // What is always used up has always a little more.
    repeatedly(async (at) => {
      await wait(100);
      expect((await admin('PATCH', `/budgets/${scarce}`, { amount: 300 + 40 * at })).status).toBe(200);
    }),
    // Keys and budgets go while their calls run, in either order.
    repeatedly(async (at) => {
      const key = await bench.key();
      const budget = await budgetOf({ key: key.id, window: 'week', amount: 1_000 });
      await budgetOf({ key: key.id, window: 'total', currency: null, amount: 10_000 });
      const theirs = apis.map((_api, one) => send(one, key));
      const paths = [`/keys/${key.id}?tenant=acme&force=true`, `/budgets/${budget}?tenant=acme`];
      for (const path of at % 2 === 0 ? paths : paths.toReversed()) await admin('DELETE', path);
      await Promise.all(theirs);
    }),
    repeatedly(async () => {
      await wait(70);
      await client.query('select gt_budget_sweep()');
    }),
  ]);
  // However little was asked of it so far, no call is refused that it has room for.
  await until('no further call fits', async () => {
    await send(2, keys[0] as SeededKey);
    return budgetObject.parse((await admin('GET', `/budgets/${little}?tenant=acme`)).body).period.spent > 200 - chat.max_tokens;
  });
  for (const process of [...apis, ...workers]) expect(await process.stop()).toBe(0);
  expect([...statuses.keys()].filter((status) => status !== slow.status).sort()).toEqual([200, 429]);
  // Nothing is tried again without a line: what failed stands in one of these logs.
  const told = [...apis, ...workers].flatMap(({ lines }) => lines).filter(({ level }) => level !== 'info');
  expect(told.filter(({ msg }) => msg !== slow.line)).toEqual([]);
  expect(
    postgres
      .errors()
      .slice(before)
      .filter((line) => !line.endsWith(slow.error)),
  ).toEqual([]);
  const sql = 'select pg_stat_force_next_flush(), deadlocks::integer from pg_stat_database where datname = current_database()';
  expect((await client.query(sql)).rows).toMatchObject([{ deadlocks: 0 }]);
  const check: LedgerCheckObject = ledgerCheckObject.parse((await admin('GET', '/ledger/check?tenant=acme')).body);
  expect(check).toMatchObject({ ok: true, faults: [] });
  expect(await ledgerFaults(client)).toEqual([]);
  const kept = check.budgets.filter(({ deleted }) => !deleted);
  for (const { amount, spent, open } of kept) expect([spent <= (amount ?? 0), open]).toEqual([true, 0]);
  const spentOf = (id: string) => kept.find(({ budget }) => budget === id)?.spent;
  const { rows } = await client.query<{ charged: string }>('select sum(charge) as charged from usage');
  expect(spentOf(all)).toBe(Number(rows[0]?.charged));
}, 240_000);
