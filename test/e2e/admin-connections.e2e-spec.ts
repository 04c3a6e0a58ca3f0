import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { areAlike, tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';

const providerToken = 'sk-canary-7f3a9b';

let app: TestApp;
let managerToken: string;
let viewerToken: string;
let foreignToken: string;
let provider: Server;
let providerUrl: string;
let seen: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  provider = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  await app.admin('POST', '/tenants', { slug: 'other' });
  managerToken = await tokenOf(app, 'acme', 'manager');
  viewerToken = await tokenOf(app, 'acme', 'viewer');
  foreignToken = await tokenOf(app, 'other', 'owner');
});

afterAll(async () => {
  await app.close();
  provider.closeAllConnections();
  await new Promise((done) => provider.close(done));
});

beforeEach(() => {
  seen = [];
  answer = (_request, response) =>
    json(response, 200, { object: 'list', data: [{ id: 'big', object: 'model' }, { id: 'small' }] });
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const login = { mode: 'oauth', grant: 'client_credentials', client_id: 'x', token_endpoint: 'https://a.example/token' };

let count = 0;
async function connection(extra: object = {}, token = managerToken) {
  count += 1;
  return app.admin(
    'POST',
    '/connections',
    { name: `c${count}`, base_url: providerUrl, auth: { mode: 'header_token', token: providerToken }, ...extra },
    token,
  );
}

describe('connections.create', () => {
  it('answers 201 and never shows the secret, which is sealed in the database', async () => {
    const { status, body } = await connection({ name: 'main', base_url: `${providerUrl}/` });
    expect(status).toBe(201);
    expect(body).toEqual({
      object: 'connection',
      id: expect.stringMatching(/^con_/),
      tenant: 'acme',
      name: 'main',
      base_url: providerUrl,
      wire: 'openai',
      auth: { mode: 'header_token', header: 'authorization', prefix: 'Bearer', secret_set: true, tokens: 1 },
      paths: {},
      api_version: null,
      dropped_fields: expect.arrayContaining(['api_base', 'extra_body']),
      habits: { instructions: null, no_length: false, stream_only: false, no_store: false, claim_headers: [], models: null },
      headers: [],
      limits: { max_parallel: null, breaker: { failures: 10, rest_seconds: 15 } },
      health: { state: 'closed', retry_at: null, calls: 0, failures: 0, last_failure: null },
      embedding_batch_size: null,
      embedding_batch_learned: null,
      proxy: null,
      ca: null,
      fine_tuning: 'off',
      publish_fine_tuned: false,
      created_at: expect.any(Number),
    });
    const replies = [
      await app.admin('GET', `/connections/${body.id}`, undefined, viewerToken),
      await app.admin('GET', '/connections?name=main', undefined, viewerToken),
      await app.admin('GET', `/audit?tenant=acme&object_id=${body.id}`),
    ];
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200]);
    expect(replies[2]?.body.data).toMatchObject([
      { action: 'create', kind: 'connection', changes: { name: 'main', auth: { secret: 'set' } } },
    ]);
    expect(JSON.stringify([body, replies])).not.toContain('canary');
    expect(await everythingStored()).not.toContain('canary');
  });

  it('holds the limits of its calls, of which a change takes what it names', async () => {
    const { body } = await connection({ limits: { max_parallel: 20, breaker: { failures: 3 } } });
    const shown = [body.limits];
    for (const limits of [{ breaker: { rest_seconds: 60 } }, { breaker: null }, { max_parallel: null }])
      shown.push((await app.admin('PATCH', `/connections/${body.id}`, { limits }, managerToken)).body.limits);
    expect(shown).toEqual([
      { max_parallel: 20, breaker: { failures: 3, rest_seconds: 15 } },
      { max_parallel: 20, breaker: { failures: 3, rest_seconds: 60 } },
      { max_parallel: 20, breaker: null },
      { max_parallel: null, breaker: null },
    ]);
    const { body: audit } = await app.admin('GET', `/audit?tenant=acme&object_id=${body.id}`);
    expect(audit.data[0].changes.limits).toEqual({ max_parallel: null, breaker: null });
  });

  it('holds the most texts of an embedding call, until it is said to learn it', async () => {
    const { body } = await connection({ embedding_batch_size: 10 });
    const sizes = [body.embedding_batch_size];
    for (const change of [{ wire: 'chat' }, { embedding_batch_size: 2048 }, { embedding_batch_size: null }])
      sizes.push((await app.admin('PATCH', `/connections/${body.id}`, change, managerToken)).body.embedding_batch_size);
    expect(sizes).toEqual([10, 10, 2048, null]);
  });

  it.each([
    [{ base_url: 'ftp://x.example' }, 'base_url'],
    [{ base_url: 'not a url' }, 'base_url'],
    [{ embedding_batch_size: 0 }, 'embedding_batch_size'],
    [{ embedding_batch_size: 2049 }, 'embedding_batch_size'],
    [{ limits: { max_parallel: 0 } }, 'limits.max_parallel'],
    [{ limits: { max_parallel: 10_001 } }, 'limits.max_parallel'],
    [{ limits: { breaker: { failures: 0 } } }, 'limits.breaker.failures'],
    [{ limits: { breaker: { rest_seconds: 3601 } } }, 'limits.breaker.rest_seconds'],
    [{ limits: { breaker: { window: 3 } } }, 'limits.breaker.window'],
    [{ base_url: 'https://user:pw@api.example.com/v1' }, 'base_url'],
    [{ base_url: 'https://api.example.com/v1?key=1' }, 'base_url'],
    [{ base_url: 'http://10.0.0.1/v1' }, 'base_url'],
    [{ base_url: 'http://169.254.169.254/latest' }, 'base_url'],
    [{ base_url: 'http://[::1]:1/v1' }, 'base_url'],
    [{ auth: { mode: 'header_token' } }, 'auth.token'],
    [{ auth: { mode: 'header_token', token: 'a\r\nb: c' } }, 'auth.token'],
    [{ auth: { mode: 'header_token', token: 't', header: 'Host' } }, 'auth.header'],
    [{ auth: { mode: 'oauth', client_id: 'x' } }, 'auth.token_endpoint'],
    [{ auth: { mode: 'oauth', token_endpoint: 'https://a.example/token' } }, 'auth.client_id'],
    [{ auth: { ...login, grant: 'password' } }, 'auth.grant'],
    [{ auth: { ...login, parameters: { code_verifier: 'x' } } }, 'auth.parameters'],
    [{ auth: { ...login, header: 'Host' } }, 'auth.header'],
    [{ auth: { ...login, token: 'x' } }, 'auth.token'],
    [{ auth: { mode: 'none', token: 't' } }, 'auth.token'],
    [{ paths: { models: '/../admin' } }, 'paths'],
    [{ paths: { models: '/m?x=1' } }, 'paths'],
    [{ wire: 'smoke' }, 'wire'],
    [{ wire: 'azure', base_url: 'http://127.0.0.1:1/openai' }, 'api_version'],
    [{ wire: 'azure', api_version: '2024-10-21?x' }, 'api_version'],
    [{ api_version: '2024-10-21' }, 'api_version'],
    [{ name: ' ' }, 'name'],
    [{ secret: 'x' }, 'secret'],
  ])('refuses %j with 400', async (input, param) => {
    const { status, body } = await connection(input);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  it('refuses a taken name with 409, viewers with 403, nobody with 401', async () => {
    await connection({ name: 'taken' });
    const again = await connection({ name: 'taken' });
    expect([again.status, again.body.error.code, again.body.error.param]).toEqual([409, 'conflict', 'name']);
    expect((await connection({}, viewerToken)).body.error.code).toBe('insufficient_role');
    expect((await connection({}, '')).status).toBe(401);
    expect((await connection({ name: 'taken' }, foreignToken)).status).toBe(201);
  });
});

describe('connections.update', () => {
  it('keeps the secret while the host stays, and refuses to send it to another one', async () => {
    const { id } = (await connection()).body;
    const path = `/connections/${id}`;
    expect(
      (
        await app.admin(
          'PATCH',
          path,
          { base_url: `${providerUrl}/deeper`, auth: { mode: 'header_token', prefix: '' } },
          managerToken,
        )
      ).body.auth,
    ).toEqual({
      mode: 'header_token',
      header: 'authorization',
      prefix: '',
      secret_set: true,
      tokens: 1,
    });
    await app.admin('POST', `${path}/test`, undefined, managerToken);
    expect(seen[0]?.headers.authorization).toBe(providerToken);
    for (const elsewhere of [
      'http://127.0.0.1:1/v1',
      providerUrl.replace('127.0.0.1', '127.0.0.2'),
      providerUrl.replace('http:', 'https:'),
    ]) {
      const moved = await app.admin('PATCH', path, { base_url: elsewhere }, managerToken);
      expect([moved.status, moved.body.error.code, moved.body.error.param]).toEqual([
        400,
        'missing_required_parameter',
        'auth.token',
      ]);
      const asked = await app.admin('PATCH', path, { base_url: elsewhere, auth: { mode: 'header_token' } }, managerToken);
      expect(asked.status).toBe(400);
    }
    const given = await app.admin(
      'PATCH',
      path,
      { base_url: 'http://127.0.0.1:1/v1', auth: { mode: 'header_token', token: 'new' } },
      managerToken,
    );
    expect(given.body.base_url).toBe('http://127.0.0.1:1/v1');
  });

  it('forgets the secret with the mode none, and asks for one to come back', async () => {
    const { id } = (await connection()).body;
    const none = await app.admin(
      'PATCH',
      `/connections/${id}`,
      { auth: { mode: 'none' }, base_url: 'http://127.0.0.1:1' },
      managerToken,
    );
    expect(none.body).toMatchObject({ auth: { mode: 'none' }, base_url: 'http://127.0.0.1:1' });
    const back = await app.admin('PATCH', `/connections/${id}`, { auth: { mode: 'header_token' } }, managerToken);
    expect([back.status, back.body.error.param]).toEqual([400, 'auth.token']);
  });

  it('never sends a secret elsewhere when two changes meet', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = (await connection()).body;
      await Promise.all([
        app.admin('PATCH', `/connections/${id}`, { auth: { mode: 'none' }, base_url: 'http://127.0.0.1:1' }, managerToken),
        app.admin('PATCH', `/connections/${id}`, { auth: { mode: 'header_token', header: 'x-key' } }, managerToken),
      ]);
      const { body } = await app.admin('GET', `/connections/${id}`, undefined, managerToken);
      expect([body.base_url, body.auth.mode]).toEqual(['http://127.0.0.1:1', 'none']);
    }
  });

  it('judges a new address, and changes nothing when it refuses', async () => {
    const { body } = await connection();
    expect(
      (await app.admin('PATCH', `/connections/${body.id}`, { name: 'lost', base_url: 'http://192.168.0.1' }, managerToken))
        .status,
    ).toBe(400);
    expect((await app.admin('GET', `/connections/${body.id}`, undefined, viewerToken)).body).toEqual(body);
    expect((await app.admin('PATCH', `/connections/${body.id}`, { name: 'x' }, viewerToken)).status).toBe(403);
  });
});

