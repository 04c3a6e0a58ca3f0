import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { keyActivityObject } from '../../src/contracts/key-activity.js';
import { statementObject, type StatementLine } from '../../src/contracts/statements.js';
import { adminUsageList, usageDimensions, usageGroupList, type AdminUsageObject } from '../../src/contracts/usage.js';
import { statementCsv } from '../../src/contracts/statement-csv.js';
import { expectCreated, refusal } from '../support/admin-fixture.js';
import type { AnthropicProvider } from '../support/anthropic-provider.js';
import { startAnthropicSandbox } from '../support/anthropic-sandbox.js';
import { runCli } from '../support/cli.js';
import type { SeededKey } from '../support/platform.js';
import { untilPublished } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js';
import { until } from '../support/until.js';
import { chatBody, startUsageBench, type UsageBench } from '../support/usage-fixture.js';

let bench: UsageBench;
let provider: ScriptedProvider;
let messages: AnthropicProvider;
/** The answers that a test lets the scripted provider end. */
const open: ServerResponse[] = [];

beforeAll(async () => {
  bench = await startUsageBench({ GT_UPSTREAM_FIRST_BYTE_MS: '20000', GT_UPSTREAM_IDLE_MS: '20000' });
  messages = await startAnthropicSandbox(bench.platform.sandbox);
  provider = await startScriptedProvider((response, { url }) => {
    if (url?.startsWith('/v1/images') !== true) return void open.push(openStream(response));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }, { b64_json: 'iVBORw0KGgo=' }] }));
  });
  const scripted = await publishOn(bench.platform, provider.url, 'scripted');
  await publishOn(bench.platform, provider.url, 'unpriced');
  const image = { connection: scripted.connectionId, model: 'painter' };
  await bench.platform.factory.alias(scripted, 'studio', { models: { image } });
  await untilPublished(bench.platform, 'studio');
  await operator('PATCH', '/tenants/acme', { markup_per_mille: 250 });
  await operator('POST', '/connections', {
    tenant: 'acme',
    name: 'claude',
    wire: 'anthropic',
    base_url: messages.url,
    auth: { mode: 'header_token', token: 'provider-key' },
  });
  await operator('POST', '/endpoints', { tenant: 'acme', name: 'claude', raw_model: { connection: 'claude', model: 'claude' } });
  await untilPublished(bench.platform, 'claude');
  const tokens = { input: 3_000_000, cached_input: 1_000_000, cache_write: 3_750_000, output: 7_000_000, reasoning: 9_000_000 };
  await price('main', '*', tokens);
  await price('claude', '*', tokens);
  await price('to-scripted', 'painter', { image: 40_000 });
});
afterAll(async () => {
  await provider.close();
  await messages.close();
  await bench.platform.close();
});

const operator = (method: string, path: string, body?: object) => bench.platform.app.admin(method, path, body);

const claude = (prompt: string, further: object = {}) => chatBody(prompt, { model: 'claude', ...further });

/** Makes a price and waits until the process knows it. */
async function price(connection: string, model: string, amounts: object): Promise<string> {
  const { id } = await expectCreated(operator('POST', '/tenant-prices', { tenant: 'acme', connection, model, amounts }));
  await until('the price holds', async () => (await explained(connection, model))?.id === id);
  return id as string;
}

async function explained(connection: string, model: string) {
  const { body } = await operator('POST', '/prices/explain', { tenant: 'acme', connection, model });
  return body['price'] as { readonly id: string; readonly amounts: object } | null;
}

async function recordOf(key: SeededKey): Promise<AdminUsageObject> {
  await bench.onlyRecord(key);
  const { body } = await operator('GET', `/usage?tenant=acme&key=${key.id}`);
  return adminUsageList.parse(body).data[0] as AdminUsageObject;
}

type OfCache = { readonly cached?: number; readonly written?: number };

