import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import pg from 'pg';
import { startAdminFixture, expectCreated, refusal, type AdminFixture } from '../support/admin-fixture.js';
import { selfSigned } from '../support/certificate.js';
import { listen, type Listening } from '../support/listening.js';
import { startLoginProvider, type LoginProvider } from '../support/login-provider.js';
import { connectProxy, socksProxy, type TestProxy } from '../support/proxies.js';
import { until } from '../support/until.js';

const word = 'canary-5d1c';
const png = Buffer.from('89504e470d0a1a0a', 'hex');

let fixture: AdminFixture;
let provider: Listening;
let proxy: TestProxy;
let socks: TestProxy;
let database: pg.Client;
let client: OpenAI;
let key: string;
let port: string;
let asked: string[] = [];

const answers: Record<string, object> = {
  '/v1/models': { object: 'list', data: [{ id: 'big' }] },
  '/v1/embeddings': {
    object: 'list',
    model: 'big',
    data: [{ object: 'embedding', index: 0, embedding: [1, 0] }],
    usage: { prompt_tokens: 1, total_tokens: 1 },
  },
};

beforeAll(async () => {
  provider = await listen((text, request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    if (request.url?.endsWith('/picture.png') === true) return void response.end(png);
    const known = answers[request.url ?? ''];
    if (known !== undefined) return void response.writeHead(200, json).end(JSON.stringify(known));
    const isStream = (JSON.parse(text) as { stream?: boolean }).stream === true;
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'big', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    if (isStream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        `${chunk({ role: 'assistant', content: 'Over ' })}${chunk({ content: 'there.' })}${chunk({}, 'stop')}data: [DONE]\n\n`,
      );
    } else response.writeHead(200, json).end(JSON.stringify(chat('Over there.')));
  });
  port = new URL(provider.url).port;
  fixture = await startAdminFixture({ settings: { GT_ALLOW_PRIVATE_UPSTREAMS: 'true', GT_UPSTREAM_CONNECT_MS: '2000' } });
  proxy = await connectProxy({ login: { username: 'gateway', password: word } });
  socks = await socksProxy();
  database = new pg.Client({ connectionString: fixture.app.databaseUrl });
  await database.connect();
  const made = await fixture.app.admin('POST', '/keys', {
    tenant: 'acme',
    name: 'all',
    preset: 'platform-automation',
    raw_models: ['*'],
  });
  key = made.body.secret as string;
  client = new OpenAI({ baseURL: fixture.app.baseUrl, apiKey: key, maxRetries: 0 });
});

afterAll(async () => {
  await database.end();
  await fixture.close();
  await provider.close();
  proxy.close();
  socks.close();
});

const json = { 'content-type': 'application/json' };
const chat = (content: string) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'big',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

const urlOf = ({ protocol, port }: TestProxy) => `${protocol === 'http' ? 'http' : 'socks5'}://127.0.0.1:${port}`;
const through = () => ({ url: urlOf(proxy), username: 'gateway', password: word });
const operator = (method: string, path: string, body?: object) => fixture.app.admin(method, path, body);

/** A connection of the operator's making with a raw model of the same name. */
async function connect(name: string, more: object = {}): Promise<string> {
  const body = { tenant: 'acme', name, base_url: `http://127.0.0.1:${port}/v1`, auth: { mode: 'none' }, ...more };
  const { id } = await expectCreated(operator('POST', '/connections', body));
  await expectCreated(operator('POST', '/endpoints', { tenant: 'acme', name, raw_model: { connection: name, model: 'big' } }));
  const headers = { authorization: `Bearer ${key}` };
  await until(`${name} is published`, async () => (await fetch(`${fixture.app.baseUrl}/models/${name}`, { headers })).ok);
  return id as string;
}

const ask = (model: string) => client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Where?' }] });

