import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type OpenAI from 'openai';
import pg from 'pg';
import { adminUsageList, usageObject } from '../../src/contracts/usage.js';
import { sayBlocks, startAnthropicProvider, type AnthropicProvider } from '../support/anthropic-provider.js';
import { call as request, startApp, type TestApp } from '../support/app.js';
import { defaultAnswer, startRecordingProvider, type Answer, type RecordingProvider } from '../support/recording-provider.js';
import { dataLines, openai, post, until } from '../support/relay.js';

/** An agent whose first provider speaks OpenAI's API, the next one too, and the last one Anthropic's. */
let app: TestApp;
let first: RecordingProvider;
let second: RecordingProvider;
let last: AnthropicProvider;
let secret: string;
let client: OpenAI;

const make = (path: string, body: object) => app.admin('POST', path, { tenant: 'acme', ...body });
const ids: Record<string, string> = {};

beforeAll(async () => {
  [first, second, last] = [await startRecordingProvider(), await startRecordingProvider(), await startAnthropicProvider()];
  app = await startApp({ settings: { GT_UPSTREAM_FIRST_BYTE_MS: '1000' } });
  await app.admin('POST', '/tenants', { slug: 'acme' });
  const auth = { mode: 'header_token', token: 'provider-key' };
  for (const [name, base_url, wire] of [
    ['first', first.url, 'openai'],
    ['second', second.url, 'chat'],
    ['last', last.url, 'anthropic'],
  ] as const)
    ids[name] = (
      (await make('/connections', { name, base_url, wire, auth, limits: { breaker: null } })).body as { id: string }
    ).id;
  const chat = (connection: string) => ({ connection, model: `model-of-${connection}` });
  const fallbacks = { chat: [chat('second'), chat('last')] };
  await make('/agents', { name: 'helper', instructions: 'Be brief.', models: { chat: chat('first') }, fallbacks });
  expect((await make('/agents/helper/publish', { endpoint: 'helper' })).status).toBe(200);
  const { body } = await make('/keys', { name: 'client', preset: 'platform-automation', agents: ['*'] });
  ({ secret } = body as { secret: string });
  client = openai(app.baseUrl, { secret });
});
afterAll(async () => {
  await app.close();
  for (const provider of [first, second, last]) await provider.close();
});
beforeEach(() => {
  first.answerWith(fails(503));
  second.answerWith(defaultAnswer);
  last.answerWith(sayBlocks([{ type: 'text', text: 'The last one answers.' }]));
});

const fails =
  (status: number): Answer =>
  (_body, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}');

const asked = (): number[] => [first.bodies.length, second.bodies.length, last.bodies.length];

/** How often each provider was asked meanwhile. */
async function askedBy<T>(work: () => Promise<T>): Promise<[T, number[]]> {
  const before = asked();
  const result = await work();
  return [result, asked().map((count, at) => count - (before[at] ?? 0))];
}

const hello = [{ role: 'user', content: 'Hello' }];
async function ask(body: object = {}, path = '/chat/completions', headers: Record<string, string> = {}) {
  const call = { url: app.baseUrl + path, secret, body: { model: 'helper', messages: hello, ...body }, headers };
  const reply = await post(call);
  return {
    status: reply.status,
    servedBy: reply.headers.get('x-gt-served-by'),
    text: await reply.text(),
    headers: reply.headers,
  };
}

