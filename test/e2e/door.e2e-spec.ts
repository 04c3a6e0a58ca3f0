import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { bearer, filled } from '../support/matrix.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { RawConnection, rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';

const maxJsonBytes = 64 * 1024;
let platform: TestPlatform;
let secret: string;
let operator: string;
const publicUrl = 'https://api.example.com';

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_MAX_JSON_BYTES: String(maxJsonBytes) } });
  ({ secret } = await platform.factory.key(platform.acme));
  operator = platform.app.operatorToken;
});
afterAll(() => platform.close());

function call(method: string, target: string, headers: HeaderList = [], body: string | Buffer = ''): Promise<RawReply> {
  const { host } = new URL(platform.app.url);
  return rawCall(platform.app.url, requestBytes(method, target, [['Host', host], ...headers], body));
}

const places: readonly (readonly [string, HeaderList | (() => HeaderList)])[] = [
  ...[
    '/healthz',
    '/readyz',
    '/docs',
    '/docs/reader.js',
    '/openapi.json',
    '/api/tenant',
    '/api/tenant/v1',
    '/metrics',
    '/nowhere',
  ].map((path): [string, HeaderList] => [path, []]),
  ...routeIds
    .filter((id) => routeRow(id).method === 'GET')
    .map((id): [string, () => HeaderList] => [`/api/tenant/v1${filled(routeRow(id).path)}`, () => bearer(secret)]),
  ...adminRouteIds
    .filter((id) => adminRouteRow(id).method === 'GET')
    .map((id): [string, () => HeaderList] => [`/api/admin/v1${filled(adminRouteRow(id).path)}`, () => bearer(operator)]),
];

describe('HEAD', () => {
  /** What differs from one answer to the next by its nature. */
  const passing = new Set([
    'date',
    'x-request-id',
    'x-gt-request-id',
    'openai-processing-ms',
    'content-length',
    'transfer-encoding',
  ]);
  const lasting = ({ headers }: RawReply): object =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name)));

  it.each(places)('%s is answered like GET, without a body', async (path, given) => {
    const headers = typeof given === 'function' ? given() : given;
    const get = await call('GET', path, headers);
    const { host } = new URL(platform.app.url);
    const connection = new RawConnection(platform.app.url);
    try {
      await connection.send(requestBytes('HEAD', path, [['Host', host], ...headers]));
      const head = await connection.reply({ head: true });
      expect({ status: head.status, headers: lasting(head) }).toEqual({ status: get.status, headers: lasting(get) });
      expect(head.headers['content-length'] === undefined).toBe(get.headers['content-length'] === undefined);
      // Had a body come, it would stand before the next answer.
      await connection.send(requestBytes('GET', '/healthz', [['Host', host]]));
      expect(await connection.reply()).toMatchObject({ status: 200, json: { status: 'ok' } });
    } finally {
      connection.destroy();
    }
  });

  it('tells the length that GET sends', async () => {
    for (const path of ['/healthz', '/openapi.json', '/docs']) {
      const get = await call('GET', path);
      expect((await call('HEAD', path)).headers['content-length']).toBe(String(Buffer.byteLength(get.text)));
    }
  });

  it('is no method of a path that has no GET, and needs a key where GET does', async () => {
    expect((await call('HEAD', '/api/tenant/v1/embeddings', bearer(secret))).status).toBe(405);
    expect((await call('HEAD', '/api/tenant/v1/models')).status).toBe(401);
  });
});