describe('connections.test and connections.models', () => {
  it('ask the provider with the secret and show its models', async () => {
    const { id } = (
      await connection({
        auth: { mode: 'header_token', token: providerToken, header: 'x-api-key', prefix: '' },
        paths: { models: '/list' },
      })
    ).body;
    const tried = await app.admin('POST', `/connections/${id}/test`, undefined, managerToken);
    expect([tried.status, tried.body]).toEqual([
      200,
      { object: 'connection_test', ok: true, status: 200, latency_ms: expect.any(Number), error: null, notices: [] },
    ]);
    expect([seen[0]?.url, seen[0]?.headers['x-api-key'], seen[0]?.headers.authorization]).toEqual([
      '/v1/list',
      providerToken,
      undefined,
    ]);
    const models = await app.admin('GET', `/connections/${id}/models`, undefined, managerToken);
    expect(models.body).toEqual({
      object: 'list',
      data: [
        { object: 'provider_model', id: 'big' },
        { object: 'provider_model', id: 'small' },
      ],
      first_id: 'big',
      last_id: 'small',
      has_more: false,
    });
  });

  it.each([
    [401, 'upstream_error', 401],
    [404, 'upstream_error', 404],
    [500, 'upstream_error', 500],
    [302, 'upstream_error', null],
  ])('an answer %i is told without a word of the provider', async (status, code, shown) => {
    answer = (_request, response) => {
      response.setHeader('location', 'http://127.0.0.1:1/elsewhere');
      json(response, status, { error: { message: `secret inside ${providerToken} of ${providerUrl}` } });
    };
    const { id } = (await connection()).body;
    const tried = await app.admin('POST', `/connections/${id}/test`, {}, managerToken);
    expect([tried.status, tried.body.ok, tried.body.status, tried.body.error.code]).toEqual([200, false, shown, code]);
    const models = await app.admin('GET', `/connections/${id}/models`, undefined, managerToken);
    expect([models.status, models.body.error.code]).toEqual([502, code]);
    expect(JSON.stringify([tried.body, models.body])).not.toMatch(/canary|secret inside|127\.0\.0\.1|elsewhere/);
    expect(seen).toHaveLength(2);
  });

  it('an answer that is no list of models, and a provider that is not there, are told', async () => {
    const { id } = (await connection()).body;
    answer = (_request, response) => response.end('<html>');
    expect((await app.admin('POST', `/connections/${id}/test`, {}, managerToken)).body).toMatchObject({
      ok: false,
      status: 200,
      error: { code: 'upstream_error' },
    });
    const gone = (await connection({ base_url: 'http://127.0.0.1:1/v1' })).body.id as string;
    expect((await app.admin('POST', `/connections/${gone}/test`, {}, managerToken)).body).toMatchObject({
      ok: false,
      status: null,
      error: { code: 'upstream_unavailable' },
    });
    expect((await app.admin('GET', `/connections/${gone}/models`, undefined, managerToken)).status).toBe(502);
  });

  it('are not for viewers', async () => {
    const { id } = (await connection()).body;
    expect((await app.admin('POST', `/connections/${id}/test`, {}, viewerToken)).status).toBe(403);
    expect((await app.admin('GET', `/connections/${id}/models`, undefined, viewerToken)).status).toBe(403);
    expect(seen).toHaveLength(0);
  });
});