describe('an agent with fallbacks', () => {
  it.each([false, true])('is answered by its first choice while that works (stream: %s)', async (stream) => {
    first.answerWith(defaultAnswer);
    const [reply, counts] = await askedBy(() => ask({ stream }));
    expect([reply.status, reply.servedBy, counts]).toEqual([200, '0', [1, 0, 0]]);
  });

  it.each([401, 403, 404, 429, 500, 502, 503, 529].flatMap((status) => [false, true].map((stream) => [status, stream] as const)))(
    'goes on to the next where the first answers %i (stream: %s)',
    async (status, stream) => {
      first.answerWith(fails(status));
      const [reply, counts] = await askedBy(() => ask({ stream }));
      expect([reply.status, reply.servedBy, counts]).toEqual([200, '1', [1, 1, 0]]);
      expect(reply.text).toContain('Answer to Hello');
      expect(second.bodies.at(-1)).toMatchObject({ model: 'model-of-second', messages: [{ content: 'Be brief.' }, hello[0]] });
    },
  );

  it.each<[string, Answer]>([
    ['breaks off before it has answered', (_body, response) => void response.destroy()],
    ['never answers', () => undefined],
    ['answers with no JSON', (_body, response) => void response.setHeader('content-type', 'application/json').end('oops')],
    ['answers with a page', (_body, response) => void response.setHeader('content-type', 'text/html').end('<p>oops</p>')],
  ])('goes on to the next where the first %s', async (_what, answer) => {
    first.answerWith(answer);
    const [reply, counts] = await askedBy(() => ask());
    expect([reply.status, reply.servedBy, counts]).toEqual([200, '1', [1, 1, 0]]);
  });

  it.each([400, 413, 422])('tells its caller what the first says is wrong with the request: %i', async (status) => {
    first.answerWith(fails(status));
    const [reply, counts] = await askedBy(() => ask());
    expect([reply.status, reply.servedBy, counts]).toEqual([status, '0', [1, 0, 0]]);
  });

  it('asks each in turn, on whatever wire, and tells the last failure where all fail', async () => {
    second.answerWith(fails(500));
    const [reply, counts] = await askedBy(() => ask());
    expect([reply.status, reply.servedBy, counts]).toEqual([200, '2', [1, 1, 1]]);
    expect(reply.text).toContain('The last one answers.');
    last.answerWith((_body, response) => void response.writeHead(529).end('{}'));
    const [none, all] = await askedBy(() => ask({ stream: true }));
    expect([none.status, none.servedBy, all]).toEqual([502, '2', [1, 1, 1]]);
    expect(none.text).not.toMatch(/first|second|last|model-of/);
  });

  it('asks no other once a stream has begun', async () => {
    first.answerWith((_body, response) => {
      const delta = { role: 'assistant', content: 'Hel' };
      const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta }] };
      response.setHeader('content-type', 'text/event-stream');
      response.write(`data: ${JSON.stringify(chunk)}\n\n`, () => response.destroy());
    });
    const [reply, counts] = await askedBy(() => ask({ stream: true }));
    expect([reply.status, reply.servedBy, counts]).toEqual([200, '0', [1, 0, 0]]);
    expect(dataLines(reply.text).at(-1)).toContain('"upstream_error"');
  });

  it('sends the next the very request, numbers as they were written', async () => {
    const body = `{"model":"helper","temperature":1.0,"seed":12345678901234567890,"messages":[{"role":"user","content":"${'x'.repeat(70_000)}"}]}`;
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const reply = await fetch(`${app.baseUrl}/chat/completions`, { method: 'POST', headers, body });
    expect([reply.status, reply.headers.get('x-gt-served-by')]).toEqual([200, '1']);
    const [one, two] = [first.texts.at(-1), second.texts.at(-1)];
    expect(two).toContain('"temperature":1.0,"seed":12345678901234567890');
    expect(two?.replace('model-of-second', 'model-of-first')).toBe(one);
  });

  it('answers responses, legacy completions and conversations, which keep one turn', async () => {
    const response = await client.responses.create({ model: 'helper', input: 'Hello' });
    expect(response.output_text).toBe('Answer to Hello');
    const next = await client.responses.create({ model: 'helper', input: 'Again', previous_response_id: response.id });
    expect(next.output_text).toBe('Answer to Again');
    const completion = await client.completions.create({ model: 'helper', prompt: 'Hello' });
    expect(completion.choices[0]?.text).toBe('Answer to Hello');
    const { id } = await client.conversations.create();
    await client.responses.create({ model: 'helper', input: 'Kept', conversation: id });
    const items = await client.conversations.items.list(id, { order: 'asc' });
    expect(items.data.map((item) => ('role' in item ? item.role : ''))).toEqual(['user', 'assistant']);
  });

  it('repeats the answer of the fallback for the same idempotency key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const one = await ask({}, '/chat/completions', headers);
    const [two, counts] = await askedBy(() => ask({}, '/chat/completions', headers));
    expect([two.status, two.text, two.headers.get('idempotent-replayed'), counts]).toEqual([200, one.text, 'true', [0, 0, 0]]);
  });

  it('books each try by itself, and names its connection and model to admins alone', async () => {
    const { headers } = await ask();
    const records = await until('both are booked', async () => {
      const { body } = await app.admin('GET', '/usage?tenant=acme&limit=5');
      const own = adminUsageList.parse(body).data.filter(({ request_id: id }) => id === headers.get('x-gt-request-id'));
      return own.length === 2 && own;
    });
    expect(records.map(({ state, status, connection, model }) => [state, status, connection, model])).toEqual([
      ['completed', 200, 'second', 'model-of-second'],
      ['upstream_failed', 502, 'first', 'model-of-first'],
    ]);
    const shown = await request(`${app.baseUrl}/usage?limit=5`, 'GET', secret);
    const { data } = shown.body as { data: { id: string }[] };
    const own = data.filter(({ id }) => records.some((record) => record.id === id));
    expect(own).toHaveLength(2);
    for (const record of own) expect(Object.keys(record).sort()).toEqual(Object.keys(usageObject.shape).sort());
    expect(JSON.stringify(shown.body)).not.toMatch(/first"|second"|last"|model-of/);
  });

  it('asks no other for a caller that names the model itself', async () => {
    const made = await make('/keys', {
      name: 'overriding',
      agents: ['*'],
      scopes: ['inference:chat', 'inference:override'],
      purpose: 'inference',
    });
    const { secret: overriding } = made.body as { secret: string };
    const call = {
      url: `${app.baseUrl}/chat/completions`,
      secret: overriding,
      body: { model: 'helper', messages: hello },
      headers: { 'x-gt-model': 'first/other' },
    };
    const [reply, counts] = await askedBy(() => post(call));
    expect([reply.status, reply.headers.get('x-gt-served-by'), counts]).toEqual([502, null, [1, 0, 0]]);
  });

  it('asks no other for a caller that has left', async () => {
    let held: ServerResponse | undefined;
    first.answerWith((_body, response) => void (held = response));
    const before = asked();
    const leaving = new AbortController();
    const call = { url: `${app.baseUrl}/chat/completions`, secret, body: { model: 'helper', messages: hello } };
    const gone = post({ ...call, signal: leaving.signal });
    await until('the first was asked', () => held !== undefined);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await until('the first was left', () => held?.destroyed === true);
    first.answerWith(defaultAnswer);
    expect((await ask()).servedBy).toBe('0');
    expect(asked().map((count, at) => count - (before[at] ?? 0))).toEqual([2, 0, 0]);
  });
});

