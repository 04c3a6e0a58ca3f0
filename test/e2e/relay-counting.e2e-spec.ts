import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { call, createMigratedDatabase } from '../support/app.js';
import { Factory, sandboxToken, type Sandbox, type SeededKey } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { post, until, user } from '../support/relay.js';

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let sandbox: Sandbox;
let factory: Factory;
let api: ApiProcess;
let hostile: SeededKey;
let other: SeededKey;

beforeAll(async () => {
  database = await createMigratedDatabase();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  factory = new Factory(database.url);
  hostile = await factory.key(await factory.tenant('acme', `${sandbox.url}/v1`));
  other = await factory.key(await factory.tenant('other', `${sandbox.url}/v1`));
  api = await startApiProcess({ databaseUrl: database.url, dataDir: mkdtempSync(join(runFolder(), 'counting-')) });
});
afterAll(async () => {
  await api.stop();
  await factory.close();
  await sandbox.close();
  await database.drop();
});

const chat = (key: SeededKey, prompt: string, further: object = {}, signal?: AbortSignal): Promise<Response> =>
  post({
    url: `${api.baseUrl}/chat/completions`,
    secret: key.secret,
    body: { model: 'raw-chat', messages: [user(prompt)], ...further },
    ...(signal === undefined ? {} : { signal }),
  });

/** Streams an answer to the prompt and leaves it before the provider has told its usage. */
async function leaveStream(prompt: string): Promise<void> {
  const leaving = new AbortController();
  const response = await chat(hostile, prompt, { stream: true }, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
}

interface UsagePage {
  readonly data: readonly { readonly source: string; readonly state: string; readonly input_tokens: number }[];
}

it.each([
  ['letters', 'abcdefghij'.repeat(20_000)],
  ['ideographs', '日本国憲法'.repeat(10_000)],
  ['blanks', ' '.repeat(200_000)],
  ['dashes', '-'.repeat(200_000)],
])(
  'a call that must be counted holds up nobody, though it is one run of %s',
  async (_what, word) => {
    const before = await usageOf(hostile);
    const calls = 10;
    await Promise.all(Array.from({ length: calls }, () => leaveStream(`[[chunks:1000]] [[pace:20]] ${word}`)));
    // Far more than they need; the least of these words would hold the process for longer if it were not for the thread.
    const limit = AbortSignal.timeout(5_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => chat(other, 'hello', {}, limit)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const after = await until(
      'the calls are booked',
      async () => {
        const page = await usageOf(hostile);
        return page.data.length === before.data.length + calls && page;
      },
      15_000,
    );
    for (const record of after.data.slice(0, calls)) {
      expect(record).toMatchObject({ state: 'client_closed', source: 'counted' });
      expect(record.input_tokens).toBeGreaterThan(100);
    }
  },
  60_000,
);

it('streams that are cut because the process stops are booked with their counted tokens before it ends', async () => {
  const key = await factory.key(await factory.tenant('stopping', `${sandbox.url}/v1`));
  const dataDir = mkdtempSync(join(runFolder(), 'counting-'));
  const settings = { GT_SHUTDOWN_DELAY_MS: '0', GT_SHUTDOWN_GRACE_MS: '100' };
  const leaving = await startApiProcess({ databaseUrl: database.url, dataDir, settings });
  const calls = 5;
  const streams = await Promise.all(
    Array.from({ length: calls }, () =>
      post({
        url: `${leaving.baseUrl}/chat/completions`,
        secret: key.secret,
        body: { model: 'raw-chat', messages: [user('[[chunks:1000]] [[pace:20]] abc '.repeat(200))], stream: true },
      }),
    ),
  );
  await Promise.all(streams.map(async (stream) => stream.body?.getReader().read()));
  expect(await leaving.stop()).toBe(0);
  const { data } = await usageOf(key);
  expect(data).toHaveLength(calls);
  for (const record of data) {
    expect(record).toMatchObject({ source: 'counted' });
    expect(record.input_tokens).toBeGreaterThan(200);
  }
}, 60_000);

async function usageOf(key: SeededKey): Promise<UsagePage> {
  const { status, body } = await call(`${api.baseUrl}/usage?limit=100`, 'GET', key.secret);
  expect(status).toBe(200);
  return body as UsagePage;
}
