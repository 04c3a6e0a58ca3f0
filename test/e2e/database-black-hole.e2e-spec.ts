import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { FilesBench } from '../support/files.js';
import { filled } from '../support/matrix.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

/** The contract's promise: whatever the database does, every call has its answer by then. */
const promisedMs = 6_000;

/** A known key lives on for ten seconds, counted from when the process last heard that all was current. */
const surelyKnownMs = 8_000;

/** A known key waits at most so long for a database that is away. */
const waitMs = 1_000;

/** A timer of a second ends after a second, and a busy loop hears of it later. */
const timerMs = 250;

interface Call {
  readonly name: string;
  readonly path: string;
  readonly init: RequestInit;
}

let bench: FilesBench;
let proxy: TcpProxy;
let api: ProductProcess;
let key: { readonly secret: string };
let datasetId: string;

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
  datasetId = (await bench.call(key.secret, 'GET', '/datasets/handbook')).body.id;
  proxy = await TcpProxy.before(bench.platform.app.databaseUrl);
  await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'first.txt', bytes: 'the queue is made' });
  api = await startProduct('main', { databaseUrl: proxy.url, dataDir: bench.dataDir });
});
afterEach(async () => {
  proxy.delay(0);
  proxy.restore();
  await until('the database is back', async () => (await send(known)).status === 200, 10_000);
});
afterAll(async () => {
  await api.kill();
  await proxy.close();
  await bench.close();
});

const known: Call = { name: 'key', path: '/api/tenant/v1/datasets', init: {} };

function form(): FormData {
  const data = new FormData();
  data.append('file', new Blob(['some text']), 'a.txt');
  return data;
}

/** What is sent to a row: an upload, a small object, or nothing. */
function initOf(method: string, body: 'none' | 'json' | 'multipart', content: object): RequestInit {
  if (body === 'multipart') return { method, body: form() };
  if (body === 'none') return { method };
  return { method, body: JSON.stringify(content), headers: { 'content-type': 'application/json' } };
}

/** A call of each row of both planes, and those with a body that is worth the database's while. */
function allCalls(): Call[] {
  const tenant = routeIds
    .map((id) => ({ id, ...routeRow(id) }))
    .map(({ id, method, path, body }) => ({
      name: id,
      path: `/api/tenant/v1${path.replace('{dataset_id}', datasetId).replace(/\{[a-z_]+\}/g, 'absent_1')}`,
      init: initOf(method, body, { query: 'hello' }),
    }));
  const admin = adminRouteIds.map((id) => {
    const { method, path, plane, request } = adminRouteRow(id);
    const where = `/api/admin/v1${filled(path.replace('/datasets/{id}', `/datasets/${datasetId}`))}${plane === 'tenant' ? '?tenant=acme' : ''}`;
    return {
      name: id,
      path: where,
      init: initOf(method, request === undefined ? 'none' : 'json', { tenant: 'acme', name: 'x' }),
    };
  });
  const json = (name: string, path: string, body: object): Call => ({
    name,
    path: `/api/tenant/v1${path}`,
    init: initOf('POST', 'json', body),
  });
  const user = { role: 'user', content: 'hello' };
  return [
    ...tenant,
    ...admin,
    json('a conversation', '/conversations', { items: [{ type: 'message', ...user }] }),
    json('a turn', '/chat/completions', { model: 'assistant', messages: [user], user: 'somebody' }),
  ];
}

