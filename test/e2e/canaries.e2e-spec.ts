import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { KeyRing } from '../../src/platform/secrets/key-ring.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { failToStart, startLogged, type LoggedProcess } from '../support/logged-process.js';
import { bearer, matrixRows } from '../support/matrix.js';
import { Factory } from '../support/platform.js';
import { RawConnection, rawCall, requestBytes, type HeaderList } from '../support/raw-http.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const mark = (name: string): string => `canary-${name}-${randomBytes(6).toString('hex')}`;

/** What must be seen nowhere: neither in an answer nor in what the process prints. */
const canaries = {
  providerToken: mark('provider-token'),
  providerHeader: mark('provider-header'),
  providerPath: mark('provider-path'),
  providerModel: mark('provider-model'),
  providerHost: `${mark('provider-host')}.internal.example`,
  unreachableHost: `${mark('unreachable')}.invalid`,
  instructions: `${mark('instructions')} never tell anyone about the merger`,
  policy: `${mark('policy')} always answer in verse`,
  databasePassword: mark('database-password'),
  metricsToken: mark('metrics-token'),
  sealingKey: testSettings.GT_SECRET_KEYS.split(':')[1] ?? '',
};

/** What callers send: it may come back to who sent it, but is never printed. */
const sent = {
  basic: mark('basic'),
  openAiKey: `sk-${mark('openai').replaceAll('-', '')}`,
  bareToken: mark('bare-token'),
  queryToken: newCredential('gtak_'),
  unknownKey: newCredential('gtak_'),
  malformedKey: `gtak_${mark('malformed').replaceAll('-', '')}`,
  cookie: mark('cookie'),
  userText: mark('user-text'),
  bodyToken: mark('body-token'),
  newSecret: mark('new-secret'),
};

/** What the tenant's administrators have set themselves and may read: no secret to them. */
const forAdmins: ReadonlySet<string> = new Set(['providerPath', 'unreachableHost', 'providerModel', 'instructions', 'policy']);

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let proxy: TcpProxy;
let provider: Server;
let api: LoggedProcess;
let factory: Factory;
let operator: string;
const secrets: Record<string, string> = {};
/** Bodies and headers that the provider got: proof that the canaries were really on their way. */
const provided: string[] = [];
/** Everything that was answered to anyone, with who asked. */
const answers: { readonly asked: string; readonly text: string }[] = [];

beforeAll(async () => {
  database = await createMigratedDatabase();
  proxy = await TcpProxy.before(database.url);
  const url = new URL(proxy.url);
  if (url.password === '') url.password = canaries.databasePassword;
  else Object.assign(canaries, { databasePassword: url.password });
  provider = await startProvider();
  factory = new Factory(database.url);
  await seed();
  api = await startLogged({
    DATABASE_URL: url.toString(),
    GT_METRICS_TOKEN: canaries.metricsToken,
    GT_AUTH_STALE_MS: '100',
    GT_UPSTREAM_FIRST_BYTE_MS: '500',
  });
  operator = await createOperatorToken(database.url, 'canary');
});
afterAll(async () => {
  await api.stop();
  await factory.close();
  provider.closeAllConnections();
  provider.close();
  await proxy.close();
  await database.drop();
});

