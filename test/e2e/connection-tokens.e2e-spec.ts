import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/kernel/ids.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { call, createMigratedDatabase, type ApiReply } from '../support/app.js';
import { startLogged, type LoggedProcess } from '../support/logged-process.js';
import { post, until, user } from '../support/relay.js';
import { startWideProvider, type SeenCall, type WideProvider } from '../support/wide-provider.js';

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let api: LoggedProcess;
let provider: WideProvider;
let operator: string;
let secret: string;
/** A key whose forms are kept until they are whole. */
let judged: string;
const ids = new Map<string, string>();

const admin = (method: string, path: string, body?: object): Promise<ApiReply> =>
  call(`${api.url}/api/admin/v1${path}`, method, operator, body);
const make = (path: string, body: object) => admin('POST', path, { tenant: 'acme', ...body });
const change = (name: string, body: object) => admin('PATCH', `/connections/${ids.get(name)}?tenant=acme`, body);
const tokensOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_one, at) => `canary-${name}-${at + 1}`);

async function connect(name: string, count: number, further: object = {}): Promise<ApiReply> {
  const [token, ...rest] = tokensOf(name, count);
  const auth = { mode: 'header_token', token, further_tokens: rest };
  const made = await make('/connections', { name, base_url: provider.url, auth, ...further });
  ids.set(name, made.body.id as string);
  return made;
}

/** A connection with so many tokens, and a raw model of its name on it that has been called by nobody. */
async function place(name: string, count: number, further: object = {}): Promise<void> {
  expect((await connect(name, count, further)).status).toBe(201);
  expect((await make('/endpoints', { name, raw_model: { connection: name, model: 'big' } })).status).toBe(201);
  const headers = { authorization: `Bearer ${secret}` };
  await until(
    'it is published',
    async () => (await fetch(`${api.url}/api/tenant/v1/models/${name}`, { headers })).status === 200,
  );
}

const ask = (path: string, body: object): Promise<Response> => post({ url: `${api.url}/api/tenant/v1${path}`, secret, body });
const chat = async (model: string, further: object = {}) => {
  const reply = await ask('/chat/completions', { model, messages: [user('Hi')], ...further });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
};
function form(model: string, bytes: number, by = secret): Promise<Response> {
  const body = new FormData();
  body.append('model', model);
  body.append('file', new Blob([Buffer.alloc(bytes)]), 'talk.mp3');
  const headers = { authorization: `Bearer ${by}` };
  return fetch(`${api.url}/api/tenant/v1/audio/transcriptions`, { method: 'POST', headers, body });
}

/** The place of the token with which a call came. */
const keyOf = ({ headers }: SeenCall): number => Number(/(\d+)$/.exec(headers.authorization ?? '')?.[1]);
const keys = (): number[] => provider.seen.map(keyOf);
const refuseKeys = (places: readonly number[], status: number, headers: Record<string, string> = {}): void =>
  provider.refuse((seen) => (places.includes(keyOf(seen)) ? { status, headers } : undefined));

beforeAll(async () => {
  database = await createMigratedDatabase();
  provider = await startWideProvider();
  api = await startLogged({ DATABASE_URL: database.url, GT_LOG_LEVEL: 'info' });
  operator = await createOperatorToken(database.url, newId('adminToken'));
  await admin('POST', '/tenants', { slug: 'acme' });
  const grants = { raw_models: ['*'], agents: ['*'], datasets: ['*'] };
  const key = { preset: 'platform-automation', ...grants };
  secret = (await make('/keys', { name: 'k', ...key })).body.secret as string;
  const prompt_policy = { guardrails: [{ module: 'blocked_terms', terms: ['never said'] }] };
  judged = (await make('/keys', { name: 'judged', ...key, prompt_policy })).body.secret as string;
});
beforeEach(() => provider.reset());
afterAll(async () => {
  await api.stop();
  await provider.close();
  await database.drop();
});

