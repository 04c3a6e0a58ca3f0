import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/kernel/ids.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { call, createMigratedDatabase, type ApiReply } from '../support/app.js';
import { selfSigned } from '../support/certificate.js';
import { EgressBench } from '../support/egress.js';
import { startLogged, type LoggedProcess } from '../support/logged-process.js';
import { connectProxy, socksProxy, type TestProxy } from '../support/proxies.js';
import { until } from '../support/until.js';

const closedPort = 'http://127.0.0.1:1';
const noName = `${'unknown'.repeat(10)}.invalid`;
const certificate = selfSigned('provider.test');
const bench = new EgressBench();
const proxies: TestProxy[] = [];
/** Servers by what they are. */
const origins: Record<string, string> = {};

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let sql: pg.Client;
let api: LoggedProcess;
let operator: string;
let made = 0;

const admin = (method: string, path: string, body?: object): Promise<ApiReply> =>
  call(`${api.url}/api/admin/v1${path}`, method, operator, body);

async function connect(further: object): Promise<string> {
  const body = { tenant: 'acme', name: `c${(made += 1)}`, auth: { mode: 'none' }, ...further };
  const reply = await admin('POST', '/connections', body);
  expect([reply.status, reply.body.error]).toEqual([201, undefined]);
  return reply.body.id as string;
}

/** Lines of the log that hold this text. */
const linesOf = (text: string): Record<string, unknown>[] =>
  api
    .printed()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(text))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const proxied = async (proxy: TestProxy, more: object = {}) => {
  proxies.push(proxy);
  const url = `${proxy.protocol}://127.0.0.1:${proxy.port}`;
  return { base_url: `${origins['plain']}/v1`, proxy: { url, ...more } };
};

beforeAll(async () => {
  const listen = async (server: net.Server) => new URL((await bench.listen(server)).origin).host;
  origins['plain'] = `http://${await listen(http.createServer((_request, response) => response.writeHead(404).end('{}')))}`;
  const tls = https.createServer(certificate, (_request, response) => response.end('{}'));
  origins['tls'] = `https://${await listen(tls.on('tlsClientError', () => undefined))}`;
  origins['mail'] = (await bench.raw((socket) => socket.end('220 mail.example ESMTP\r\n'))).origin;
  origins['silent'] = `https://${new URL((await bench.raw(() => undefined)).origin).host}`;
  database = await createMigratedDatabase();
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  api = await startLogged({ DATABASE_URL: database.url, GT_LOG_LEVEL: 'info', GT_UPSTREAM_CONNECT_MS: '1000' });
  operator = await createOperatorToken(database.url, newId('adminToken'));
  await admin('POST', '/tenants', { slug: 'acme' });
});
afterAll(async () => {
  await api.stop();
  await sql.end();
  proxies.forEach((proxy) => proxy.close());
  await bench.close();
  await database.drop();
});

const wanted = { username: 'gateway', password: 'canary-word' };