/** A provider that gives away everything it knows, in every way in which it can fail. */
async function startProvider(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      provided.push(JSON.stringify(request.headers), body, request.url ?? '');
      const [, wanted = '200'] = /\[\[([a-z0-9-]+)\]\]/.exec(body) ?? [];
      const leak =
        `See http://${canaries.providerHost}/${canaries.providerPath}/v1 or ${canaries.providerHost}:8443 (key ${canaries.providerToken} of ${canaries.providerHeader}, ` +
        `model ${canaries.providerModel}): you said "${canaries.instructions}" and "${canaries.policy}".`;
      const quiet = `${canaries.providerHeader}: see http://${canaries.providerHost}/${canaries.providerPath}/v1 or ${canaries.providerHost}:8443, model ${canaries.providerModel}.`;
      const error = JSON.stringify({
        error: { message: wanted.endsWith('q') ? quiet : leak, type: leak, param: leak, code: leak },
      });
      response.setHeader('x-leak', `${canaries.providerToken} ${canaries.providerHeader}`);
      response.setHeader('set-cookie', `session=${canaries.providerToken}`);
      response.setHeader('server', canaries.providerHost);
      const chunk = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: canaries.providerModel, choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }] })}\n\n`;
      if (wanted === 'cut') return void response.destroy();
      if (wanted === 'hang') return;
      if (wanted === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end(leak);
      if (wanted === 'broken')
        return void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"oops":"${canaries.providerToken}`);
      if (wanted === 'redirect') return void response.writeHead(302, { location: `http://${canaries.providerHost}/` }).end();
      if (wanted === 'stream-error')
        return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${chunk}data: ${error}\n\n`);
      if (wanted === 'stream-cut')
        return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk, () => response.destroy());
      response.writeHead(Number.parseInt(wanted, 10), { 'content-type': 'application/json' });
      response.end(
        wanted === '200'
          ? JSON.stringify({
              id: 'c',
              object: 'chat.completion',
              model: canaries.providerModel,
              choices: [{ index: 0, message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }],
            })
          : error,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function seed(): Promise<void> {
  const { port } = provider.address() as AddressInfo;
  const tenant = await factory.tenant('acme', `http://127.0.0.1:${port}/${canaries.providerPath}/v1`, {
    instructions: canaries.instructions,
  });
  const connectionId = newId('connection');
  const ring = new KeyRing([testSettings.GT_SECRET_KEYS]);
  const sealed = (id: string) => new Uint8Array(ring.seal(canaries.providerToken, { tenantId: tenant.id, recordId: id }));
  await factory.run(async (tx) => {
    const headers = new Uint8Array(
      ring.seal(JSON.stringify({ 'x-canary': canaries.providerHeader }), {
        tenantId: tenant.id,
        recordId: `${tenant.connectionId}:headers:http://127.0.0.1:${port}`,
      }),
    );
    await tx.connection.updateMany({
      where: { id: tenant.connectionId },
      data: { secret: sealed(tenant.connectionId), headers, headerNames: ['x-canary'] },
    });
    await tx.connection.create({
      data: {
        tenantId: tenant.id,
        id: connectionId,
        name: 'away',
        baseUrl: `http://${canaries.unreachableHost}/${canaries.providerPath}`,
        authMode: 'header_token',
        secret: sealed(connectionId),
      },
    });
  });
  await factory.rawModel(tenant, 'leaky', canaries.providerModel);
  await factory.rawModel({ ...tenant, connectionId }, 'away', canaries.providerModel);
  secrets['good'] = (await factory.key(tenant, { promptPolicy: { instructions: canaries.policy } })).secret;
  for (const state of ['revoked', 'disabled']) secrets[state] = (await factory.key(tenant, { state })).secret;
  secrets['expired'] = (await factory.key(tenant, { expiresAt: new Date(Date.now() - 1) })).secret;
  secrets['scopeless'] = (await factory.key(tenant, { scopes: [] })).secret;
  secrets['elsewhere'] = (await factory.key(tenant, { allowedIps: ['192.0.2.1'] })).secret;
}

/** Any request; its whole answer is kept for the search. */
async function ask(method: string, target: string, headers: HeaderList, body = ''): Promise<number> {
  const { host } = new URL(api.url);
  const reply = await rawCall(
    api.url,
    requestBytes(
      method,
      target,
      [['Host', host], ...headers, ...(method === 'GET' ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const])],
      body,
    ),
  );
  answers.push({
    asked: `${method} ${target} ${JSON.stringify(headers)} ${body}`,
    text: `${JSON.stringify(reply.headers)} ${reply.text}`,
  });
  return reply.status;
}

const json: HeaderList = [['Content-Type', 'application/json']];
const chat = (secret: string, model: string, content: string, more: object = {}): Promise<number> =>
  ask(
    'POST',
    '/api/tenant/v1/chat/completions',
    [...bearer(secret), ...json],
    JSON.stringify({ model, messages: [{ role: 'user', content: `${sent.userText} ${content}` }], ...more }),
  );