describe('the cost of a call', () => {
  it.each<[string, string, object, OfCache]>([
    ['plain', '/chat/completions', chatBody('[[cached:500]] [[reasoning:70]] hello'), { cached: 500 }],
    ['a stream', '/chat/completions', chatBody('one two [[cached:20]] [[reasoning:3]]', { stream: true }), { cached: 20 }],
    ['embeddings', '/embeddings', { model: 'raw-chat', input: ['a b', 'c'] }, {}],
    [
      'written to a cache',
      '/chat/completions',
      chatBody('[[cached:500]] [[cache-write:31]] hello'),
      { cached: 500, written: 31 },
    ],
    ['responses', '/responses', { model: 'raw-chat', input: '[[cache-write:30]] hello' }, { written: 30 }],
    ['Anthropic', '/chat/completions', claude('[[cached:500]] [[cache-write:31]] hello'), { cached: 500, written: 31 }],
    ['a stream of Anthropic', '/chat/completions', claude('[[cache-write:33]] hello', { stream: true }), { written: 33 }],
  ])('is booked with what it took: %s', async (_what, path, body, { cached = 0, written = 0 }) => {
    const key = await bench.newKey();
    await bench.send(key, path, body);
    const record = await recordOf(key);
    expect(record).toMatchObject({ cached_input_tokens: cached, cache_write_tokens: written });
    const { input_tokens: input, output_tokens: output, reasoning_tokens: reasoning } = record;
    const cost = 3 * (input - cached - written) + cached + 3.75 * written + 7 * (output - reasoning) + 9 * reasoning;
    expect(cost).toBeGreaterThan(0);
    expect(record).toMatchObject({ cost: Math.ceil(cost), charge: Math.ceil(cost * 1.25), currency: 'USD' });
  });

  it('is that of images where images have a price', async () => {
    const key = await bench.newKey();
    await bench.send(key, '/images/generations', { model: 'studio', prompt: 'a harbour', n: 2 });
    expect(await recordOf(key)).toMatchObject({ images: 2, cost: 80_000, charge: 100_000, currency: 'USD' });
  });

  it('is missing, and not 0, where there is no price, and 0 where the provider failed', async () => {
    const [unpriced, failed] = [await bench.newKey(), await bench.newKey()];
    const sent = bench.send(unpriced, '/chat/completions', chatBody('x', { model: 'scripted', stream: true }));
    await endOpen();
    await sent;
    expect(await recordOf(unpriced)).toMatchObject({ state: 'completed', cost: null, charge: null, currency: null });
    await bench.send(failed, '/chat/completions', chatBody('[[status:500]]'));
    expect(await recordOf(failed)).toMatchObject({ state: 'upstream_failed', cost: 0, charge: 0, currency: 'USD' });
  });

  it('is that of the prices that held when it began, though they change while it runs', async () => {
    const id = await price('to-scripted', 'provider-scripted', { input: 0, output: 5_000_000 });
    const [before, after] = [await bench.newKey(), await bench.newKey()];
    const send = (key: SeededKey) => bench.send(key, '/chat/completions', chatBody('x', { model: 'scripted', stream: true }));
    const first = send(before);
    await until('the call has begun', () => open.length > 0);
    await operator('PATCH', `/tenant-prices/${id}`, { tenant: 'acme', amounts: { input: 0, output: 50_000_000 } });
    await until('the new price holds', async () => {
      const amounts = (await explained('to-scripted', 'provider-scripted'))?.amounts;
      return JSON.stringify(amounts).includes('50000000');
    });
    await endOpen();
    const second = send(after);
    await endOpen();
    await Promise.all([first, second]);
    expect([(await recordOf(before)).cost, (await recordOf(after)).cost]).toEqual([20, 200]);
  });

  it('is not the business of clients: they see what the tenant is charged', async () => {
    const key = await bench.newKey();
    await bench.send(key, '/chat/completions', chatBody('hello'));
    const record = await bench.onlyRecord(key);
    expect(record).toMatchObject({ charge: expect.any(Number), currency: 'USD' });
    expect(record).not.toHaveProperty('cost');
  });
});

describe('the sums of usage', () => {
  it('have what calls cost by currency, and how many calls have no price', async () => {
    const key = await bench.newKey();
    for (const prompt of ['one', 'two three']) await bench.send(key, '/chat/completions', chatBody(prompt));
    const unpriced = bench.send(key, '/chat/completions', chatBody('x', { model: 'unpriced', stream: true }));
    await endOpen();
    await unpriced;
    const { body } = await until('all three are visible', async () => {
      const reply = await operator('GET', `/usage?tenant=acme&key=${key.id}`);
      return adminUsageList.parse(reply.body).data.length === 3 && reply;
    });
    const { data, totals } = adminUsageList.parse(body);
    const sum = (one: (record: AdminUsageObject) => number | null) => data.reduce((all, record) => all + (one(record) ?? 0), 0);
    const [cost, charge] = [sum((record) => record.cost), sum((record) => record.charge)];
    expect(cost).toBeGreaterThan(0);
    expect(totals).toMatchObject({ calls: 3, unpriced_calls: 1, amounts: [{ currency: 'USD', calls: 2, cost, charge }] });
    expect((await bench.usageOf(key)).totals).toEqual({ ...totals, amounts: [{ currency: 'USD', calls: 2, charge }] });
  });
});