describe('a test of a connection whose provider cannot be reached', () => {
  it.each<[reason: string, code: string, message: RegExp, connection: () => object | Promise<object>]>([
    [
      'name_not_found',
      'upstream_unavailable',
      /^The host name in base_url does not exist\.$/,
      () => ({ base_url: `https://${noName}/v1` }),
    ],
    ['connection_refused', 'upstream_unavailable', /^Nothing takes connections/, () => ({ base_url: `${closedPort}/v1` })],
    ['connect_timeout', 'upstream_unavailable', /GT_UPSTREAM_CONNECT_MS/, () => ({ base_url: `${origins['silent']}/v1` })],
    ['certificate_not_trusted', 'upstream_unavailable', /give the CA in `ca`/, () => ({ base_url: `${origins['tls']}/v1` })],
    [
      'certificate_of_other_name',
      'upstream_unavailable',
      /another name than the one in base_url/,
      () => ({ base_url: `${origins['tls']}/v1`, ca: certificate.cert }),
    ],
    [
      'no_tls',
      'upstream_unavailable',
      /does not speak TLS/,
      () => ({ base_url: `${origins['plain']?.replace('http:', 'https:')}/v1` }),
    ],
    [
      'connection_closed',
      'upstream_error',
      /closed the connection .* http or https/,
      () => ({ base_url: `${origins['tls']?.replace('https:', 'http:')}/v1` }),
    ],
    ['unreadable', 'upstream_error', /cannot be read as HTTP/, () => ({ base_url: `${origins['mail']}/v1` })],
    [
      'proxy_unreachable',
      'upstream_unavailable',
      /^The proxy of this connection cannot be reached\.$/,
      () => ({ base_url: `${origins['plain']}/v1`, proxy: { url: closedPort } }),
    ],
    ['proxy_login', 'upstream_unavailable', /username and password/, async () => proxied(await connectProxy({ login: wanted }))],
    [
      'proxy_login',
      'upstream_unavailable',
      /username and password/,
      async () => proxied(await socksProxy({ login: wanted }), { username: 'gateway', password: 'other' }),
    ],
    [
      'proxy_refused',
      'upstream_unavailable',
      /^The proxy refused/,
      async () => proxied(await connectProxy({ leadsTo: () => 1 })),
    ],
    ['proxy_refused', 'upstream_unavailable', /^The proxy refused/, async () => proxied(await socksProxy({ leadsTo: () => 1 }))],
    ['status_404', 'upstream_error', /no list of models/, () => ({ base_url: `${origins['plain']}/v1` })],
  ])('says why, and so does one line of the log: %s', async (reason, code, message, connection) => {
    const id = await connect(await connection());
    const { body } = await admin('POST', `/connections/${id}/test?tenant=acme`, {});
    expect(body).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|canary|invalid\b|provider\.test/);
    const [line] = await until('it is logged', () => linesOf(id).length > 0 && linesOf(id));
    expect(linesOf(id)).toHaveLength(1);
    expect(line).toMatchObject({ level: 'info', connection_id: id, code, reason });
    expect(JSON.stringify(line)).not.toMatch(/127\.0\.0\.1|canary|unknownunknown/);
  });

  it('names who allows a private address', async () => {
    const id = await connect({ base_url: `${closedPort}/v1` });
    await sql.query('update connections set base_url = $2 where id = $1', [id, 'http://10.0.0.1/v1']);
    const { body } = await admin('POST', `/connections/${id}/test?tenant=acme`, {});
    expect(body.error).toEqual({
      code: 'upstream_unavailable',
      message:
        'The host of base_url has no address that this platform may call: an operator allows private ones in GT_ALLOW_PRIVATE_UPSTREAMS.',
    });
  });

  it.each([
    [
      'does not exist',
      `https://${noName}/token`,
      'The OAuth server does not answer. The host name in auth (its issuer or an endpoint) does not exist.',
    ],
    [
      'takes no connections',
      `${closedPort}/token`,
      'The OAuth server does not answer. Nothing takes connections at the host and port of auth (its issuer or an endpoint).',
    ],
  ])('says that of its OAuth server, which %s', async (_what, tokenEndpoint, message) => {
    const auth = {
      mode: 'oauth',
      grant: 'client_credentials',
      client_id: 'gt',
      client_secret: 'shh',
      token_endpoint: tokenEndpoint,
    };
    const id = await connect({ base_url: `${origins['plain']}/v1`, auth });
    const { body } = await admin('POST', `/connections/${id}/test?tenant=acme`, {});
    expect(body).toMatchObject({ ok: false, error: { code: 'oauth_unavailable', message } });
  });
});

describe('what lies at a provider', () => {
  it('is a warning of the log with its reason, without a stack', async () => {
    const auth = { mode: 'oauth', grant: 'device_code', client_id: 'gt', client_secret: 'shh' };
    const endpoints = { token_endpoint: `https://${noName}/t`, device_authorization_endpoint: `https://${noName}/d` };
    const id = await connect({ base_url: `${origins['plain']}/v1`, auth: { ...auth, ...endpoints } });
    const login = await admin('POST', `/connections/${id}/login`, { tenant: 'acme' });
    expect([login.status, login.body.error.message]).toEqual([
      502,
      'The OAuth server does not answer (unreachable). The host name in auth (its issuer or an endpoint) does not exist.',
    ]);
    const listless = await connect({ base_url: `${origins['plain']}/v1` });
    const models = await admin('GET', `/connections/${listless}/models?tenant=acme`);
    expect([models.status, models.body.error.code]).toEqual([502, 'upstream_error']);
    for (const [reply, reason] of [
      [login, 'name_not_found'],
      [models, 'status_404'],
    ] as const) {
      const requestId = reply.headers.get('x-request-id') ?? '';
      const warned = () => linesOf(requestId).filter(({ level }) => level === 'warn');
      await until('it is logged', () => warned().length > 0);
      expect(warned()).toMatchObject([{ code: reply.body.error.code, reason }]);
      expect(JSON.stringify(warned())).not.toContain('unknownunknown');
    }
    expect(linesOf('unexpected error')).toEqual([]);
  });
});