describe('a connection with a proxy', () => {
  it('makes all its calls through it', async () => {
    const id = await connect('proxied', { proxy: through() });
    asked = [];
    proxy.asked.length = 0;
    expect((await ask('proxied')).choices[0]?.message.content).toBe('Over there.');
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`]);
    const stream = await client.chat.completions.create({
      model: 'proxied',
      messages: [{ role: 'user', content: 'Where?' }],
      stream: true,
    });
    let said = '';
    for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? '';
    expect(said).toBe('Over there.');
    expect((await client.embeddings.create({ model: 'proxied', input: 'a' })).data).toHaveLength(1);
    expect((await fixture.manager('POST', `/connections/${id}/test`, {})).body).toMatchObject({ ok: true, status: 200 });
    expect((await fixture.manager('GET', `/connections/${id}/models`)).body.data).toMatchObject([{ id: 'big' }]);
    expect(asked.map((line) => line.split(' ')[1])).toEqual([
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/embeddings',
      '/v1/models',
      '/v1/models',
    ]);
    // Without its proxy nothing goes out, least of all directly.
    await operator('PATCH', `/connections/${id}`, { tenant: 'acme', proxy: { url: 'http://127.0.0.1:1' } });
    asked = [];
    await until(
      'the other proxy is known',
      async () => (await ask('proxied').catch((error: { status: number }) => error.status)) === 502,
    );
    asked = [];
    await expect(ask('proxied')).rejects.toMatchObject({ status: 502, code: 'upstream_unavailable' });
    const tried = await fixture.manager('POST', `/connections/${id}/test`, {});
    const message = 'The proxy of this connection cannot be reached.';
    expect(tried.body).toMatchObject({ ok: false, error: { code: 'upstream_unavailable', message } });
    expect(JSON.stringify(tried.body)).not.toContain('127.0.0.1');
    expect(asked).toEqual([]);
  });

  it('makes them through a SOCKS5 proxy too, and gets its tokens that way', async () => {
    const login: LoginProvider = await startLoginProvider();
    try {
      const auth = { ...login.auth, grant: 'client_credentials' };
      await connect('cut-off', { base_url: `${login.url}/v1`, auth, proxy: { url: 'socks5://127.0.0.1:1' } });
      await expect(ask('cut-off')).rejects.toMatchObject({ status: 503, code: 'oauth_unavailable' });
      expect([login.asked, login.calls]).toEqual([[], []]);
      await connect('logged-in', { base_url: `${login.url}/v1`, auth, proxy: { url: urlOf(socks) } });
      await ask('logged-in');
      expect([login.asked.length, login.calls.length]).toEqual([1, 1]);
      expect(new Set(socks.asked)).toEqual(new Set([new URL(login.url).host]));
    } finally {
      await login.close();
    }
  });

  it('makes those of packages of the AI SDK through it', async () => {
    const auth = { mode: 'header_token', token: 't' };
    await connect('packaged', { wire: 'sdk:mistral', auth, proxy: { url: urlOf(socks), username: 'packaged' } });
    socks.asked.length = 0;
    expect((await ask('packaged')).choices[0]?.message.content).toBe('Over there.');
    expect(socks.asked).toEqual([`127.0.0.1:${port}`]);
  });

  it('fetches through it what its provider leaves at an address of its own', async () => {
    answers['/v1/images/generations'] = { created: 1, data: [{ url: `${provider.url}/picture.png` }] };
    await connect('pictured', { proxy: { url: urlOf(socks), username: 'pictured' } });
    socks.asked.length = 0;
    asked = [];
    const { data } = await client.images.generate({ model: 'pictured', prompt: 'a harbour' });
    expect(data?.[0]?.b64_json).toBe(png.toString('base64'));
    expect(asked.map((line) => line.split(' ')[1])).toEqual(['/v1/images/generations', '/v1/picture.png']);
    expect(new Set(socks.asked)).toEqual(new Set([`127.0.0.1:${port}`]));
  });

  it('shows that it has a secret there, and never which', async () => {
    const id = await connect('shown', { proxy: through() });
    const { rows } = await database.query('select proxy_url, proxy_secret from connections where id = $1', [id]);
    expect(Buffer.from(rows[0].proxy_secret as Uint8Array).toString('latin1')).not.toMatch(/canary|gateway/);
    for (const call of [fixture.viewer, fixture.manager]) {
      const { body } = await call('GET', `/connections/${id}`);
      expect([body.proxy, body.ca]).toEqual([{ url: urlOf(proxy), secret_set: true }, null]);
      expect(JSON.stringify(body)).not.toContain(word);
    }
    const audit = await fixture.lastAudit(id);
    expect(audit?.changes).toMatchObject({ proxy: { url: urlOf(proxy), secret: 'set' } });
    expect(JSON.stringify(audit)).not.toMatch(/canary|gateway/);
  });

  it('keeps name and password for their proxy alone', async () => {
    const id = await connect('kept', { proxy: through() });
    const change = async (proxyField: unknown) =>
      (await operator('PATCH', `/connections/${id}`, { tenant: 'acme', proxy: proxyField })).body.proxy;
    expect(await change({ url: `${urlOf(proxy)}/` })).toEqual({ url: urlOf(proxy), secret_set: true });
    expect(await change({ url: urlOf(proxy), username: null })).toEqual({ url: urlOf(proxy), secret_set: false });
    expect(await change(through())).toEqual({ url: urlOf(proxy), secret_set: true });
    expect(await change({ url: urlOf(socks) })).toEqual({ url: urlOf(socks), secret_set: false });
    expect(await change(through())).toEqual({ url: urlOf(proxy), secret_set: true });
    expect(await change(null)).toBeNull();
    const { rows } = await database.query('select proxy_secret from connections where id = $1', [id]);
    expect(rows[0].proxy_secret).toBeNull();
  });

  it('is not called at all when its secret cannot be opened', async () => {
    const id = await connect('unopened', { proxy: through() });
    await ask('unopened');
    await database.query(`update connections set proxy_secret = '\\x00' where id = $1`, [id]);
    asked = [];
    await until(
      'the secret is known to be none',
      async () => (await ask('unopened').catch((error: { status: number }) => error.status)) === 502,
    );
    asked = [];
    await expect(ask('unopened')).rejects.toMatchObject({ status: 502, code: 'upstream_unavailable' });
    const { body } = await fixture.manager('POST', `/connections/${id}/test`, {});
    expect(body).toMatchObject({ ok: false, error: { code: 'upstream_unavailable', message: expect.stringContaining('proxy') } });
    expect(asked).toEqual([]);
    await operator('PATCH', `/connections/${id}`, { tenant: 'acme', proxy: through() });
    await until('it is called again', async () => (await ask('unopened')).choices.length === 1);
  });

  it('keeps its proxy when the tenant moves it elsewhere', async () => {
    const id = await connect('moved', { proxy: through() });
    const moved = await fixture.manager('PATCH', `/connections/${id}`, { base_url: 'http://127.0.0.1:9/v1' });
    expect([moved.status, moved.body.proxy]).toEqual([200, { url: urlOf(proxy), secret_set: true }]);
  });
});

describe('who may set a proxy', () => {
  it('is an operator alone: neither set, changed nor taken away by anybody else', async () => {
    const id = await connect('guarded', { proxy: through() });
    const refused = [403, 'insufficient_role', 'proxy'];
    const body = { name: 'own', base_url: 'http://127.0.0.1:9/v1', auth: { mode: 'none' } };
    for (const call of [fixture.manager, fixture.owner]) {
      expect(refusal(await call('POST', '/connections', { ...body, proxy: { url: urlOf(socks) } }))).toEqual(refused);
      for (const other of [{ url: urlOf(socks) }, { url: urlOf(proxy) }, null])
        expect(refusal(await call('PATCH', `/connections/${id}`, { proxy: other }))).toEqual(refused);
    }
    expect((await fixture.owner('GET', `/connections/${id}`)).body.proxy).toEqual({ url: urlOf(proxy), secret_set: true });
    expect((await fixture.owner('POST', '/connections', { ...body, proxy: null })).status).toBe(201);
  });

  it.each([
    ['http://169.254.169.254:80', 'proxy.url'],
    ['socks5://[fd00:ec2::254]:1080', 'proxy.url'],
    ['https://127.0.0.1:3128', 'proxy.url'],
    ['http://user:word@127.0.0.1:3128', 'proxy.url'],
  ])('and %s is none', async (url, param) => {
    const body = { tenant: 'acme', name: 'none', base_url: 'http://127.0.0.1:9/v1', proxy: { url } };
    expect(refusal(await operator('POST', '/connections', body))).toEqual([400, 'invalid_value', param]);
  });
});

describe('more certificates', () => {
  let tls: Server;
  let base: string;
  const certificate = selfSigned('localhost');

  beforeAll(async () => {
    tls = createServer(certificate, (_request, response) => response.writeHead(200, json).end(JSON.stringify(chat('Trusted.'))));
    await new Promise<void>((done) => tls.listen(0, '127.0.0.1', done));
    base = `https://localhost:${(tls.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => {
    tls.closeAllConnections();
    tls.close();
  });

  it('are trusted by the calls of their connection alone, with and without a proxy', async () => {
    const ca = `# ours\n${certificate.cert}`;
    await connect('trusting', { base_url: base, ca });
    await connect('trusting-proxied', { base_url: base, ca, proxy: through() });
    await connect('plain', { base_url: base });
    for (const model of ['trusting', 'trusting-proxied']) expect((await ask(model)).choices[0]?.message.content).toBe('Trusted.');
    await expect(ask('plain')).rejects.toMatchObject({ status: 502, code: 'upstream_unavailable' });
  });

  it('are set by the tenant, shown in one form, and taken away', async () => {
    const body = { name: 'own-ca', base_url: base, ca: `# ours\n${certificate.cert}` };
    const { id, ca } = await expectCreated(fixture.manager('POST', '/connections', body));
    expect(ca).toBe(certificate.cert);
    expect(refusal(await fixture.manager('PATCH', `/connections/${id as string}`, { ca: 'none' }))).toEqual([
      400,
      'invalid_value',
      'ca',
    ]);
    expect((await fixture.lastAudit(id as string))?.changes).toMatchObject({ ca: { certificates: 1 } });
    const changed = await fixture.manager('PATCH', `/connections/${id as string}`, { ca: null });
    expect([changed.status, changed.body.ca]).toEqual([200, null]);
  });
});

