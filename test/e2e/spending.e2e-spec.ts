import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { budgetObject, type BudgetObject } from '../../src/contracts/budgets.js';
import { expectCreated } from '../support/admin-fixture.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { defaultAnswer, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { chunkEvent, openStream, publishOn } from '../support/scripted-provider.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let second: ApiProcess;
let bases: readonly string[];
/** Remembers what it was asked, and goes on for longer than it was told. */
let chatter: RecordingProvider;

beforeAll(async () => {
  platform = await startPlatform();
  second = await startApiProcess({
    databaseUrl: platform.app.databaseUrl,
    dataDir: mkdtempSync(join(runFolder(), 'second-')),
  });
  bases = [platform.app.baseUrl, second.baseUrl];
  chatter = await startRecordingProvider();
  await publishOn(platform, `${chatter.url}/v1`, 'chatter');
  const amounts = { input: 0, output: 1_000_000 };
  await expectCreated(admin('POST', '/tenant-prices', { tenant: 'acme', connection: 'main', model: '*', amounts }));
});
afterAll(async () => {
  await second.stop();
  await chatter.close();
  await platform.close();
});

const admin = (method: string, path: string, body?: object) => platform.app.admin(method, path, body);
/** An answer of one word is one token: it costs one micro-unit. */
const oneToken = { model: 'raw-chat', messages: [{ role: 'user', content: 'hello' }], max_tokens: 1 };

async function budgetOf(body: object): Promise<string> {
  return (await expectCreated(admin('POST', '/budgets', { tenant: 'acme', window: 'day', ...body }))).id as string;
}

