import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { KeyRing } from '../../src/platform/secrets/key-ring.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { call, createMigratedDatabase, type ApiReply } from '../support/app.js';
import { startLogged, type LoggedProcess } from '../support/logged-process.js';
import { Factory, sandboxToken, type Sandbox, type SeededKey, type SeededTenant } from '../support/platform.js';
import { openai, post, user } from '../support/relay.js';

/** The ring that sealed the connection `lost`; the running product does not have it. */
const formerRing = new KeyRing([`former:${Buffer.alloc(32, 9).toString('base64')}`]);

const refusal = {
  error: {
    message: 'This model cannot be called: its connection needs the attention of your administrator.',
    type: 'upstream_error',
    param: null,
    code: 'upstream_unavailable',
  },
};

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let sandbox: Sandbox;
let factory: Factory;
let acme: SeededTenant;
let lost: SeededTenant;
let key: SeededKey;
let api: LoggedProcess;
let baseUrl: string;

beforeAll(async () => {
  database = await createMigratedDatabase();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  factory = new Factory(database.url);
  acme = await factory.tenant('acme', `${sandbox.url}/v1`);
  lost = { ...acme, connectionId: newId('connection') };
  const secret = formerRing.seal(sandboxToken, { tenantId: acme.id, recordId: lost.connectionId });
  await factory.run((tx) =>
    tx.connection.create({
      data: {
        tenantId: acme.id,
        id: lost.connectionId,
        name: 'lost',
        baseUrl: `${sandbox.url}/v1`,
        authMode: 'header_token',
        secret: new Uint8Array(secret),
      },
    }),
  );
  await factory.alias(lost, 'lost-agent');
  await factory.rawModel(lost, 'lost-raw', 'sandbox-chat');
  key = await factory.key(acme, {
    scopes: ['inference:chat', 'inference:embed', 'inference:override'],
  });
  api = await startLogged({ DATABASE_URL: database.url, GT_LOG_LEVEL: 'info' });
  baseUrl = `${api.url}/api/tenant/v1`;
});
afterAll(async () => {
  await api.stop();
  await factory.close();
  await sandbox.close();
  await database.drop();
});

const chat = (model: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  post({ url: `${baseUrl}/chat/completions`, secret: key.secret, body: { model, messages: [user('hi')], ...more }, headers });

const warnings = (): Record<string, unknown>[] =>
  api
    .printed()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"connection_id"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function admin(method: string, path: string, body?: object): Promise<ApiReply> {
  const token = await createOperatorToken(database.url, newId('adminToken'));
  return call(`${api.url}/api/admin/v1${path}?tenant=acme`, method, token, body);
}

describe('a connection whose secret cannot be opened', () => {
  it('leaves all other connections of its tenant working', async () => {
    const client = openai(baseUrl, key);
    expect((await client.chat.completions.create({ model: 'assistant', messages: [user('hi')] })).model).toBe('assistant');
    expect((await chat('raw-chat', { stream: true })).status).toBe(200);
    expect((await client.embeddings.create({ model: 'assistant', input: 'hi' })).data).toHaveLength(1);
  });

  it.each<[string, () => Promise<Response>]>([
    ['an agent', () => chat('lost-agent')],
    ['a raw model', () => chat('lost-raw')],
    ['a stream', () => chat('lost-agent', { stream: true })],
    ['embeddings', () => post({ url: `${baseUrl}/embeddings`, secret: key.secret, body: { model: 'lost-agent', input: 'hi' } })],
    ['another model of it', () => chat('lost-agent', {}, { 'x-gt-model': 'other' })],
    ['a model of it named on another endpoint', () => chat('assistant', {}, { 'x-gt-model': 'lost/other' })],
  ])('is told as the clear error of its own endpoints, without its name: %s', async (_what, ask) => {
    const { total } = (await (await fetch(`${sandbox.url}/sandbox/stats`)).json()) as { total: number };
    const reply = await ask();
    expect([reply.status, await reply.json()]).toEqual([502, refusal]);
    expect(((await (await fetch(`${sandbox.url}/sandbox/stats`)).json()) as { total: number }).total).toBe(total);
  });

  it('may be left for another connection by a key that names the model itself', async () => {
    expect((await chat('lost-agent', {}, { 'x-gt-model': 'main/sandbox-chat' })).status).toBe(200);
  });

  it('stays listed: listing tells permission, not health', async () => {
    const listed = await openai(baseUrl, key).models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(expect.arrayContaining(['assistant', 'lost-agent', 'lost-raw']));
  });

  it('is logged once when the endpoints are read, by its id, and not with each call', async () => {
    const before = warnings();
    for (let time = 0; time < 20; time += 1) await (await chat('lost-raw')).text();
    const all = warnings();
    expect(all.length).toBeGreaterThan(0);
    expect(all.length - before.length).toBeLessThan(10);
    for (const line of all) {
      expect(line).toMatchObject({ level: 'error', tenant_id: acme.id, connection_id: lost.connectionId });
    }
  });

  it('is told to its admin with what to do, and works again once its token is given again', async () => {
    const models = await admin('GET', `/connections/${lost.connectionId}/models`);
    expect([models.status, models.body.error.code]).toEqual([502, 'upstream_unavailable']);
    expect(models.body.error.message).toMatch(/cannot be opened.*auth\.token/);
    const test = await admin('POST', `/connections/${lost.connectionId}/test`);
    expect(test.body).toMatchObject({ ok: false, status: null, error: { code: 'upstream_unavailable' } });
    const mended = await admin('PATCH', `/connections/${lost.connectionId}`, {
      auth: { mode: 'header_token', token: sandboxToken },
    });
    expect(mended.status).toBe(200);
    for (const model of ['lost-agent', 'lost-raw']) {
      let status = 0;
      for (const end = performance.now() + 60_000; status !== 200 && performance.now() < end;)
        status = (await chat(model)).status;
      expect(status).toBe(200);
    }
  });
});