describe('gt apply', () => {
  const file = (connection: object) => ({
    file: { tenants: [{ slug: 'other', connections: [{ name: 'main', base_url: 'http://127.0.0.1:9/v1', ...connection }] }] },
  });
  const apply = async (connection: object, call: (body: object) => ReturnType<AdminFixture['owner']>) => {
    const reply = await call(file(connection));
    return reply.status === 200 ? reply.body.changed : refusal(reply);
  };
  const byOperator = (body: object) => operator('POST', '/apply', body);
  const byOwner = (body: object) => fixture.stranger('POST', '/apply', body);

  it('brings a proxy for operators, changes nothing twice, and leaves it to them', async () => {
    const certificate = selfSigned('a.example.com').cert;
    const wanted = { proxy: through(), ca: certificate };
    expect(await apply(wanted, byOperator)).toBe(1);
    expect(await apply(wanted, byOperator)).toBe(0);
    expect(await apply({ ...wanted, proxy: { ...through(), password: 'other' } }, byOperator)).toBe(1);
    const exported = (await operator('GET', '/export?tenant=other')).body.tenants as { connections: object[] }[];
    expect(exported[0]?.connections).toMatchObject([{ name: 'main', proxy: { url: urlOf(proxy) }, ca: certificate }]);
    expect(JSON.stringify(exported)).not.toMatch(/gateway|other-word|canary/);
    expect(await apply({ proxy: { url: urlOf(proxy) }, ca: certificate }, byOwner)).toBe(0);
    // Of a proxy that a file does not name nothing is said.
    expect(await apply({ ca: certificate }, byOwner)).toBe(0);
    expect(await apply({}, byOwner)).toBe(1);
    const refused = [403, 'insufficient_role', 'file.tenants[0].connections[0].proxy'];
    expect(await apply({ proxy: null }, byOwner)).toEqual(refused);
    expect(await apply({ proxy: { url: urlOf(socks) } }, byOwner)).toEqual(refused);
    // Nobody else learns whether a name and a password are the stored ones.
    for (const password of [word, 'other'])
      expect(await apply({ proxy: { ...through(), password }, ca: certificate }, byOwner)).toEqual(refused);
    expect(await apply({ proxy: { url: urlOf(proxy), username: null } }, byOperator)).toBe(1);
    expect(await apply({ proxy: null }, byOperator)).toBe(1);
    expect(await apply({ proxy: null }, byOwner)).toBe(0);
  });
});
