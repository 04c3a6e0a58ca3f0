import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import { post, until, user } from '../support/relay.js';
import { sdkToken, startSdkProvider, type SdkProvider } from '../support/sdk-provider.js';
import { startWideProvider, type WideProvider } from '../support/wide-provider.js';

const team = 'canary-team-41f7';
const plan = 'canary plan "b" 8c02';

let app: TestApp;
let provider: WideProvider;
let sdk: SdkProvider;
let secret: string;

const make = (path: string, body: object) => app.admin('POST', path, { tenant: 'acme', ...body });
const change = (name: string, body: object) => app.admin('PATCH', `/connections/${ids.get(name)}?tenant=acme`, body);
const ids = new Map<string, string>();

async function connect(name: string, further: object = {}) {
  const made = await make('/connections', {
    name,
    base_url: provider.url,
    headers: { 'X-Team': team, 'x-plan': plan },
    ...further,
  });
  ids.set(name, made.body.id as string);
  return made;
}

async function publish(name: string, model = 'big'): Promise<void> {
  expect((await make('/endpoints', { name, raw_model: { connection: name, model } })).status).toBe(201);
  const headers = { authorization: `Bearer ${secret}` };
  await until('it is published', async () => (await fetch(`${app.baseUrl}/models/${name}`, { headers })).status === 200);
}

function ask(path: string, body: object): Promise<Response> {
  return post({ url: `${app.baseUrl}${path}`, secret, body });
}

const chat = (model: string, further: object = {}) => ask('/chat/completions', { model, messages: [user('Hi')], ...further });

beforeAll(async () => {
  provider = await startWideProvider();
  sdk = await startSdkProvider();
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  secret = (await make('/keys', { name: 'k', preset: 'platform-automation', raw_models: ['*'], agents: ['*'], datasets: ['*'] }))
    .body.secret as string;
  await connect('main');
  await publish('main');
});
beforeEach(() => provider.reset());
afterAll(async () => {
  await app.close();
  await provider.close();
  await sdk.close();
});

describe('the headers of a connection', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a chat', () => chat('main')],
    ['a stream', async () => (await chat('main', { stream: true })).text()],
    ['embeddings', () => ask('/embeddings', { model: 'main', input: 'Hi' })],
    ['a moderation', () => ask('/moderations', { model: 'main', input: 'Hi' })],
    ['a test', () => app.admin('POST', `/connections/${ids.get('main')}/test?tenant=acme`, {})],
    ['a list of models', () => app.admin('GET', `/connections/${ids.get('main')}/models?tenant=acme`)],
    [
      'a form',
      () => {
        const form = new FormData();
        form.append('model', 'main');
        form.append('file', new Blob([Buffer.alloc(1000)]), 'talk.mp3');
        const headers = { authorization: `Bearer ${secret}` };
        return fetch(`${app.baseUrl}/audio/transcriptions`, { method: 'POST', headers, body: form });
      },
    ],
    [
      "the platform's own embedding",
      async () => {
        await make('/datasets', { alias: 'book', embedding: { connection: 'main', model: 'vectors' } });
        await ask('/datasets/book/search', { query: 'Hi' });
      },
    ],
  ])('go with %s', async (_what, act) => {
    await act();
    expect(provider.seen.map(({ headers }) => [headers['x-team'], headers['x-plan']])).toEqual([[team, plan]]);
  });

  it('go with what a package of the AI SDK sends', async () => {
    const auth = { mode: 'header_token', token: sdkToken };
    await connect('mistral', { wire: 'sdk:mistral', base_url: sdk.baseUrl('sdk:mistral'), auth });
    await publish('mistral');
    for (const stream of [false, true]) await (await chat('mistral', { stream })).text();
    await ask('/embeddings', { model: 'mistral', input: 'Hi' });
    expect(sdk.asked.map(({ headers }) => [headers['x-team'], headers['x-plan']])).toEqual([
      [team, plan],
      [team, plan],
      [team, plan],
    ]);
  });

  it('go with what is said in the words of another wire', async () => {
    await connect('claude', {
      wire: 'anthropic',
      auth: { mode: 'header_token', token: 't' },
      headers: { 'anthropic-beta': 'x-1' },
    });
    await publish('claude');
    await chat('claude');
    expect(provider.seen.at(-1)?.headers).toMatchObject({ 'anthropic-beta': 'x-1', 'anthropic-version': '2023-06-01' });
  });

  it('change in running processes', async () => {
    await connect('changing');
    await publish('changing');
    await chat('changing');
    expect((await change('changing', { headers: { 'x-team': 'canary-other', 'X-PLAN': null } })).body.headers).toEqual([
      'x-team',
    ]);
    await until('the new headers are sent', async () => {
      await chat('changing');
      const headers = provider.seen.at(-1)?.headers;
      return headers?.['x-team'] === 'canary-other' && headers['x-plan'] === undefined;
    });
  });

  it('are in no error, even where the provider gives them back', async () => {
    const told = `Team ${team} with ${plan} may not; team ${team.slice(0, 17)}...`;
    provider.refuse(() => ({ status: 400, error: { message: told, param: plan, code: team } }));
    for (const further of [{}, { stream: true }]) {
      const reply = await chat('main', further);
      const text = await reply.text();
      expect([reply.status, text]).toEqual([400, expect.not.stringContaining('canary')]);
      expect(text).toContain('may not');
    }
  });
});

