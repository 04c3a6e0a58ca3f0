import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { ResponseInput } from 'openai/resources/responses/responses';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import { openai } from '../support/relay.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import {
  firstTurn,
  secondTurn,
  startThinkingAnthropic,
  startThinkingGemini,
  type ThinkingProvider,
  type ToolLoop,
} from '../support/tool-loop.js';

/** What a client of OpenAI drops and its provider wants back. */
const wires = ['anthropic', 'gemini'] as const;
const cases = wires.flatMap((wire) => [false, true].map((streamed) => ({ wire, streamed })));

let app: TestApp;
/** Another process of the same platform. */
let other: TestApp;
let database: pg.Client;
let providers: Readonly<Record<(typeof wires)[number], ThinkingProvider>>;

beforeAll(async () => {
  providers = { anthropic: await startThinkingAnthropic(), gemini: await startThinkingGemini() };
  app = await startApp();
  other = await startApp({ databaseUrl: app.databaseUrl });
  database = new pg.Client({ connectionString: app.databaseUrl });
  await database.connect();
  for (const tenant of ['acme', 'globex']) await makeTenant(tenant);
});
afterAll(async () => {
  await database.end();
  await other.close();
  await app.close();
  for (const wire of wires) await providers[wire].close();
});

/** A tenant in which each provider stands behind two models and two connections. */
async function makeTenant(tenant: string): Promise<void> {
  const make = async (path: string, body: object): Promise<void> => {
    expect((await app.admin('POST', path, { tenant, ...body })).status).toBe(201);
  };
  expect((await app.admin('POST', '/tenants', { slug: tenant })).status).toBe(201);
  for (const wire of wires)
    for (const connection of [wire, `${wire}-2`]) {
      const { url, model } = providers[wire];
      await make('/connections', {
        name: connection,
        base_url: url,
        wire,
        auth: { mode: 'header_token', token: 'provider-key' },
      });
      await make('/endpoints', { name: `raw-${connection}`, raw_model: { connection, model } });
      await make('/endpoints', { name: `later-${connection}`, raw_model: { connection, model: `${model}-later` } });
    }
}

let keys = 0;

/** A new key. */
async function newKey(tenant = 'acme'): Promise<{ readonly id: string; readonly secret: string }> {
  const name = `client-${(keys += 1)}`;
  const { status, body } = await app.admin('POST', '/keys', { tenant, name, preset: 'platform-automation', raw_models: ['*'] });
  expect(status).toBe(201);
  return body;
}
const clientOf = (at: TestApp, key: { readonly secret: string }): OpenAI => openai(at.baseUrl, key);
/** Rows that are kept for the key. */
const rowsOf = async ({ id }: { readonly id: string }) =>
  (await database.query<{ content: Buffer | null }>('select content from kept_thoughts where key_id = $1', [id])).rows;

describe.each(cases)('what a provider of $wire has signed and the client drops (streamed: $streamed)', ({ wire, streamed }) => {
  const model = `raw-${wire}`;
  /** What the provider is given in the second turn of a loop. */
  const givenTo = async (client: OpenAI, loop: ToolLoop): Promise<string> => {
    expect(await secondTurn(client, loop)).toBe('Done.');
    return providers[wire].given();
  };

  it('is given back by the process that answered', async () => {
    const client = clientOf(app, await newKey());
    expect(await givenTo(client, await firstTurn(client, model, streamed))).toBe('signed');
  });

  it('is given back by another process, as soon as the answer has ended', async () => {
    const key = await newKey();
    const loop = await firstTurn(clientOf(app, key), model, streamed);
    for (const _time of [1, 2]) expect(await givenTo(clientOf(other, key), loop)).toBe('signed');
  });

  it('is given back for calls that the client prints in its own way', async () => {
    const key = await newKey();
    const { messages } = await firstTurn(clientOf(app, key), model, streamed);
    const text = JSON.stringify(messages).replaceAll(String.raw`{\"city\":`, String.raw`{ \"city\" : `);
    const reprinted = { model, messages: JSON.parse(text) as typeof messages };
    for (const at of [app, other]) expect(await givenTo(clientOf(at, key), reprinted)).toBe('signed');
  });

  it("is not given back to another key, another tenant's key, another model or another connection", async () => {
    const key = await newKey();
    const loop = await firstTurn(clientOf(app, key), model, streamed);
    const strangers = [await newKey(), await newKey('globex')];
    for (const at of [app, other]) {
      for (const stranger of strangers) expect(await givenTo(clientOf(at, stranger), loop)).toBe('none');
      for (const elsewhere of [`later-${wire}`, `raw-${wire}-2`])
        expect(await givenTo(clientOf(at, key), { ...loop, model: elsewhere })).toBe('none');
      expect(await givenTo(clientOf(at, key), loop)).toBe('signed');
    }
  });

  it('is not given back after a day', async () => {
    const key = await newKey();
    const loop = await firstTurn(clientOf(app, key), model, streamed);
    await database.query(`update kept_thoughts set expires_at = now() where key_id = $1`, [key.id]);
    expect(await givenTo(clientOf(other, key), loop)).toBe('none');
  });

  it('lies sealed in the database, and goes with its key', async () => {
    const key = await newKey();
    await firstTurn(clientOf(app, key), model, streamed);
    const rows = await rowsOf(key);
    expect(rows).toHaveLength(wire === 'gemini' ? 1 : 2);
    for (const { content } of rows) expect(content?.toString('latin1')).not.toMatch(/sig|thought|look/);
    expect((await app.admin('DELETE', `/keys/${key.id}?tenant=acme`)).status).toBe(200);
    expect(await rowsOf(key)).toEqual([]);
  });

  it('is given back over responses that are not stored, without their reasoning items', async () => {
    const key = await newKey();
    const tool = { type: 'function' as const, name: 'weather', strict: false, parameters: { type: 'object', properties: {} } };
    const asked = { model, tools: [tool], store: false, reasoning: { effort: 'high' as const } };
    const input: ResponseInput = [{ role: 'user', content: 'How is the weather in Rome and in Oslo?' }];
    const { responses } = clientOf(app, key);
    const { output } = streamed
      ? await responses.stream({ ...asked, input }).finalResponse()
      : await responses.create({ ...asked, input });
    const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
    const results = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'Sun.' }));
    for (const at of [app, other]) {
      const next = await clientOf(at, key).responses.create({ ...asked, input: [...input, ...calls, ...results] });
      expect([next.output_text, providers[wire].given()]).toEqual(['Done.', 'signed']);
    }
  });
});

describe('while the database cannot be reached', () => {
  it.each(wires)('calls are made all the same, with what the process itself remembers (%s)', async (wire) => {
    const key = await newKey();
    const elsewhere = await firstTurn(clientOf(app, key), `raw-${wire}`, false);
    // A process that starts now hears of no change any more.
    const proxy = await TcpProxy.before(app.databaseUrl);
    const alone = await startApp({ databaseUrl: proxy.url, settings: { GT_AUTH_STALE_MS: '60000' } });
    try {
      const client = clientOf(alone, key);
      expect((await client.models.list()).data.length).toBeGreaterThan(0);
      proxy.cut();
      expect(await secondTurn(client, elsewhere)).toBe('Done.');
      expect(providers[wire].given()).toBe('none');
      const rows = await rowsOf(key);
      const own = await firstTurn(client, `raw-${wire}`, true);
      expect(await rowsOf(key)).toEqual(rows);
      expect(await secondTurn(client, own)).toBe('Done.');
      expect(providers[wire].given()).toBe('signed');
    } finally {
      proxy.restore();
      await alone.close();
      await proxy.close();
    }
  });
});