describe('usage.groups', () => {
  it('tells the sums of usage by each dimension, and as a table in a terminal', async () => {
    const key = await bench.newKey();
    await bench.send(key, '/chat/completions', chatBody('hello'));
    const record = await recordOf(key);
    const at = new Date(record.created_at * 1000).toISOString();
    const { totals } = adminUsageList.parse((await operator('GET', `/usage?tenant=acme&key=${key.id}`)).body);
    const ids = { day: at.slice(0, 10), hour: `${at.slice(0, 13)}:00:00Z`, key: key.id };
    const told = {
      ...ids,
      endpoint: record.endpoint,
      route: record.route,
      state: 'completed',
      model: record.model,
      member: 'none',
    };
    for (const by of usageDimensions) {
      const { body } = await operator('GET', `/usage/groups?tenant=acme&key=${key.id}&by=${by}`);
      const list = usageGroupList.parse(body);
      const name = by === 'key' ? key.id : null;
      expect(list).toMatchObject({ data: [{ object: 'usage_group', id: told[by], name, ...totals }], has_more: false });
      expect(list.totals).toEqual(totals);
    }
    const { adminUrl, operatorToken } = bench.platform.app;
    const { out } = await runCli(['usage', 'by', 'day', '--tenant', 'acme', '--time-zone', 'UTC'], {
      GT_ADMIN_URL: adminUrl,
      GT_ADMIN_TOKEN: operatorToken,
    });
    expect(out).toMatch(/^ID +CALLS +INPUT TOKENS .*UNPRICED CALLS +CHARGES\n/);
    expect(out).toMatch(/\nTOTALS\ncalls +\d+\n/);
  });

  it('tells the same of each hour for all keys of a page at once', async () => {
    const [busy, idle] = [await bench.newKey(), await bench.newKey()];
    for (const text of ['one', 'two']) await bench.send(busy, '/chat/completions', chatBody(text));
    await until('both calls are visible', async () => {
      const { body } = await operator('GET', `/usage?tenant=acme&key=${busy.id}`);
      return adminUsageList.parse(body).totals.calls === 2;
    });
    const { body } = await operator('GET', '/key-activity?tenant=acme&limit=100');
    const told = new Map(
      z
        .object({ data: z.array(keyActivityObject) })
        .parse(body)
        .data.map((one) => [one.id, one]),
    );
    const { body: groups } = await operator('GET', `/usage/groups?tenant=acme&by=hour&key=${busy.id}`);
    const shown = told.get(busy.id);
    const hours = shown?.hours.flatMap((calls, at) =>
      calls === 0 ? [] : { id: `${new Date((shown.since + at * 3600) * 1000).toISOString().slice(0, 13)}:00:00Z`, calls },
    );
    expect(hours?.reverse()).toEqual(usageGroupList.parse(groups).data.map(({ id, calls }) => ({ id, calls })));
    expect([shown?.calls, shown?.hours.length, told.get(idle.id)?.calls]).toEqual([2, 24, 0]);
    const { adminUrl, operatorToken } = bench.platform.app;
    const { out } = await runCli(['key', 'activity', '--tenant', 'acme', '--hours', '2'], {
      GT_ADMIN_URL: adminUrl,
      GT_ADMIN_TOKEN: operatorToken,
    });
    expect(out).toMatch(/^NAME +CALLS +SINCE +HOURS +ID\n/);
  });

  it('tells the member who made a key, though token and member are gone', async () => {
    const create = (path: string, body: object, token?: string) =>
      expectCreated(bench.platform.app.admin('POST', path, body, token));
    const member = await create('/members', { tenant: 'acme', email: 'maker@acme.example', role: 'owner' });
    const token = await create('/admin-tokens', { tenant: 'acme', name: 'of a maker', member: member['id'], role: 'owner' });
    const input = { name: 'made-by-a-member', preset: 'chat-plus-embeddings', raw_models: ['*'] };
    const key = (await create('/keys', input, token['secret'] as string)) as unknown as SeededKey;
    await bench.send(key, '/embeddings', { model: 'raw-chat', input: 'a' });
    const groups = () =>
      until('the call is visible', async () => {
        const { body } = await operator('GET', `/usage/groups?tenant=acme&key=${key.id}&by=member`);
        const { data } = usageGroupList.parse(body);
        return data.length > 0 && data;
      });
    expect(await groups()).toMatchObject([{ id: member['id'], name: 'maker@acme.example', calls: 1 }]);
    await operator('DELETE', `/members/${String(member['id'])}?tenant=acme`);
    expect(await groups()).toMatchObject([{ id: member['id'], name: 'maker@acme.example', calls: 1 }]);
  });

  it('is refused for a time zone that is none, and for an offset', async () => {
    for (const zone of ['Mars/Olympus', '%2B05:30', 'Etc/Unknown'])
      expect(refusal(await operator('GET', `/usage/groups?tenant=acme&time_zone=${zone}`))).toEqual([
        400,
        'invalid_value',
        'time_zone',
      ]);
  });
});