describe('the values of headers', () => {
  it('are shown nowhere, and sealed in the database', async () => {
    const made = await connect('hidden');
    expect([made.status, made.body.headers]).toEqual([201, ['x-plan', 'x-team']]);
    const replies = [
      made,
      await change('hidden', { headers: { 'x-third': 'canary-third' } }),
      await app.admin('GET', `/connections/${ids.get('hidden')}?tenant=acme`),
      await app.admin('GET', '/connections?tenant=acme&name=hidden'),
      await app.admin('GET', '/export?tenant=acme'),
      await app.admin('GET', `/audit?tenant=acme&object_id=${ids.get('hidden')}`),
    ];
    expect(replies.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200]);
    expect(JSON.stringify(replies.map(({ body }) => body as unknown))).not.toContain('canary');
    expect(replies[2]?.body.headers).toEqual(['x-plan', 'x-team', 'x-third']);
    expect(replies[5]?.body.data[0].changes.headers).toEqual({ 'x-plan': 'kept', 'x-team': 'kept', 'x-third': 'set' });
    const database = new pg.Client({ connectionString: app.databaseUrl });
    await database.connect();
    const { rows } = await database.query(
      "select encode(headers, 'escape') as headers, header_names from connections where name = 'hidden'",
    );
    await database.end();
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect(rows).toMatchObject([{ header_names: ['x-plan', 'x-team', 'x-third'] }]);
  });

  it('never go to another address than the one that they were given for', async () => {
    await connect('moving', { auth: { mode: 'header_token', token: 'one' } });
    const elsewhere = { base_url: 'http://127.0.0.1:1/v1', auth: { mode: 'header_token', token: 'two' } };
    for (const headers of [undefined, {}, { 'x-team': 'new' }, { 'x-plan': null }]) {
      const moved = await change('moving', { ...elsewhere, headers });
      expect([moved.status, moved.body.error]).toMatchObject([400, { code: 'missing_required_parameter', param: 'headers' }]);
    }
    expect((await change('moving', { base_url: `${provider.url}/deeper` })).status).toBe(200);
    const moved = await change('moving', { ...elsewhere, headers: { 'x-team': 'new', 'x-plan': null } });
    expect([moved.status, moved.body.headers]).toEqual([200, ['x-team']]);
  });

  it('that the release before moves elsewhere open no more, until they are given again', async () => {
    await connect('moved');
    await publish('moved');
    const database = new pg.Client({ connectionString: app.databaseUrl });
    await database.connect();
    await database.query("update connections set base_url = 'http://127.0.0.1:1/v1' where name = 'moved'");
    await database.query('update connections set base_url = $1 where name = $2', [
      provider.url.replace('127.0.0.1', '127.0.0.2'),
      'moved',
    ]);
    await database.end();
    await until('the process knows of it', async () => (await chat('moved')).status === 502);
    expect(provider.seen.filter(({ headers }) => headers.host?.startsWith('127.0.0.2'))).toEqual([]);
    const tried = await app.admin('POST', `/connections/${ids.get('moved')}/test?tenant=acme`, {});
    expect(tried.body.error.message).toMatch(/cannot be opened.*headers/);
    expect((await change('moved', { headers: { 'x-team': 'new' } })).body.error.param).toBe('headers');
    expect((await change('moved', { base_url: provider.url, headers: { 'x-team': 'new', 'x-plan': null } })).status).toBe(200);
    await until('it is called again', async () => (await chat('moved')).status === 200);
  });
});