describe('an agent with fallbacks whose caller has a budget', () => {
  const refusal = { status: 429, text: expect.stringContaining('"code":"insufficient_quota"') };
  let ofMoney: Record<string, string>;
  let ofTokens: Record<string, string>;

  /** A key with a budget, once that is known: such a call is refused. */
  async function keyWith(name: string, budget: object, refused: object): Promise<Record<string, string>> {
    const { body } = await make('/keys', { name, preset: 'platform-automation', agents: ['*'] });
    const key = body as { id: string; secret: string };
    expect((await make('/budgets', { key: key.id, window: 'total', ...budget })).status).toBe(201);
    const headers = { authorization: `Bearer ${key.secret}` };
    await until('its budget is known', async () => (await ask(refused, '/chat/completions', headers)).status === 429);
    return headers;
  }

  beforeAll(async () => {
    await make('/agents/helper/publish', { endpoint: 'frugal' });
    ofTokens = await keyWith('tokens', { currency: null, amount: 1_700 }, { model: 'frugal', max_tokens: 5_000 });
    ofMoney = await keyWith('money', { amount: 1_000 }, { max_tokens: 1 });
    // The second choice is dear, the others are not.
    for (const [connection, output] of [
      ['last', 1_000_000],
      ['second', 1_000_000_000],
      ['first', 1_000_000],
    ] as const)
      expect((await make('/tenant-prices', { connection, model: '*', amounts: { input: 0, output } })).status).toBe(201);
    first.answerWith(defaultAnswer);
    await until('prices are known', async () => (await ask({ max_tokens: 1 }, '/chat/completions', ofMoney)).status === 200);
  });

  it.each([false, true])('asks no other when the budget has too little left for the next try (stream: %s)', async (stream) => {
    const [reply, counts] = await askedBy(() => ask({ stream, max_tokens: 10 }, '/chat/completions', ofMoney));
    expect(reply).toMatchObject(refusal);
    expect([reply.headers.get('x-should-retry'), counts]).toEqual(['false', [1, 0, 0]]);
    expect(reply.text).not.toMatch(/first|second|last|model-of/);
  });

  it('asks no other when the first try itself has spent the budget', async () => {
    first.answerWith((_body, response) => void response.setHeader('content-type', 'application/json').end('oops'));
    const long = { model: 'frugal', max_tokens: 10, messages: [{ role: 'user', content: 'hello '.repeat(1_000) }] };
    const [reply, counts] = await askedBy(() => ask(long, '/chat/completions', ofTokens));
    expect([reply, counts]).toEqual([expect.objectContaining(refusal), [1, 0, 0]]);
    const own = await until('it is booked', async () => {
      const { body } = await app.admin('GET', '/usage?tenant=acme&limit=5');
      const all = adminUsageList.parse(body).data.filter(({ request_id: id }) => id === reply.headers.get('x-gt-request-id'));
      return all.length > 0 && all;
    });
    expect(own).toMatchObject([{ state: 'upstream_failed', status: 502, connection: 'first', source: 'counted' }]);
  });
});