describe('what clients really send', () => {
  it('a byte order mark before a JSON body is passed over', async () => {
    const body = Buffer.from('\uFEFF{"metadata":{"a":"b"}}');
    const reply = await call(
      'POST',
      '/api/tenant/v1/conversations',
      [...bearer(secret), ['Content-Type', 'application/json'], ['Content-Length', String(body.length)]],
      body,
    );
    expect([reply.status, reply.json.metadata]).toEqual([200, { a: 'b' }]);
  });

  it.each(['Bearer  ', 'bearer   ', 'Bearer \t'])('a key after "%s" lets in', async (scheme) => {
    expect((await call('GET', '/api/tenant/v1/models', [['Authorization', `${scheme}${secret}`]])).status).toBe(200);
    expect((await call('GET', '/api/admin/v1/tenants', [['Authorization', `${scheme}${operator}`]])).status).toBe(200);
  });

  it.each([
    ['a length beyond the limit', (): HeaderList => [['Content-Length', String(maxJsonBytes + 1)]], 413],
    [
      'a type that is not read',
      (): HeaderList => [
        ['Content-Type', 'text/plain'],
        ['Content-Length', '100000'],
      ],
      415,
    ],
  ])('a request that is refused for %s and then half-closed has one answer', async (_what, more, status) => {
    const { host } = new URL(platform.app.url);
    const connection = new RawConnection(platform.app.url);
    const type: HeaderList = status === 413 ? [['Content-Type', 'application/json']] : [];
    await connection.send(
      requestBytes(
        'POST',
        '/api/tenant/v1/chat/completions',
        [['Host', host], ...bearer(secret), ...type, ...more()],
        '{"model":',
      ),
    );
    expect((await connection.reply()).status).toBe(status);
    connection.end();
    await connection.closed;
    expect(connection.rest).toBe('');
  });
});

describe('security headers', () => {
  const safe = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };
  const apiPolicy = "default-src 'none'; frame-ancestors 'none'";

  it.each(places)('stand on every answer of %s, refusals too', async (path, given) => {
    for (const headers of [[], typeof given === 'function' ? given() : given]) {
      const reply = await call('GET', path, headers);
      expect(reply.headers).toMatchObject(safe);
      if (path !== '/docs') expect(reply.headers['content-security-policy']).toBe(apiPolicy);
      expect(reply.headers['strict-transport-security']).toBeUndefined();
    }
  });

  it('stand on plain and streamed answers of a provider, on preflights and on what is no HTTP', async () => {
    const chat = (stream: boolean): Promise<RawReply> => {
      const body = JSON.stringify({ model: 'assistant', stream, messages: [{ role: 'user', content: 'hi' }] });
      const headers: HeaderList = [
        ...bearer(secret),
        ['Content-Type', 'application/json'],
        ['Content-Length', String(body.length)],
      ];
      return call('POST', '/api/tenant/v1/chat/completions', headers, body);
    };
    const replies = [
      await chat(false),
      await chat(true),
      await call('OPTIONS', '/api/tenant/v1/models'),
      await rawCall(platform.app.url, 'nonsense\r\n\r\n'),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 204, 400]);
    for (const { headers } of replies) expect(headers).toMatchObject({ ...safe, 'content-security-policy': apiPolicy });
  });

  it('keep clients on https when it is the public address, or a trusted proxy says so', async () => {
    const hsts = async (settings: Readonly<Record<string, string>>, headers: HeaderList = []): Promise<string | undefined> => {
      const other = await startPlatform({ settings });
      try {
        const { host } = new URL(other.app.url);
        return (await rawCall(other.app.url, requestBytes('GET', '/healthz', [['Host', host], ...headers]))).headers[
          'strict-transport-security'
        ];
      } finally {
        await other.close();
      }
    };
    const viaHttps: HeaderList = [['X-Forwarded-Proto', 'https']];
    expect(await hsts({ GT_PUBLIC_URL: publicUrl })).toBe('max-age=31536000');
    expect(await hsts({ GT_TRUSTED_PROXIES: '127.0.0.1' }, viaHttps)).toBe('max-age=31536000');
    expect(await hsts({ GT_TRUSTED_PROXIES: '127.0.0.1' })).toBeUndefined();
    expect(await hsts({}, viaHttps)).toBeUndefined();
  });
});