describe('calls over a connection with several keys', () => {
  it('take them in turn', async () => {
    await place('turns', 3);
    for (let times = 0; times < 4; times += 1) await chat('turns');
    expect(keys()).toEqual([1, 2, 3, 1]);
  });

  it.each<[string, (model: string) => Promise<{ status: number }>]>([
    ['a chat', (model) => chat(model)],
    ['a stream', (model) => chat(model, { stream: true })],
    ['embeddings', (model) => ask('/embeddings', { model, input: 'Hi' })],
    ['a form that was whole before it was sent', (model) => form(model, 300_000, judged)],
  ])('go on at once with the next after a 429, and let the refused one rest: %s', async (what, act) => {
    const name = what.replaceAll(' ', '-');
    await place(name, 2);
    refuseKeys([1], 429);
    for (let times = 0; times < 3; times += 1) expect((await act(name)).status).toBe(200);
    expect(keys()).toEqual([1, 2, 2, 2]);
  });

  it('let a key rest also where a form has gone by that cannot be sent again', async () => {
    await place('gone-by', 2);
    refuseKeys([1], 429);
    const statuses = [];
    for (let times = 0; times < 3; times += 1) statuses.push((await form('gone-by', 3_000_000)).status);
    expect([statuses, keys()]).toEqual([
      [429, 200, 200],
      [1, 2, 2],
    ]);
  });

  it('are one usage record each, however many keys they take', async () => {
    await place('booked', 3);
    refuseKeys([1, 2], 429);
    await chat('booked');
    expect(keys()).toEqual([1, 2, 3]);
    await until('it is booked', async () => {
      const { data } = (await admin('GET', '/usage?tenant=acme&endpoint=booked')).body as { data: { status: number }[] };
      expect(data.length).toBeLessThan(2);
      return data[0]?.status === 200;
    });
  });

  it('that meet a 429 with each key give it to the caller, and are never refused for their rest', async () => {
    await place('busy', 2);
    refuseKeys([1, 2], 429, { 'retry-after': '7' });
    const reply = await chat('busy');
    expect([reply.status, reply.headers.get('retry-after'), keys()]).toEqual([429, '7', [1, 2]]);
    expect(reply.text).not.toContain('canary');
    provider.reset();
    expect((await chat('busy')).status).toBe(200);
    expect(keys()).toEqual([1]);
  });

  it('wait as their agent allows when all keys are busy, and then go on', async () => {
    await place('patient', 2);
    const models = { chat: { connection: 'patient', model: 'big' } };
    await make('/agents', { name: 'waiting', models, retry_after_max_seconds: 5 });
    await admin('POST', '/agents/waiting/publish?tenant=acme', { endpoint: 'waiting' });
    const headers = { authorization: `Bearer ${secret}` };
    await until(
      'it is published',
      async () => (await fetch(`${api.url}/api/tenant/v1/models/waiting`, { headers })).status === 200,
    );
    provider.refuse(() => (provider.seen.length <= 2 ? { status: 429, headers: { 'retry-after': '1' } } : undefined));
    expect([(await chat('waiting')).status, keys().slice(0, 2), keys().length]).toEqual([200, [1, 2], 3]);
  });

  it.each([403, 404, 500])('do not change the key after %i', async (status) => {
    await place(`stays-${status}`, 2);
    refuseKeys([1], status);
    expect((await chat(`stays-${status}`)).status).toBe(502);
    expect(keys()).toEqual([1]);
  });

  it('try one other key after a 401, which the log and a test of the connection tell', async () => {
    await place('refused', 3);
    refuseKeys([2], 401);
    for (let times = 0; times < 4; times += 1) expect((await chat('refused')).status).toBe(200);
    expect(keys()).toEqual([1, 2, 3, 1, 3]);
    const line = await until('the log tells it', () =>
      api
        .printed()
        .split('\n')
        .find((one) => one.includes('refused a key')),
    );
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', connection_id: ids.get('refused'), key: 'key 2 of 3' });
    const tried = await admin('POST', `/connections/${ids.get('refused')}/test?tenant=acme`, {});
    expect(tried.body.notices).toEqual([expect.stringContaining('key 2 of 3')]);
    expect(api.printed() + JSON.stringify(tried.body)).not.toContain('canary');
    provider.reset();
    refuseKeys([1, 2, 3], 401);
    expect((await chat('refused')).status).toBe(502);
    expect(keys()).toHaveLength(2);
  });

  it('are all tried by a test of the connection, and calls take none that it found refused', async () => {
    await place('tested', 3);
    refuseKeys([3], 401);
    const { body } = await admin('POST', `/connections/${ids.get('tested')}/test?tenant=acme`, {});
    expect(body).toMatchObject({ ok: true, notices: [expect.stringContaining('key 3 of 3')] });
    expect(keys().sort()).toEqual([1, 2, 3]);
    for (let times = 0; times < 3; times += 1) expect((await chat('tested')).status).toBe(200);
    expect(keys().slice(3)).toEqual([1, 2, 1]);
  });

  it('keep turns and rests when the connection changes', async () => {
    await place('changing', 3);
    refuseKeys([1], 429, { 'retry-after': '600' });
    await chat('changing');
    expect(keys()).toEqual([1, 2]);
    await change('changing', { headers: { 'x-new': '1' } });
    await until('the change is known', async () => {
      await chat('changing');
      return provider.seen.at(-1)?.headers['x-new'] === '1';
    });
    for (let times = 0; times < 4; times += 1) await chat('changing');
    expect(keys().slice(2)).not.toContain(1);
  });

  it("hold for the platform's own embedding too, which books each try", async () => {
    await place('vectors', 2);
    await make('/datasets', { alias: 'book', embedding: { connection: 'vectors', model: 'v' } });
    refuseKeys([1], 429);
    expect((await ask('/datasets/book/search', { query: 'Hi' })).status).toBe(200);
    expect(keys()).toEqual([1, 2]);
  });

  it.each(['anthropic', 'gemini'])('hold on the wire %s', async (wire) => {
    await place(`over-${wire}`, 2, { wire });
    provider.refuse(({ headers }) => {
      const given = String(headers['x-api-key'] ?? headers['x-goog-api-key']);
      return { status: given.endsWith('1') ? 429 : 500 };
    });
    await chat(`over-${wire}`);
    expect(provider.seen.map(({ headers }) => headers['x-api-key'] ?? headers['x-goog-api-key'])).toEqual(
      tokensOf(`over-${wire}`, 2),
    );
  });

  it('hold over a package of the AI SDK', async () => {
    await place('over-sdk', 2, { wire: 'sdk:mistral' });
    refuseKeys([1], 429, { 'retry-after': '600' });
    await chat('over-sdk');
    await chat('over-sdk');
    expect(keys()).toEqual([1, 2, 2]);
  });

  it('tell no key that a provider gives back', async () => {
    await place('echo', 2);
    provider.refuse(({ headers }) => ({
      status: 400,
      error: { message: `${headers.authorization} or ${tokensOf('echo', 2).join(' ')}`, code: tokensOf('echo', 2)[1] },
    }));
    for (let times = 0; times < 2; times += 1) {
      const { status, text } = await chat('echo');
      expect([status, text]).toEqual([400, expect.not.stringContaining('canary')]);
    }
  });
});