async function send({ path, init }: Call, headers: Record<string, string> = {}): Promise<Response> {
  const secret = path.startsWith('/api/admin') ? bench.platform.app.operatorToken : key.secret;
  const given = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${secret}`, ...headers };
  const reply = await fetch(api.url + path, { ...init, headers: given });
  await reply.body?.cancel();
  return reply;
}

/** How long the last of so many calls takes where no database is asked, in ms: what this machine itself needs for them. */
async function busyMs(calls: readonly Call[]): Promise<number> {
  const from = performance.now();
  const replies = await Promise.all(calls.map(({ path, init }) => fetch(api.url + path, init)));
  await Promise.all(replies.map((reply) => reply.text()));
  return performance.now() - from;
}

/** How long a call takes that needs no database, at most, while others are under way: what a busy machine adds to each of them. */
function watchSlowness(): () => Promise<number> {
  let isOver = false;
  const slowest = (async () => {
    let most = 0;
    while (!isOver) {
      const from = performance.now();
      await (await fetch(`${api.url}/healthz`)).text();
      most = Math.max(most, performance.now() - from);
      await wait(20);
    }
    return most;
  })();
  return () => {
    isOver = true;
    return slowest;
  };
}

/** The calls whose answer came too late or is none of the promised ones; the machine's own time is not counted. */
async function broken(calls: readonly Call[], headers?: Record<string, string>): Promise<string[]> {
  const aloneMs = await busyMs(calls);
  const slowness = watchSlowness();
  const answers = await Promise.all(
    calls.map(async (call) => {
      const from = performance.now();
      const { status } = await send(call, headers);
      return { name: call.name, status, ms: performance.now() - from };
    }),
  );
  const machineMs = aloneMs + (await slowness());
  return answers
    .filter(({ status, ms }) => ms - machineMs >= promisedMs || (status >= 500 && status !== 503))
    .map(
      ({ name, status, ms }) =>
        `${name}: ${status} after ${Math.round(ms)} ms on a machine that took ${Math.round(machineMs)} ms`,
    );
}

describe.each<[string, () => void]>([
  ['in a black hole', () => proxy.freeze()],
  ['1.5 s away each way', () => proxy.delay(1_500)],
])('Postgres that is %s', (_how, takeAway) => {
  it('leaves no call without an answer for longer than 6 s: every route of both planes, uploads, turns', async () => {
    const calls = allCalls();
    for (const call of [known, ...calls.filter(({ name }) => name === 'tenants.list')])
      expect((await send(call)).status).toBe(200);
    takeAway();
    expect(await broken(calls)).toEqual([]);
    expect(await broken([...calls].reverse(), { 'idempotency-key': 'again' })).toEqual([]);
  });

  it('lets nobody whose key is known wait for it for more than a second, for as long as the key lives on', async () => {
    const chat: Call = {
      name: 'chat',
      path: '/api/tenant/v1/chat/completions',
      init: initOf('POST', 'json', { model: 'assistant', messages: [{ role: 'user', content: 'hello' }] }),
    };
    const calls: Call[] = [chat, { name: 'models', path: '/api/tenant/v1/models', init: {} }];
    const { secret } = await bench.platform.factory.key(bench.platform.acme);
    const asKey = { authorization: `Bearer ${secret}` };
    // Known is a key of which this process has heard since the last change of its tenant.
    await until('the key is known', async () => {
      const statuses = [];
      for (const call of [...calls, ...calls]) statuses.push((await send(call, asKey)).status);
      return statuses.every((status) => status === 200);
    });
    const timed = async (call: Call): Promise<{ status: number; ms: number }> => {
      const from = performance.now();
      const { status } = await send(call, asKey);
      return { status, ms: performance.now() - from };
    };
    // What the machine itself takes, busy as it may be.
    let usualMs = 0;
    for (let turn = 0; turn < 20; turn += 1) for (const call of calls) usualMs = Math.max(usualMs, (await timed(call)).ms);
    takeAway();
    const awayFrom = performance.now();
    const slowness = watchSlowness();
    const answers: { readonly name: string; readonly status: number; readonly ms: number }[] = [];
    while (performance.now() - awayFrom < surelyKnownMs) {
      for (const call of calls) {
        const answer = { name: call.name, ...(await timed(call)) };
        if (performance.now() - awayFrom < surelyKnownMs) answers.push(answer);
      }
    }
    const machineMs = usualMs + (await slowness());
    expect(answers.filter(({ status, ms }) => status !== 200 || ms - machineMs >= waitMs + timerMs)).toEqual([]);
    expect(await broken([{ name: 'readyz', path: '/readyz', init: {} }])).toEqual([]);
  });

  it('that goes in the midst of the calls changes nothing of that, and what was refused was not made', async () => {
    const before = await bench.platform.factory.run((tx) => tx.file.count());
    const uploads = Array.from({ length: 8 }, (_none, at): Call => ({
      name: `upload ${at}`,
      path: `/api/tenant/v1/datasets/${datasetId}/files`,
      init: { method: 'POST', body: form() },
    }));
    const [first, ...others] = uploads;
    expect((await send(first as Call)).status).toBe(200);
    const statuses = [200];
    const sending = Promise.all(others.map(async (call) => statuses.push((await send(call)).status)));
    await until('an upload is accepted', () => statuses.length > 1);
    takeAway();
    const from = performance.now();
    await sending;
    expect(performance.now() - from).toBeLessThan(promisedMs);
    const made = (await bench.platform.factory.run((tx) => tx.file.count())) - before;
    expect(made).toBeGreaterThanOrEqual(statuses.filter((status) => status === 200).length);
  });
});
