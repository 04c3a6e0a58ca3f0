import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { createMigratedDatabase } from '../support/app.js';
import { Factory, sandboxToken, type Sandbox, type SeededKey } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { dataLines, post, until, user } from '../support/relay.js';

const soak = process.env['GT_TEST_SOAK'] === '1';
const kills = soak ? 30 : 1;
const clients = 40;

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let sandbox: Sandbox;
let factory: Factory;
let key: SeededKey;

beforeAll(async () => {
  database = await createMigratedDatabase();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  factory = new Factory(database.url);
  key = await factory.key(await factory.tenant('acme', `${sandbox.url}/v1`));
});
afterAll(async () => {
  await factory.close();
  await sandbox.close();
  await database.drop();
});

/** A call that was answered to its last byte before the kill. */
interface Answered {
  readonly requestId: string;
  readonly totalTokens: number | undefined;
}

const calls: readonly ((at: number) => { path: string; body: object })[] = [
  (at) => ({ path: '/chat/completions', body: { model: 'raw-chat', messages: [user(`plain ${at} [[slow:${at % 20}]]`)] } }),
  (at) => ({
    path: '/chat/completions',
    body: {
      model: 'assistant',
      stream: true,
      stream_options: { include_usage: true },
      messages: [user(`asked ${at} [[chunks:12]] [[pace:4]]`)],
    },
  }),
  (at) => ({
    path: '/chat/completions',
    body: { model: 'raw-chat', stream: true, messages: [user(`unasked ${at} [[cached:50]] [[chunks:12]] [[pace:4]]`)] },
  }),
  (at) => ({ path: '/embeddings', body: { model: 'assistant', input: `text ${at}` } }),
];

/** Calls without pause until the process is gone; notes what was answered whole. */
async function useUp(api: ApiProcess, client: number, answered: Answered[]): Promise<void> {
  for (let at = client; ; at += 1) {
    const make = calls[at % calls.length] ?? (() => ({ path: '/', body: {} }));
    const { path, body } = make(at);
    try {
      const reply = await post({ url: api.baseUrl + path, secret: key.secret, body });
      const requestId = reply.headers.get('x-gt-request-id') ?? '';
      const text = await reply.text();
      expect(reply.status).toBe(200);
      answered.push({ requestId, totalTokens: totalOf(text) });
    } catch (error) {
      // A broken connection is what the kill does to the calls in flight; anything else is a failure of the test.
      if ((error as Error).name === 'TypeError') return;
      throw error;
    }
  }
}

/** The usage that the answer told. @throws Error for a stream that ended without `[DONE]`: it must break, not end. */
function totalOf(text: string): number | undefined {
  if (text.startsWith('{')) return (JSON.parse(text) as { usage: { total_tokens: number } }).usage.total_tokens;
  const lines = dataLines(text);
  if (lines.pop() !== '[DONE]') throw new Error(`The stream looks whole and is not: ${text.slice(-300)}`);
  return (JSON.parse(lines.at(-1) ?? '') as { usage?: { total_tokens: number } }).usage?.total_tokens;
}

interface Row {
  readonly requestId: string;
  readonly state: string;
  readonly source: string;
  readonly status: number;
  readonly totalTokens: number;
}