describe('connections.delete', () => {
  it('removes what is not used, with its audit row', async () => {
    const { id } = (await connection()).body;
    expect((await app.admin('DELETE', `/connections/${id}`, undefined, viewerToken)).status).toBe(403);
    expect((await app.admin('DELETE', `/connections/${id}`, undefined, managerToken)).body).toEqual({
      id,
      object: 'connection',
      deleted: true,
    });
    expect((await app.admin('DELETE', `/connections/${id}`, undefined, managerToken)).status).toBe(404);
    expect((await app.admin('GET', `/audit?tenant=acme&object_id=${id}`)).body.data[0].action).toBe('delete');
  });
});

describe('connections of another tenant', () => {
  it('are answered exactly like absent ones', async () => {
    const { id } = (await connection({}, foreignToken)).body;
    for (const [method, suffix, input] of [
      ['GET', ''],
      ['PATCH', '', { name: 'x' }],
      ['DELETE', ''],
      ['POST', '/test', {}],
      ['GET', '/models'],
      ['POST', '/login', {}],
      ['POST', '/login/complete', { attempt: 'x' }],
      ['POST', '/logout', {}],
    ] as const) {
      const replies = [
        await app.admin(method, `/connections/${id}${suffix}`, input, managerToken),
        await app.admin(method, `/connections/con_absent${suffix}`, input, managerToken),
      ];
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect(seen).toHaveLength(0);
  });
});

async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function everythingStored(): Promise<string> {
  const rows = await sql(`select encode(secret, 'escape') as secret, options::text, base_url from connections`);
  return JSON.stringify([rows, await sql('select changes::text from audit')]);
}