describe('an agent whose connections cannot all be used', () => {
  let database: pg.Client;
  beforeAll(async () => {
    database = new pg.Client({ connectionString: app.databaseUrl });
    await database.connect();
  });
  afterAll(() => database.end());

  /** Puts something that does not open in the place of the secrets while `work` runs. */
  async function withoutSecrets(names: readonly string[], work: () => Promise<void>): Promise<void> {
    const { rows } = await database.query<{ id: string; secret: Buffer }>(
      'select id, secret from connections where name = any($1)',
      [names],
    );
    const set = async (secretOf: (row: { readonly secret: Buffer }) => Buffer): Promise<void> => {
      await database.query('begin');
      for (const row of rows) await database.query('update connections set secret = $2 where id = $1', [row.id, secretOf(row)]);
      await database.query('commit');
    };
    await set(() => Buffer.alloc(40));
    try {
      await work();
    } finally {
      await set(({ secret: own }) => own);
      first.answerWith(defaultAnswer);
      await until('all can be asked again', async () => (await ask()).servedBy === '0');
    }
  }

  it.each([
    [['first'], '1', [0, 1, 0]],
    [['first', 'second'], '2', [0, 0, 1]],
  ])('asks the next where %j cannot be asked', async (names, place, expected) => {
    // Until the change is known the first one answers.
    first.answerWith(defaultAnswer);
    await withoutSecrets(names, async () => {
      for (const [path, body] of [
        ['/chat/completions', {}],
        ['/responses', { input: 'Hello', messages: undefined }],
      ] as const) {
        const [reply, counts] = await until('the change is known', async () => {
          const tried = await askedBy(() => ask(body, path));
          return tried[0].servedBy === place && tried;
        });
        expect([reply.status, counts]).toEqual([200, expected]);
      }
    });
  });

  it('passes over one that cannot be asked when the one before it fails', async () => {
    first.answerWith(fails(503));
    await withoutSecrets(['second'], async () => {
      const [reply, counts] = await until('the change is known', async () => {
        const tried = await askedBy(() => ask({ stream: true }));
        return tried[1][1] === 0 && tried;
      });
      expect([reply.status, reply.servedBy, counts]).toEqual([200, '2', [1, 0, 1]]);
    });
  });

  it('tells what is wrong where none can be asked', async () => {
    await withoutSecrets(['first', 'second', 'last'], async () => {
      const reply = await until('the change is known', async () => {
        const told = await ask();
        return told.text.includes('upstream_unavailable') && told;
      });
      expect(reply).toMatchObject({ status: 502, text: expect.stringContaining('needs the attention of your administrator') });
    });
  });
});

describe('on the admin plane', () => {
  const chat = { connection: 'first', model: 'm' };

  it('a fallback is shown, exported and applied, and its connection stays while it is used', async () => {
    const { body } = await app.admin('GET', '/agents/helper?tenant=acme');
    expect(body).toMatchObject({ fallbacks: { chat: [{ connection: 'second' }, { connection: 'last' }] } });
    const refused = await app.admin('DELETE', `/connections/${ids['last']}?tenant=acme`);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([409, expect.stringContaining('agent \\"helper\\"')]);
    const renamed = await app.admin('PATCH', `/connections/${ids['last']}`, { tenant: 'acme', name: 'other' });
    expect(renamed.status).toBe(409);
    const exported = await app.admin('GET', '/export?tenant=acme');
    const applied = await app.admin('POST', '/apply', { file: exported.body });
    expect(applied.status).toBe(200);
    const { results } = applied.body as { results: { action: string }[] };
    expect(new Set(results.map(({ action }) => action))).toEqual(new Set(['unchanged']));
  });

  it.each([
    [{ chat: [{ connection: 'nobody', model: 'm' }] }, 'fallbacks.chat[0].connection'],
    [{ image: [chat, { connection: 'last', model: 'm' }] }, 'fallbacks.image[1].connection'],
  ])('%j is 400', async (fallbacks, param) => {
    const reply = await make('/agents', { name: 'wrong', models: { chat }, fallbacks });
    expect(reply).toMatchObject({ status: 400, body: { error: { code: 'invalid_value', param } } });
  });

  it('what is embedded has none', async () => {
    const reply = await make('/agents', { name: 'wrong', models: { chat }, fallbacks: { embed: [chat] } });
    expect(reply).toMatchObject({ status: 400, body: { error: { code: 'unsupported_parameter', param: 'fallbacks.embed' } } });
  });

  it('an empty list says that there are none', async () => {
    const reply = await make('/agents', { name: 'plain', models: { chat }, fallbacks: { chat: [] } });
    expect(reply).toMatchObject({ status: 201, body: { fallbacks: {} } });
  });
});