describe('secrets, while everything goes wrong', () => {
  it('the provider really gets what must not be seen by others', async () => {
    expect(await chat(secrets['good'] ?? '', 'assistant', 'hi')).toBe(200);
    const all = provided.join(' ');
    for (const name of ['providerToken', 'providerHeader', 'providerPath', 'instructions', 'policy'] as const)
      expect(all).toContain(canaries[name]);
  });

  it.each([
    '400',
    '400q',
    '401',
    '403',
    '404',
    '409',
    '413',
    '413q',
    '422',
    '422q',
    '429',
    '500',
    '503',
    'cut',
    'hang',
    'html',
    'broken',
    'redirect',
    'stream-error',
    'stream-cut',
  ])('a provider that answers with %s', async (how) => {
    for (const model of ['assistant', 'leaky']) {
      for (const stream of [false, true]) {
        const status = await chat(secrets['good'] ?? '', model, `[[${how}]]`, { stream });
        expect(status).toBeGreaterThanOrEqual(how.startsWith('stream') && stream ? 200 : 400);
      }
    }
  });

  it('the Harbor manifest', async () => {
    expect(await ask('GET', '/api/tenant/v1/harbor/manifest', bearer(secrets['good'] ?? ''))).toBe(200);
  });

  it('a provider that cannot be reached', async () => {
    expect(await chat(secrets['good'] ?? '', 'away', 'hi')).toBe(502);
  });

  it('credentials of every kind, in every place', async () => {
    const values = [
      ...Object.values(secrets).map((secret) => `Bearer ${secret}`),
      `Bearer ${sent.unknownKey}`,
      `Bearer ${sent.malformedKey}`,
      `Bearer ${sent.openAiKey}`,
      `Bearer ${operator}`,
      `Basic ${sent.basic}`,
      sent.bareToken,
      `Bearer ${sent.bareToken} ${sent.basic}`,
    ];
    for (const value of values) {
      for (const target of ['/api/tenant/v1/models', '/api/tenant/v1/batches', '/api/admin/v1/keys', '/metrics', '/nowhere']) {
        await ask('GET', target, [
          ['Authorization', value],
          ['Cookie', `session=${sent.cookie}`],
          ['X-API-Key', sent.bareToken],
        ]);
      }
      await ask(
        'POST',
        '/api/tenant/v1/chat/completions',
        [['Authorization', value], ['Authorization', `Bearer ${sent.bareToken}`], ...json],
        '{}',
      );
    }
    for (const row of matrixRows)
      await ask(row.method, `/api/tenant/v1${row.path}?access_token=${sent.queryToken}&api_key=${sent.bareToken}`, [], '');
    for (const row of matrixRows) await ask(row.method, `/api/tenant/v1${row.path}`, bearer(secrets['scopeless'] ?? ''), '');
    expect(await ask('GET', '/metrics', bearer(canaries.metricsToken))).toBe(200);
  });

  it('broken bodies and broken HTTP with secrets in them', async () => {
    const good = [...bearer(secrets['good'] ?? ''), ...json];
    for (const body of [
      '{',
      `{"api_key":"${sent.bodyToken}"`,
      `{"model":"${sent.bodyToken}"}`,
      `{"model":"assistant","messages":"${sent.bodyToken}"}`,
      `{"model":"assistant","messages":[],"__proto__":"${sent.bodyToken}"}`,
    ]) {
      await ask('POST', '/api/tenant/v1/chat/completions', good, body);
    }
    await ask(
      'POST',
      '/api/tenant/v1/chat/completions',
      [...bearer(secrets['good'] ?? ''), ['Content-Type', sent.bodyToken]],
      '{}',
    );
    for (const bytes of [
      `GET / HTTP/1.1\r\nAuthorization : Bearer ${sent.bareToken}\r\n\r\n`,
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\nAuthorization: Bearer ${secrets['good']}\r\n\r\n`,
      `${sent.bareToken}\r\n\r\n`,
    ]) {
      const reply = await rawCall(api.url, bytes);
      answers.push({ asked: bytes, text: `${JSON.stringify(reply.headers)} ${reply.text}` });
      expect(reply.status).toBe(400);
    }
    const leaving = new RawConnection(api.url);
    await leaving.send(
      requestBytes(
        'POST',
        '/api/tenant/v1/chat/completions',
        [['Host', 'x'], ...good, ['Content-Length', '500']],
        `{"api_key":"${sent.bodyToken}"`,
      ),
    );
    leaving.destroy();
    await leaving.closed;
  });

  it('the admin plane, with secrets given, shown and refused', async () => {
    const admin = async (method: string, path: string, body?: object): Promise<number> =>
      ask(method, `/api/admin/v1${path}`, [...bearer(operator), ...json], body === undefined ? '' : JSON.stringify(body));
    const connection = {
      tenant: 'acme',
      name: 'second',
      base_url: `http://127.0.0.1:9/${canaries.providerPath}`,
      auth: { mode: 'header_token', token: sent.newSecret },
    };
    for (const wrong of [
      { ...connection, name: 1 },
      { ...connection, auth: { mode: 'nonsense', token: sent.newSecret } },
      { ...connection, base_url: `http://user:${sent.newSecret}@127.0.0.1/` },
      { ...connection, [sent.newSecret]: 1 },
    ]) {
      expect(await admin('POST', '/connections', wrong)).toBe(400);
    }
    for (const path of ['/connections', '/agents', '/keys', '/endpoints', '/audit', '/usage', '/tenants', '/admin-tokens'])
      await admin('GET', `${path}?tenant=acme`);
    await admin('GET', '/connections?tenant=nobody');
    await admin('POST', '/tenants', { slug: 'acme' });
  });

  it('a database that goes away in the middle', async () => {
    proxy.cut();
    const statuses: number[] = [];
    for (const secret of [secrets['good'] ?? '', sent.unknownKey, newCredential('gtak_')])
      statuses.push(await ask('GET', '/api/tenant/v1/models', bearer(secret)));
    statuses.push(await ask('GET', '/api/admin/v1/tenants', bearer(newCredential('gtad_'))), await ask('GET', '/readyz', []));
    expect(statuses).toContain(503);
    proxy.restore();
  });

  it('no answer shows one', () => {
    expect(answers.length).toBeGreaterThan(300);
    for (const { asked, text } of answers) {
      const isAdmin = asked.includes('/api/admin/v1/') && asked.includes(operator);
      for (const [name, value] of Object.entries(canaries)) {
        if (!(isAdmin && forAdmins.has(name))) expect([name, asked, text.includes(value)]).toEqual([name, asked, false]);
      }
      for (const secret of [...Object.values(secrets), operator, ...Object.values(sent)]) {
        const ownWord = [sent.bodyToken, sent.newSecret].includes(secret) && asked.includes(secret);
        if (!ownWord) expect([asked, text.includes(secret)]).toEqual([asked, false]);
      }
    }
  });

  it('nothing that the process printed shows one', async () => {
    await api.stop();
    const printed = api.printed();
    expect(printed.split('\n').filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(300);
    expect(printed).toContain('provider call failed');
    for (const [name, value] of Object.entries({ ...canaries, ...sent, ...secrets, operator })) {
      const lines = printed.split('\n').filter((line) => line.includes(value));
      expect([name, lines.slice(0, 3)]).toEqual([name, []]);
    }
    expect(printed).not.toMatch(/gta[kd]_[0-9A-Za-z]{38}/);
    expect(printed.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([]);
  });
});

describe('a process that cannot start', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['a database that is not there', { DATABASE_URL: `postgresql://gt:${canaries.metricsToken}@127.0.0.1:9/gt` }],
    ['an address that is no database', { DATABASE_URL: `mysql://gt:${canaries.metricsToken}@127.0.0.1:9/gt` }],
    ['a broken key ring', { DATABASE_URL: 'postgresql://127.0.0.1:9/gt', GT_SECRET_KEYS: `k:${canaries.metricsToken}` }],
    ['an unknown setting', { DATABASE_URL: 'postgresql://127.0.0.1:9/gt', GT_NONSENSE: canaries.metricsToken }],
  ])('%s: it says why in one line, without the secret', async (_why, settings) => {
    const { code, printed } = await failToStart(settings);
    expect(code).not.toBe(0);
    expect(printed).toMatch(/^gt: /m);
    expect(printed).not.toContain(canaries.metricsToken);
  });
});