describe('headers that no connection may have', () => {
  it.each([
    ...[
      'Content-Length',
      'content-type',
      'content-encoding',
      'transfer-encoding',
      'Host',
      'connection',
      'upgrade',
      'te',
      'trailer',
    ],
    ...['expect', 'keep-alive', 'proxy-authorization', 'Proxy-Anything', 'accept', 'Accept-Encoding', 'authorization', 'Cookie'],
    ...[
      'api-key',
      'X-API-Key',
      'x-goog-api-key',
      'x-amz-security-token',
      'forwarded',
      'X-Forwarded-For',
      'x-forwarded-any',
      'via',
    ],
    ...['x-real-ip', 'x-request-id', 'user-agent', 'two words', '', 'ä', 'a'.repeat(65)],
  ])('%j', async (name) => {
    for (const { status, body } of [
      await make('/connections', { name: 'n', base_url: provider.url, headers: { 'x-good': '1', [name]: 'x' } }),
      await change('main', { headers: { [name]: 'x' } }),
    ])
      expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_value', `headers.${name}`]);
  });

  it.each<[string, object, object]>([
    ["its token's own header", { auth: { mode: 'header_token', token: 't', header: 'X-Token' } }, { 'x-token': 'x' }],
    ["its wire's own header", { wire: 'anthropic', auth: { mode: 'none' } }, { 'Anthropic-Version': 'x' }],
    ['a header of its habits', { habits: { claim_headers: [{ header: 'X-Account', path: ['a'] }] } }, { 'x-account': 'x' }],
  ])('%s', async (_what, settings, headers) => {
    const { status, body } = await connect('n', { ...settings, headers });
    expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_value', 'headers']);
  });

  it('its token’s own header, when that is named later', async () => {
    await connect('later', { auth: { mode: 'header_token', token: 't' } });
    const { status, body } = await change('later', { auth: { mode: 'header_token', header: 'x-team' } });
    expect([status, body.error.code]).toEqual([400, 'invalid_value']);
  });

  it.each<[string, unknown]>([
    ['a line break', { 'x-a': 'a\r\nb: c' }],
    ['nothing', { 'x-a': '' }],
    ['no text', { 'x-a': 1 }],
    ['no ASCII', { 'x-a': 'ä' }],
    ['spaces around', { 'x-a': ' a ' }],
    ['too long a value', { 'x-a': 'a'.repeat(2049) }],
    ['one name twice', { 'x-a': 'a', 'X-A': 'b' }],
    ['too many', Object.fromEntries(Array.from({ length: 17 }, (_one, at) => [`x-${at}`, 'a']))],
    ['a list', ['x-a']],
    ['null in a new one', { 'x-a': null }],
  ])('with %s', async (_what, headers) => {
    const { status, body } = await make('/connections', { name: 'n', base_url: provider.url, headers });
    expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_value', expect.stringMatching(/^headers/)]);
  });

  it('more than sixteen in several steps', async () => {
    const ten = (from: number) =>
      Object.fromEntries(Array.from({ length: 10 }, (_one, at) => [`x-${from + at}`, 'a'.repeat(2048)]));
    expect((await connect('many', { headers: ten(0) })).status).toBe(201);
    expect((await change('many', { headers: ten(10) })).body.error).toMatchObject({ code: 'invalid_value', param: 'headers' });
    expect((await change('many', { headers: ten(0) })).body.headers).toHaveLength(10);
  });
});