async function ask(key: SeededKey, at = 0, body: object = oneToken, signal?: AbortSignal): Promise<Response> {
  return fetch(`${bases[at % 2]}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

async function statuses(key: SeededKey, calls: number, body: object = oneToken): Promise<number[]> {
  const replies = await Promise.all(Array.from({ length: calls }, (_none, at) => ask(key, at, body)));
  await Promise.all(replies.map((reply) => reply.text()));
  return replies.map(({ status }) => status);
}

async function standing(id: string): Promise<BudgetObject['period']> {
  return budgetObject.parse((await admin('GET', `/budgets/${id}?tenant=acme`)).body).period;
}

/** What is explained of the same call: whether it is allowed, its status and code, and what the last step says. */
async function explained(key: SeededKey): Promise<unknown[]> {
  const question = { tenant: 'acme', method: 'POST', path: '/chat/completions', model: oneToken.model };
  const { allowed, status, code, steps } = (await admin('POST', `/keys/${key.id}/explain`, question)).body;
  const { check, ok, detail } = (steps as { check: string; ok: boolean; detail: string }[]).at(-1) ?? {};
  return [allowed, status, code, check, ok, detail];
}

const spentError = [429, 'false', 'insufficient_quota', 'insufficient_quota'];

/** What a call was refused with: status, whether it may be tried again, and the error. */
async function refusalOf(reply: Response): Promise<unknown[]> {
  const { error } = (await reply.json()) as { error: { type: string; code: string } };
  return [reply.status, reply.headers.get('x-should-retry'), error.type, error.code];
}

describe('a budget of a key', () => {
  it('lets exactly as many calls through as it has room for, over two processes at once', async () => {
    const key = await platform.factory.key(platform.acme);
    const id = await budgetOf({ key: key.id, amount: 10 });
    const all = await statuses(key, 200);
    expect(all.filter((status) => status === 200)).toHaveLength(10);
    expect(new Set(all)).toEqual(new Set([200, 429]));
    await until('all is in the ledger', async () => (await standing(id)).spent === 10);
    expect(await standing(id)).toMatchObject({ spent: 10, reserved: 0, left: 0 });
    const refused = await ask(key);
    const { message } = ((await refused.clone().json()) as { error: { message: string } }).error;
    expect(await refusalOf(refused)).toEqual(spentError);
    const end = new Date(((await standing(id)).ends_at ?? 0) * 1000).toISOString().replace('.000Z', 'Z');
    expect(message).toContain(`It is full again at ${end}.`);
    const why = `The budget \`key ${key.id} day USD\` is spent: it had 0.00001 USD, and is full again at ${end}.`;
    const before = await standing(id);
    expect(await explained(key)).toEqual([false, 429, 'insufficient_quota', 'budget', false, why]);
    expect(await standing(id)).toEqual(before);
  });

  it.each([['day'], ['total']])('is told of as spent, of %s, by a process that holds nothing of the other one', async (spent) => {
    const key = await platform.factory.key(platform.acme);
    const ids = await Promise.all(
      ['day', 'total'].map((window) => budgetOf({ key: key.id, window, amount: window === spent ? 3 : 1_000_000 })),
    );
    const all: number[] = [];
    for (let call = 0; call < 4; call += 1) all.push((await ask(key)).status);
    expect(all).toEqual([200, 200, 200, 429]);
    await until('all is in the ledger', async () => (await standing(ids[spent === 'day' ? 0 : 1] as string)).spent === 3);
    expect(await refusalOf(await ask(key, 1))).toEqual(spentError);
  });

  it('tells calls to come again while others have reserved all that is left, and explains it so', async () => {
    const key = await platform.factory.key(platform.acme);
    const id = await budgetOf({ key: key.id, window: 'total', amount: 10 });
    const hanging = { ...oneToken, max_tokens: 10, stream: true, messages: [{ role: 'user', content: 'hello [[hang]]' }] };
    const leaving = new AbortController();
    const held = ask(key, 0, hanging, leaving.signal).catch(() => undefined);
    await until('it is reserved', async () => (await standing(id)).reserved === 10);
    const refused = await ask(key, 1);
    expect((await refusalOf(refused)).slice(2)).toEqual(['requests', 'rate_limit_exceeded']);
    const why = `All that the budget \`key ${key.id} total USD\` has left is reserved by calls that run: 0.00 USD of 0.00001 USD are spent.`;
    expect(await explained(key)).toEqual([false, 429, 'rate_limit_exceeded', 'budget', false, why]);
    leaving.abort();
    await held;
  });

  it('counts tokens where it has no currency, and reserves what an answer may have', async () => {
    const key = await platform.factory.key(platform.acme);
    const id = await budgetOf({ key: key.id, currency: null, amount: 5_000 });
    expect(await statuses(key, 1, { ...oneToken, max_tokens: 5_001 })).toEqual([429]);
    expect(await statuses(key, 1, { ...oneToken, max_tokens: 4_000 })).toEqual([200]);
    const { spent } = await until('it is in the ledger', async () => {
      const now = await standing(id);
      return now.spent > 0 && now;
    });
    const { body } = await admin('GET', `/usage?tenant=acme&key=${key.id}`);
    expect(spent).toBe((body['totals'] as { total_tokens: number }).total_tokens);
  });

  it('refuses a call that no price covers, unless it allows such calls or only counts', async () => {
    const key = await platform.factory.key(platform.acme);
    const id = await budgetOf({ key: key.id, currency: 'EUR', amount: 1_000_000 });
    expect(await refusalOf(await ask(key))).toEqual(spentError);
    const why = `The budget \`key ${key.id} day EUR\` cannot count the call: its model is priced in USD.`;
    expect(await explained(key)).toEqual([false, 429, 'insufficient_quota', 'budget', false, why]);
    for (const change of [{ unpriced: 'allow' }, { unpriced: 'refuse', hard: false }]) {
      await admin('PATCH', `/budgets/${id}`, { tenant: 'acme', ...change });
      await until('the change holds', async () => (await statuses(key, 1))[0] === 200);
      expect(await explained(key)).toEqual([true, 200, null, 'budget', true, 'No budget refuses the call.']);
    }
  });

  it('refuses a call of which a price says only a part: it would cost nothing that anybody knows', async () => {
    const price = { tenant: 'acme', connection: 'main', model: 'sandbox-chat', amounts: { input: 2_000_000 } };
    const { id } = await expectCreated(admin('POST', '/tenant-prices', price));
    const key = await platform.factory.key(platform.acme);
    await budgetOf({ key: key.id, amount: 1_000_000 });
    await until('the price holds', async () => (await statuses(key, 2)).every((status) => status === 429));
    expect(await refusalOf(await ask(key))).toEqual(spentError);
    const why = `The budget \`key ${key.id} day USD\` cannot count the call: no price says what it takes.`;
    expect(await explained(key)).toEqual([false, 429, 'insufficient_quota', 'budget', false, why]);
    await admin('DELETE', `/tenant-prices/${id}?tenant=acme`);
    await until('it holds no more', async () => (await statuses(key, 2)).every((status) => status === 200));
  });

  it('lets calls through where it is no hard stop, and counts them', async () => {
    const key = await platform.factory.key(platform.acme);
    const id = await budgetOf({ key: key.id, amount: 1, hard: false });
    expect(await statuses(key, 4)).toEqual([200, 200, 200, 200]);
    await until('all is in the ledger', async () => (await standing(id)).spent === 4);
    expect(await standing(id)).toMatchObject({ left: 0, used_up: true });
  });

  it('tells the provider how long the answer may be where the request does not, and only then', async () => {
    const key = await platform.factory.key(platform.acme);
    const free = await platform.factory.key(platform.acme);
    await budgetOf({ key: key.id, currency: null, amount: 1_000_000 });
    const from = chatter.bodies.length;
    chatter.answerWith((body, response) => {
      if ('input' in body) response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"No."}}');
      else defaultAnswer(body, response);
    });
    const chat = { model: 'chatter', messages: oneToken.messages };
    for (const body of [chat, { ...chat, max_tokens: 7 }]) await statuses(key, 1, body);
    await fetch(`${bases[0]}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chatter', input: 'hello' }),
    }).then((reply) => reply.text());
    await statuses(free, 1, chat);
    const lengths = chatter.bodies
      .slice(from)
      .map((body) => [body['max_completion_tokens'], body['max_tokens'], body['max_output_tokens']]);
    expect(lengths).toEqual([
      [4_096, undefined, undefined],
      [undefined, 7, undefined],
      [undefined, undefined, 4_096],
      [undefined, undefined, undefined],
    ]);
  });

  it('ends a stream that goes beyond what is reserved for it, with an error event, and books it', async () => {
    chatter.answerWith((_body, response) => {
      openStream(response);
      for (let word = 0; word < 100; word += 1) response.write(chunkEvent({ content: `word${word} ` }));
    });
    const key = await platform.factory.key(platform.acme);
    const id = await budgetOf({ key: key.id, currency: null, amount: 10_000 });
    const reply = await ask(key, 0, { model: 'chatter', messages: oneToken.messages, max_tokens: 20, stream: true });
    const text = await reply.text();
    expect(text).toContain('"code":"insufficient_quota"');
    expect(text).not.toContain('[DONE]');
    const { spent } = await until('it is in the ledger', async () => {
      const now = await standing(id);
      return now.spent > 0 && now;
    });
    const { body } = await admin('GET', `/usage?tenant=acme&key=${key.id}`);
    expect(body['data']).toMatchObject([{ state: 'interrupted', source: 'counted', total_tokens: spent }]);
  });
});