describe('a statement', () => {
  const month = new Date().toISOString().slice(0, 7);
  const statement = async (query = '') => (await operator('GET', `/statements?tenant=acme&month=${month}${query}`)).body;

  it('has the usage of a month by key, name, model and currency, and lines that add up to it', async () => {
    const key = await bench.newKey();
    await bench.send(key, '/chat/completions', chatBody('hello'));
    const { endpoint, model, connection, cost, charge } = await recordOf(key);
    const shown = statementObject.parse(await statement());
    expect(shown).toMatchObject({ tenant: 'acme', month, since: Date.parse(`${month}-01`) / 1000 });
    expect(shown.lines.filter((line) => line.key === key.id)).toEqual([
      { key: key.id, key_name: key.id, endpoint, connection, model, currency: 'USD', calls: 1, cost, charge },
    ]);
    const usage = adminUsageList.parse((await operator('GET', '/usage?tenant=acme')).body).totals;
    expect(shown.totals).toEqual(usage);
    const priced = shown.lines.filter(({ currency }) => currency === 'USD');
    const sum = (lines: readonly StatementLine[], of: (line: StatementLine) => number | null) =>
      lines.reduce((all, line) => all + (of(line) ?? 0), 0);
    expect(usage.amounts).toEqual([
      {
        ...{ currency: 'USD', calls: sum(priced, ({ calls }) => calls) },
        ...{ cost: sum(priced, (line) => line.cost), charge: sum(priced, (line) => line.charge) },
      },
    ]);
    expect(sum(shown.lines, ({ calls }) => calls)).toBe(usage.calls);
  });

  it('has no lines for a month without calls, and is refused for what is no month', async () => {
    const { body } = await operator('GET', '/statements?tenant=acme&month=2001-02');
    expect(statementObject.parse(body)).toMatchObject({ lines: [], totals: { calls: 0, unpriced_calls: 0, amounts: [] } });
    expect(refusal(await operator('GET', '/statements?tenant=acme&month=2026-13'))).toEqual([400, 'invalid_value', 'month']);
  });

  it('is a file of a spreadsheet, and a table in a terminal', async () => {
    const key = await bench.newKey();
    await bench.send(key, '/chat/completions', chatBody('hello'));
    await recordOf(key);
    const { adminUrl, operatorToken } = bench.platform.app;
    const headers = { authorization: `Bearer ${operatorToken}` };
    const reply = await fetch(`${adminUrl}/statements?tenant=acme&format=csv`, { headers });
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="statement-${month}.csv"`);
    const csv = await reply.text();
    expect(csv).toBe(statementCsv(statementObject.parse(await statement()).lines));
    const gt = (...flags: string[]) =>
      runCli(['statement', 'show', month, '--tenant', 'acme', ...flags], {
        GT_ADMIN_URL: adminUrl,
        GT_ADMIN_TOKEN: operatorToken,
      });
    expect((await gt('--csv')).out).toBe(csv);
    const { out } = await gt();
    expect(out).toMatch(/^KEY NAME +ENDPOINT +CONNECTION +MODEL +CURRENCY +CALLS +COST +CHARGE\n/);
    expect(out).toMatch(
      /\nTOTALS\ncalls +\d+\n(?:.+\n)+\nAMOUNTS\nCURRENCY +CALLS +COST +CHARGE\nUSD +\d+ +0\.\d{2,6} +0\.\d{2,6}\n/,
    );
  });
});

/** Ends the answer that the scripted provider has begun: it took four tokens. */
async function endOpen(): Promise<void> {
  const response = await until('the provider was asked', () => open.shift());
  const usage = { prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 };
  const last = { ...JSON.parse(chunkEvent({}).slice(6)), choices: [], usage } as object;
  response.end(`${chunkEvent({ content: 'Hello' })}${chunkEvent({}, 'stop')}data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`);
}
