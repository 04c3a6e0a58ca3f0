import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { budgetObject, type BudgetObject } from '../../src/contracts/budgets.js';
import { expectCreated } from '../support/admin-fixture.js';
import { runCli } from '../support/cli.js';
import { listen, type Listening } from '../support/listening.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

interface Received {
  readonly type: string;
  readonly object: BudgetObject;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

const received: Received[] = [];
let receiver: Listening;
let platform: TestPlatform;
let second: ProductProcess;
let worker: ProductProcess;
let bases: readonly string[];
let webhook: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  receiver = await listen((text, { headers }, response) => {
    const { type, data } = JSON.parse(text) as { type: string; data: { object: unknown } };
    received.push({ type, object: budgetObject.parse(data.object), text, headers });
    response.writeHead(204).end();
  });
  platform = await startPlatform();
  const start = (program: 'main' | 'worker') =>
    startProduct(program, { databaseUrl: platform.app.databaseUrl, dataDir: mkdtempSync(join(runFolder(), `${program}-`)) });
  [second, worker] = await Promise.all([start('main'), start('worker')]);
  bases = [platform.app.baseUrl, `${second.url}/api/tenant/v1`];
  const amounts = { input: 0, output: 1_000_000 };
  await expectCreated(admin('POST', '/tenant-prices', { tenant: 'acme', connection: 'main', model: '*', amounts }));
  const events = ['budget.used_up', 'budget.threshold_reached'];
  webhook = await expectCreated(admin('POST', '/webhooks', { tenant: 'acme', url: receiver.url, events }));
});
afterAll(async () => {
  await Promise.all([second.stop(), worker.stop()]);
  await platform.close();
  await receiver.close();
});

const admin = (method: string, path: string, body?: object) => platform.app.admin(method, path, body);

/** An answer of one word is one token: it costs one micro-unit. */
async function ask(key: SeededKey, at: number, tokens = 1): Promise<number> {
  const reply = await fetch(`${bases[at % 2]}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'raw-chat', messages: [{ role: 'user', content: 'hello' }], max_tokens: tokens }),
  });
  await reply.text();
  return reply.status;
}

const answered = async (key: SeededKey, calls: number): Promise<number> =>
  (await Promise.all(Array.from({ length: calls }, (_none, at) => ask(key, at)))).filter((status) => status === 200).length;
const types = (): string[] => received.map(({ type }) => type).sort();

describe('a budget that its calls use up', () => {
  it('is told of once for each threshold, whoever of two processes counts its calls, and again when it has more', async () => {
    const key = await platform.factory.key(platform.acme);
    const made = await expectCreated(
      admin('POST', '/budgets', { tenant: 'acme', key: key.id, window: 'total', amount: 10, soft_percent: 50 }),
    );
    expect(await answered(key, 40)).toBe(10);
    await until('both are told', () => received.length === 2);
    expect(types()).toEqual(['budget.threshold_reached', 'budget.used_up']);
    const usedUp = received.find(({ type }) => type === 'budget.used_up') as Received;
    const shown = budgetObject.parse((await admin('GET', `/budgets/${made.id}?tenant=acme`)).body);
    expect(usedUp.object).toEqual(shown);
    expect(shown.period).toMatchObject({ spent: 10, soft_reached: true, used_up: true });
    const client = new OpenAI({ apiKey: 'unused' });
    await client.webhooks.unwrap(usedUp.text, usedUp.headers as Record<string, string>, webhook.secret);

    // Half of the new amount is spent already.
    expect((await admin('PATCH', `/budgets/${made.id}`, { tenant: 'acme', amount: 20 })).status).toBe(200);
    await until('there is more', async () => (await answered(key, 2)) > 0);
    await until('nothing is left', async () => (await answered(key, 20)) === 0);
    await until('it is told', () => received.length === 4);
    expect(types()).toEqual(['budget.threshold_reached', 'budget.threshold_reached', 'budget.used_up', 'budget.used_up']);
    expect(received.find(({ type, object }) => type === 'budget.used_up' && object.amount === 20)?.object).toMatchObject({
      amount: 20,
      period: { spent: 20, left: 0 },
    });
    const { body } = await admin('GET', `/webhooks/${webhook.id}/deliveries?tenant=acme`);
    expect(body.data).toHaveLength(4);
    const { code, out } = await runCli(['webhook', 'deliveries', webhook.id, '--tenant', 'acme'], {
      GT_ADMIN_URL: platform.app.adminUrl,
      GT_ADMIN_TOKEN: platform.app.operatorToken,
    });
    expect([code, out.match(new RegExp(`budget\\.used_up +${made.id}`, 'g'))]).toEqual([
      0,
      [expect.any(String), expect.any(String)],
    ]);
  });
});

describe('a budget that refuses a call before it is used up', () => {
  it('is told of once for an amount, whichever of two processes refuses', async () => {
    await expectCreated(admin('POST', '/webhooks', { tenant: 'acme', url: receiver.url, events: ['budget.refused'] }));
    const key = await platform.factory.key(platform.acme);
    const { id } = await expectCreated(admin('POST', '/budgets', { tenant: 'acme', key: key.id, window: 'total', amount: 10 }));
    const told = () => received.filter(({ type }) => type === 'budget.refused').map(({ object }) => object);
    const refused = () => Promise.all(Array.from({ length: 6 }, (_none, at) => ask(key, at, 21)));
    expect(await ask(key, 0)).toBe(200);
    await until('it is booked', async () => (await admin('GET', `/budgets/${id}?tenant=acme`)).body.period.spent === 1);
    expect(new Set(await refused())).toEqual(new Set([429]));
    await until('it is told', () => told().length > 0);
    await refused();
    expect((await admin('PATCH', `/budgets/${id}`, { tenant: 'acme', amount: 20 })).status).toBe(200);
    await until('it is told again', async () => (await refused()).length > 0 && told().length > 1);
    expect(told()).toMatchObject([
      { id, amount: 10, period: { spent: 1, used_up: false } },
      { id, amount: 20, period: { spent: 1, used_up: false } },
    ]);
  });
});