it(
  `after ${kills} times kill -9 in the middle, every call that the provider saw has exactly one usage record, and the answered ones their tokens`,
  async () => {
    const dataDir = mkdtempSync(join(runFolder(), 'killed-'));
    const answered: Answered[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const api = await startApiProcess({ databaseUrl: database.url, dataDir });
      const before = answered.length;
      const working = Promise.all(Array.from({ length: clients }, (_unused, client) => useUp(api, client, answered)));
      await until('calls are answered', () => answered.length > before + clients, 10_000);
      await wait(Math.random() * 700);
      await api.kill();
      await working;
    }
    const last = await startApiProcess({ databaseUrl: database.url, dataDir });
    const { requests: seen } = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { requests: string[] };
    const rows = await until(
      'every call that the provider saw is recorded',
      async () => {
        const all = await factory.run((tx) =>
          tx.usage.findMany({ select: { requestId: true, state: true, source: true, status: true, totalTokens: true } }),
        );
        const recorded = new Set(all.map(({ requestId }) => requestId));
        return seen.every((id) => recorded.has(id)) && (all as Row[]);
      },
      20_000,
    );
    expect(await last.stop()).toBe(0);

    const byRequest = new Map(rows.map((row) => [row.requestId, row]));
    expect(byRequest.size).toBe(rows.length);
    const wrong = answered.filter(({ requestId, totalTokens }) => {
      const row = byRequest.get(requestId);
      return (
        row?.state !== 'completed' ||
        row.source !== 'upstream' ||
        row.totalTokens === 0 ||
        (totalTokens !== undefined && row.totalTokens !== totalTokens)
      );
    });
    expect(wrong).toEqual([]);
    const interrupted = rows.filter(({ state }) => state !== 'completed');
    expect(interrupted.length).toBeGreaterThan(kills);
    expect(new Set(interrupted.map(({ state, source, totalTokens }) => `${state} ${source} ${totalTokens}`))).toEqual(
      new Set(['interrupted none 0']),
    );
    expect(answered.length).toBeGreaterThan(kills * clients);
  },
  soak ? 300_000 : 60_000,
);

it('answers whose tokens the provider does not tell are booked when their last bytes come: sound, one piece, events', async () => {
  const dataDir = mkdtempSync(join(runFolder(), 'counted-'));
  const api = await startApiProcess({ databaseUrl: database.url, dataDir });
  const asked: readonly [string, object][] = [
    ['/audio/speech', { voice: 'alloy', input: 'Grüße' }],
    ['/moderations', { input: 'hello world' }],
    ['/chat/completions', { messages: [user('hello [[no-usage]]')], stream: true }],
  ];
  // The first calls that are counted wait for the thread to start.
  const requestIds = await Promise.all(
    asked.map(async ([path, body]) => {
      const reply = await post({ url: api.baseUrl + path, secret: key.secret, body: { model: 'raw-chat', ...body } });
      await reply.arrayBuffer();
      expect(reply.status).toBe(200);
      return reply.headers.get('x-gt-request-id') ?? '';
    }),
  );
  await api.kill();
  const next = await startApiProcess({ databaseUrl: database.url, dataDir });
  const rows = await until('they are recorded', async () => {
    const found = await factory.run((tx) => tx.usage.findMany({ where: { requestId: { in: requestIds } } }));
    return found.length === asked.length && found;
  });
  expect(await next.stop()).toBe(0);
  const booked = requestIds.map((id) => rows.find(({ requestId }) => requestId === id));
  const counted = { state: 'completed', source: 'counted', status: 200 };
  expect(booked).toMatchObject([{ ...counted, inputCharacters: 5 }, { ...counted, inputTokens: 2 }, counted]);
  for (const row of booked) expect(row?.inputTokens).toBeGreaterThan(0);
}, 60_000);

it('a call that two processes share the database for is visible through both within two seconds, in list and sums', async () => {
  const start = (name: string) =>
    startApiProcess({ databaseUrl: database.url, dataDir: mkdtempSync(join(runFolder(), `visible-${name}-`)) });
  const [one, other] = await Promise.all([start('one'), start('other')]);
  try {
    const own = await factory.key(await factory.tenant('visible', `${sandbox.url}/v1`));
    for (let round = 1; round <= 5; round += 1) {
      const through = round % 2 === 0 ? one : other;
      const body = { model: 'raw-chat', messages: [user(`number ${round}`)] };
      const reply = await post({ url: `${through.baseUrl}/chat/completions`, secret: own.secret, body });
      const { usage } = (await reply.json()) as { usage: { total_tokens: number } };
      for (const api of [one, other]) {
        const isVisible = async () => {
          const listed = await fetch(`${api.baseUrl}/usage?limit=1`, { headers: { authorization: `Bearer ${own.secret}` } });
          const page = (await listed.json()) as {
            data: { request_id: string; total_tokens: number }[];
            totals: { calls: number };
          };
          const [newest] = page.data;
          if (newest?.request_id !== reply.headers.get('x-gt-request-id')) return false;
          expect([newest.total_tokens, page.totals.calls]).toEqual([usage.total_tokens, round]);
          return true;
        };
        await until('the call is visible', isVisible, 2_000);
      }
    }
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
}, 60_000);
