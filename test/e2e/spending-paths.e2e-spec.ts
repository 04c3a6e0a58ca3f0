import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toFile } from 'openai';
import { FilesBench } from '../support/files.js';
import type { SeededKey } from '../support/platform.js';
import type { ProductProcess } from '../support/product-process.js';
import { openai, statsOf, until, user } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { publishOn, startScriptedProvider } from '../support/scripted-provider.js';

/** A tenant whose budget had room at first, and has none any more. */
let bench: FilesBench;
let api: ProductProcess;
let key: SeededKey;
let guarded: SeededKey;
/** What each call of the request with a fallback reserved. */
let reservedOfFallback: readonly { readonly kind: string; readonly amount: string }[];

const url = () => `${api.url}/api/tenant/v1`;
const admin = (method: string, path: string, body: object) => bench.platform.app.admin(method, path, { tenant: 'acme', ...body });

beforeAll(async () => {
  bench = await FilesBench.start();
  const { platform } = bench;
  const { acme, factory } = platform;
  const broken = await startScriptedProvider((response) => void response.writeHead(503).end('{}'));
  const { connectionId } = await publishOn(platform, broken.url, 'broken');
  const on = (connection: string, model: string) => ({ connection, model });
  await factory.alias(acme, 'falls', {
    models: { chat: on(connectionId, 'any') },
    fallbacks: { chat: [on(acme.connectionId, 'sandbox-chat')] },
  });
  await factory.alias(acme, 'judged', {
    models: { chat: on(acme.connectionId, 'sandbox-chat'), moderate: on(acme.connectionId, 'sandbox-moderation') },
  });
  key = (await bench.key()) as SeededKey;
  guarded = await factory.key(acme, { promptPolicy: { guardrails: [{ module: 'moderation' }] } });
  const made = await admin('POST', '/budgets', { window: 'total', currency: null, amount: 1_000_000_000 });
  expect(made.status).toBe(201);
  const [first] = await Promise.all([bench.api(), bench.worker()]);
  api = first;
  const file = await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'first.txt', bytes: 'The queue is made.' });
  await bench.ended(key.secret, file.id);
  const asked = await bench.call(key.secret, 'POST', '/chat/completions', { model: 'falls', messages: [user('Hello')] }, api);
  expect(asked.status).toBe(200);
  const requestId = asked.headers.get('x-gt-request-id');
  reservedOfFallback = await until('both tries are in the ledger', async () => {
    const rows = await factory.run(
      (tx) => tx.$queryRaw<{ kind: string; amount: string }[]>`
        select l.kind, l.amount::text from ledger_entries l join usage u on u.tenant_id = l.tenant_id and u.id = l.call_id
         where u.request_id = ${requestId} and l.kind = 'reserve'`,
    );
    return rows.length === 2 && rows;
  });
  await broken.close();
  expect((await admin('PATCH', `/budgets/${made.body['id']}`, { amount: 0 })).status).toBe(200);
  await until('the budget is spent everywhere', async () => (await chat({})).status === 429);
});
afterAll(() => bench.close());

const chat = (body: object, by = key) =>
  bench.call(by.secret, 'POST', '/chat/completions', { model: 'assistant', messages: [user('Hello')], ...body }, api);

/** Does something that must not reach the provider. */
async function unasked<T>(work: () => Promise<T>): Promise<T> {
  const before = (await statsOf(bench.platform.sandbox)).total;
  const result = await work();
  expect((await statsOf(bench.platform.sandbox)).total).toBe(before);
  return result;
}

const refused = { status: 429, body: { error: { code: 'insufficient_quota' } } };

describe('a budget that is spent stops', () => {
  it('a call, a stream, and the other kinds of calls', async () => {
    await unasked(async () => {
      expect(await chat({})).toMatchObject(refused);
      expect(await chat({ stream: true })).toMatchObject(refused);
      for (const [path, body] of [
        ['/embeddings', { input: 'hello' }],
        ['/responses', { input: 'hello' }],
        ['/audio/speech', { model: 'raw-chat', voice: 'alloy', input: 'hello' }],
        ['/images/generations', { model: 'raw-chat', prompt: 'a tree' }],
        ['/moderations', { model: 'raw-chat', input: 'hello' }],
      ] as const)
        expect(await bench.call(key.secret, 'POST', path, { model: 'assistant', ...body }, api)).toMatchObject(refused);
    });
  });

  it('a turn of a socket', async () => {
    const socket = await openSocket(url(), key.secret);
    const events = await unasked(() => socket.ask({ input: 'hello' }));
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'insufficient_quota' } });
    socket.close();
  });

  it('a response in the background', async () => {
    const made = await unasked(async () => {
      const { body } = await bench.call(
        key.secret,
        'POST',
        '/responses',
        { model: 'assistant', input: 'hello', background: true },
        api,
      );
      return until('it has ended', async () => {
        const now = (await bench.call(key.secret, 'GET', `/responses/${body.id}`, undefined, api)).body;
        return !['queued', 'in_progress'].includes(now.status) && now;
      });
    });
    expect(made).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('budget') } });
  });

  it('a request of a batch', async () => {
    const client = openai(url(), key);
    const line = {
      custom_id: 'one',
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'assistant', messages: [user('Hi')] },
    };
    const text = await unasked(async () => {
      const file = await client.files.create({
        file: await toFile(Buffer.from(JSON.stringify(line)), 'input.jsonl', { type: 'application/jsonl' }),
        purpose: 'batch',
      });
      const made = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
      const { id } = await client.batches.create(made);
      const batch = await until('it has ended', async () => {
        const now = await client.batches.retrieve(id);
        return ['completed', 'failed', 'expired'].includes(now.status) && now;
      });
      return (await client.files.content(batch.error_file_id ?? '')).text();
    });
    expect(text).toContain('insufficient_quota');
  });

  it('the embedding of a file, and of a question', async () => {
    await unasked(async () => {
      const file = await bench.accepted(key.secret, '/datasets/handbook/files', {
        name: 'second.txt',
        bytes: 'No money is left.',
      });
      const ended = await bench.ended(key.secret, file.id);
      expect(ended).toMatchObject({
        status: 'failed',
        gt: { error: { code: 'embedding_failed', message: expect.stringContaining('budget') } },
      });
      // A question that cannot be embedded is looked for by its words.
      const found = await bench.call(key.secret, 'POST', '/datasets/handbook/search', { query: 'queue' }, api);
      expect([found.status, found.body.data.length]).toEqual([200, 1]);
    });
  });

  it('what a guardrail asks', async () => {
    expect(await unasked(() => chat({ model: 'judged' }, guarded))).toMatchObject(refused);
  });
});

it('each try of a call with a fallback has reserved for itself', () => {
  expect(reservedOfFallback.every(({ amount }) => Number(amount) > 0)).toBe(true);
});