describe('further tokens', () => {
  it('are counted and never shown, and sealed in the database', async () => {
    const made = await connect('hidden', 3);
    expect([made.status, made.body.auth]).toEqual([
      201,
      { mode: 'header_token', header: 'authorization', prefix: 'Bearer', secret_set: true, tokens: 3 },
    ]);
    const replies = [
      made,
      await change('hidden', { auth: { mode: 'header_token', prefix: 'Key' } }),
      await admin('GET', `/connections/${ids.get('hidden')}?tenant=acme`),
      await admin('GET', '/connections?tenant=acme&name=hidden'),
      await admin('GET', '/export?tenant=acme'),
      await admin('GET', `/audit?tenant=acme&object_id=${ids.get('hidden')}`),
    ];
    expect(replies.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200]);
    expect(replies[1]?.body.auth.tokens).toBe(3);
    expect(JSON.stringify(replies.map(({ body }) => body as unknown))).not.toContain('canary');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(
      "select encode(further_tokens, 'escape') as further_tokens from connections where name = 'hidden'",
    );
    await client.end();
    expect(JSON.stringify(rows)).not.toContain('canary');
  });

  it.each<[string, object, number]>([
    ['absent stay', { mode: 'header_token', token: 'new' }, 3],
    ['given take the place of the former', { mode: 'header_token', further_tokens: ['a'] }, 2],
    ['null go', { mode: 'header_token', further_tokens: null }, 1],
    ['an empty list go', { mode: 'header_token', further_tokens: [] }, 1],
  ])('%s', async (what, auth, count) => {
    const name = `kept-${what.replaceAll(' ', '-')}`;
    await connect(name, 3);
    expect((await change(name, { auth })).body.auth.tokens).toBe(count);
  });

  it('go with another mode, and do not come back with it', async () => {
    await connect('modes', 3);
    await change('modes', { auth: { mode: 'none' } });
    const back = await change('modes', { auth: { mode: 'header_token', token: 'x' } });
    expect(back.body.auth.tokens).toBe(1);
  });

  it('never go to another address than the one that they were given for', async () => {
    await connect('moving', 3);
    const base_url = 'http://127.0.0.1:1/v1';
    const moved = await change('moving', { base_url, auth: { mode: 'header_token', token: 'x' } });
    expect([moved.status, moved.body.error]).toMatchObject([
      400,
      { code: 'missing_required_parameter', param: 'auth.further_tokens' },
    ]);
    expect((await change('moving', { base_url: `${provider.url}/deeper` })).body.auth.tokens).toBe(3);
    for (const further_tokens of [['y'], null]) {
      await connect(`moving-${String(further_tokens)}`, 3);
      const given = { base_url, auth: { mode: 'header_token', token: 'x', further_tokens } };
      expect((await change(`moving-${String(further_tokens)}`, given)).status).toBe(200);
    }
  });

  it.each<[string, unknown]>([
    ['too many', Array.from({ length: 16 }, (_one, at) => `t${at}`)],
    ['one twice', ['a', 'a']],
    ['an empty one', ['']],
    ['a line break', ['a\nb']],
    ['no list', 'a'],
  ])('are refused: %s', async (_what, further_tokens) => {
    const auth = { mode: 'header_token', token: 't', further_tokens };
    const { status, body } = await make('/connections', { name: 'n', base_url: provider.url, auth });
    expect([status, body.error.code, body.error.param]).toEqual([
      400,
      'invalid_value',
      expect.stringMatching(/^auth\.further_tokens/),
    ]);
  });

  it('may be as many and as long as they are allowed to be', async () => {
    const further_tokens = Array.from({ length: 15 }, (_one, at) => '"'.repeat(8190) + String(at + 10));
    const auth = { mode: 'header_token', token: '"'.repeat(8192), further_tokens };
    const headers = Object.fromEntries(Array.from({ length: 16 }, (_one, at) => [`x-${at}`, '"'.repeat(2048)]));
    const { status, body } = await make('/connections', { name: 'large', base_url: provider.url, auth, headers });
    expect([status, body.auth.tokens, body.headers.length]).toEqual([201, 16, 16]);
  });
});
