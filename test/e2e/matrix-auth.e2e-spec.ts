import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { crc32 } from 'node:zlib';
import { newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { Metrics } from '../../src/observability/metrics.js';
import { contractPresets, contractRows, scopesOf } from '../support/contract-table.js';
import { expectError, expectIds, type ExpectedError } from '../support/envelope.js';
import { bearer, callRow, filled, Keys, matrixRows, type MatrixRow } from '../support/matrix.js';
import { startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { RawConnection, rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';

let platform: TestPlatform;
let url: string;
let keys: Keys;
let other: SeededTenant;
/** A full key in each state and place that must be refused. */
const refused: Record<string, string> = {};

beforeAll(async () => {
  platform = await startPlatform();
  url = platform.app.url;
  const { factory, acme, sandbox } = platform;
  keys = new Keys(factory, acme);
  const place = (slug: string): Promise<SeededTenant> => factory.tenant(slug, `${sandbox.url}/v1`);
  other = await place('other');
  const [suspended, disabled, groupsOff, apiOff] = [
    await place('suspended'),
    await place('disabled'),
    await place('groups-off'),
    await place('api-off'),
  ];
  await factory.run(async (tx) => {
    await tx.tenantHost.create({ data: { id: newId('tenant'), tenantId: other.id, host: 'api.other.example' } });
    await tx.tenantHost.create({ data: { id: newId('tenant'), tenantId: acme.id, host: 'api.acme.example' } });
    await tx.tenant.update({ where: { id: suspended.id }, data: { state: 'suspended' } });
    await tx.tenant.update({ where: { id: disabled.id }, data: { state: 'disabled' } });
    await tx.tenant.update({
      where: { id: groupsOff.id },
      data: { routesOff: [...new Set(contractRows.map((row) => row.group))] },
    });
    await tx.tenant.update({ where: { id: apiOff.id }, data: { apiEnabled: false } });
  });
  const secretOf = async (tenant: SeededTenant, options: object = {}): Promise<string> =>
    (await factory.key(tenant, options)).secret;
  Object.assign(refused, {
    revoked: await secretOf(acme, { state: 'revoked' }),
    disabled: await secretOf(acme, { state: 'disabled' }),
    expired: await secretOf(acme, { expiresAt: new Date(Date.now() - 1000) }),
    elsewhere: await secretOf(acme, { allowedIps: ['192.0.2.1', '2001:db8::/32'] }),
    suspendedTenant: await secretOf(suspended),
    disabledTenant: await secretOf(disabled),
    groupOff: await secretOf(groupsOff),
    apiOff: await secretOf(apiOff),
    gtad: platform.app.operatorToken,
  });
});
afterAll(() => platform.close());

const invalidKey = (message: string | RegExp): ExpectedError => ({
  status: 401,
  type: 'invalid_request_error',
  code: 'invalid_api_key',
  param: null,
  message,
});
const missingKey: ExpectedError = {
  status: 401,
  type: 'invalid_request_error',
  code: null,
  param: null,
  message: /^You didn't provide an API key/,
};
const masked = (secret: string): string => `${secret.slice(0, 7)}***${secret.slice(-4)}`;
const incorrect = (secret: string, more = ''): ExpectedError =>
  invalidKey(`Incorrect API key provided: ${masked(secret)}.${more}`);

/** A well-formed secret that nobody has, and the same with its last digit changed. */
const unknownKey = newCredential('gtak_');
const wrongChecksum = unknownKey.slice(0, -1) + (unknownKey.endsWith('0') ? '1' : '0');

describe.each(matrixRows.map((row) => [row.id, row] as const))('%s', (_id, row) => {
  const call = (headers: HeaderList, options: Parameters<typeof callRow>[3] = {}) => callRow(url, row, headers, options);

  it('refuses a call without a key: 401, code null', async () => {
    expectError(await call([]), missingKey);
    expectError(await call([['Authorization', '']]), missingKey);
  });

  it.each(['Basic Z3Rha186eA==', 'Bearer', 'gtak_x', 'Bearer a b', 'Bearer "gtak_x"'])(
    'refuses the header "%s": 401',
    async (value) => {
      expectError(await call([['Authorization', value]]), invalidKey(/\S/));
    },
  );

  it('refuses a malformed key, a wrong checksum and an unknown key alike: 401, the key masked', async () => {
    for (const secret of ['gtak_tooshort0000000', wrongChecksum, unknownKey])
      expectError(await call(bearer(secret)), incorrect(secret));
  });

  it.each([
    ['revoked', ' This API key has been revoked.'],
    ['disabled', ' This API key is disabled.'],
    ['expired', ' This API key has expired.'],
    ['disabledTenant', ''],
    ['gtad', ''],
  ])('refuses the right secret of a key that is out of use (%s): 401', async (state, told) => {
    const secret = refused[state] ?? '';
    expectError(await call(bearer(secret)), incorrect(secret, told));
  });

  it("answers a good key at another tenant's host like an unknown key: 401", async () => {
    const secret = await keys.all();
    for (const host of ['api.other.example', 'API.Other.Example', 'api.other.example:8443', 'api.other.example.']) {
      expectError(await call(bearer(secret), { host }), incorrect(secret));
    }
  });

  it('refuses an address that is not allowed: 403', async () => {
    expectError(await call(bearer(refused['elsewhere'] ?? '')), {
      status: 403,
      type: 'invalid_request_error',
      code: 'ip_not_allowed',
      param: null,
    });
    expectError(await call([...bearer(refused['elsewhere'] ?? ''), ['X-Forwarded-For', '192.0.2.1']]), {
      status: 403,
      code: 'ip_not_allowed',
    });
  });

  it('refuses a suspended tenant: 403', async () => {
    expectError(await call(bearer(refused['suspendedTenant'] ?? '')), {
      status: 403,
      type: 'invalid_request_error',
      code: 'tenant_suspended',
      param: null,
    });
  });

  it.each(['groupOff', 'apiOff'])('answers a switched-off route like an unknown one (%s): 404', async (state) => {
    const host = new URL(url).host;
    expectError(await call(bearer(refused[state] ?? '')), {
      status: 404,
      type: 'invalid_request_error',
      code: 'unknown_url',
      param: null,
      message: `Invalid URL (${row.method} /api/tenant/v1${row.path}). The base URL of this API is http://${host}/api/tenant/v1.`,
    });
  });

  it('asks for its scopes and nothing else: 403 without, its own answer with one of them', async () => {
    const scopes = scopesOf(row.contract);
    if (scopes !== undefined) {
      const reply = await call(bearer(await keys.without(row)));
      expectError(reply, { status: 403, type: 'invalid_request_error', code: 'insufficient_scope', param: null });
      const { message } = reply.json.error as { message: string };
      expect(message).toMatch(/^You have insufficient permissions for this operation\. Missing scopes: /);
      for (const scope of scopes) expect(message).toContain(scope);
      const having = Object.entries(contractPresets).filter(
        ([slug, list]) => slug !== 'conversation-app' && list.some((scope) => scopes.includes(scope)),
      );
      for (const [slug] of having) expect(message).toContain(slug);
    }
    for (const list of scopes === undefined ? [[]] : scopes.map((scope) => [scope]))
      await expectAllowed(row, await keys.withScopes(list));
  });

  it.each(Object.keys(contractPresets))('lets in the preset %s exactly as far as its scopes reach', async (preset) => {
    const secret = await keys.ofPreset(preset);
    const reaches = scopesOf(row.contract)?.some((scope) => contractPresets[preset]?.includes(scope)) ?? true;
    if (reaches) await expectAllowed(row, secret);
    else
      expectError(await call(bearer(secret)), {
        status: 403,
        type: 'invalid_request_error',
        code: 'insufficient_scope',
        param: null,
      });
  });

  it('takes a key from nowhere but the Authorization header: 401', async () => {
    const secret = await keys.all();
    const target = `/api/tenant/v1${row.path}`;
    for (const name of ['access_token', 'api_key', 'key', 'token'])
      expectError(await call([], { target: `${target}?${name}=${secret}` }), missingKey);
    expectError(await call([], { target: `${target}?authorization=Bearer%20${secret}` }), missingKey);
    for (const name of ['X-API-Key', 'api-key', 'X-Goog-Api-Key', 'Proxy-Authorization', 'X-Authorization', 'Cookie']) {
      expectError(await call([[name, name === 'Cookie' ? `access_token=${secret}` : secret]]), missingKey);
    }
    if (row.method === 'POST')
      expectError(await call([], { body: JSON.stringify({ access_token: secret, api_key: secret }) }), missingKey);
  });

  if (row.query !== undefined)
    it('refuses a query parameter that its row does not name: 400', async () => {
      const target = `/api/tenant/v1${row.path}?no_such=1`;
      const type = row.body === 'multipart' ? contentType(row) : [];
      expectError(await call([...bearer(await keys.all()), ...type], { target }), {
        status: 400,
        type: 'invalid_request_error',
        code: 'unsupported_parameter',
        param: 'no_such',
      });
    });

  it("echoes the caller's request ids when they are safe", async () => {
    const reply = await call([
      ['X-Request-ID', 'trace:1.a-b_C'],
      ['X-Client-Request-Id', 'mine-1'],
    ]);
    expectIds(reply.headers, 'trace:1.a-b_C');
    expect(reply.headers['x-client-request-id']).toBe('mine-1');
    const unsafe = await call([
      ['X-Request-ID', 'x'.repeat(129)],
      ['X-Client-Request-Id', 'a b'],
    ]);
    expectIds(unsafe.headers);
    expect(unsafe.headers['x-client-request-id']).toBeUndefined();
  });

  it('is reached by every spelling of the base URL', async () => {
    const spellings = spellingsOf(row);
    const before = counted(row, 401);
    for (const target of spellings) expect([target, (await call([], { target })).status]).toEqual([target, 401]);
    await untilCounted(row, 401, before + spellings.length);
  });

  if (row.method === 'POST') {
    it('refuses before anything of the body is read', async () => {
      const length: HeaderList = [['Content-Length', '5000000'], ...contentType(row)];
      expectError(await headersOnly(row, length), missingKey);
      expectError(await headersOnly(row, [...bearer(unknownKey), ...length]), incorrect(unknownKey));
      const chunked: HeaderList = [['Transfer-Encoding', 'chunked'], ...contentType(row)];
      expectError(await headersOnly(row, chunked, '5\r\n{"mod'), missingKey);
      if (scopesOf(row.contract) === undefined) return;
      expectError(await headersOnly(row, [...bearer(await keys.without(row)), ...length]), {
        status: 403,
        code: 'insufficient_scope',
      });
    });

    it('judges scope, then media type and size by the headers, then the body', async () => {
      const wrong: HeaderList = [
        ['Content-Type', 'text/plain'],
        ['Content-Length', '99000000'],
      ];
      if (scopesOf(row.contract) !== undefined)
        expectError(await headersOnly(row, [...bearer(await keys.without(row)), ...wrong]), {
          status: 403,
          code: 'insufficient_scope',
        });
      const allowed = bearer(await keys.all());
      if (row.body === 'none') return;
      expectError(await headersOnly(row, [...allowed, ...wrong]), {
        status: 415,
        type: 'invalid_request_error',
        code: 'unsupported_media_type',
      });
      expectError(
        await headersOnly(row, [...allowed, ...contentType(row), ['Content-Encoding', 'gzip'], ['Content-Length', '50']]),
        { status: 415, code: 'unsupported_media_type' },
      );
      if (row.body === 'json') {
        expectError(await headersOnly(row, [...allowed, ...contentType(row), ['Content-Length', '99000000']]), {
          status: 413,
          type: 'invalid_request_error',
          code: 'payload_too_large',
        });
      }
    });
  }
});

describe('a key', () => {
  it('is let in with the scheme in any case and from an own or an unowned host', async () => {
    const secret = await keys.all();
    const row = matrixRows.find(({ id }) => id === 'models.list') as MatrixRow;
    for (const scheme of ['Bearer', 'bearer', 'BEARER'])
      expect((await callRow(url, row, [['Authorization', `${scheme} ${secret}`]])).status).toBe(200);
    for (const host of ['api.acme.example', 'localhost', '127.0.0.1:1', '[::1]:80', 'nobody.example'])
      expect((await callRow(url, row, bearer(secret), { host })).status).toBe(200);
  });

  it('of a conversation loses the scopes of a link that is dead, not its own', async () => {
    const { factory, acme } = platform;
    const inference = await factory.key(acme, { preset: 'chat-plus-embeddings', state: 'revoked' });
    const upload = await factory.key(acme, { preset: 'dataset-upload', expiresAt: new Date(Date.now() - 1) });
    const { secret } = await factory.key(acme, {
      preset: 'conversation-app',
      inferenceKeyId: inference.id,
      uploadKeyId: upload.id,
    });
    for (const row of matrixRows) {
      const reaches = scopesOf(row.contract)?.some((scope) => scope.startsWith('conversations:')) ?? true;
      if (reaches) await expectAllowed(row, secret);
      else expectError(await callRow(url, row, bearer(secret)), { status: 403, code: 'insufficient_scope' });
    }
  });
});

async function expectAllowed(row: MatrixRow, secret: string): Promise<void> {
  const reply = await callRow(url, row, bearer(secret));
  const [status, code] = answerTo(row);
  if (status >= 400) return expectError(reply, { status, code });
  expect([reply.status, typeof reply.json]).toEqual([status, 'object']);
  expectIds(reply.headers);
}

/**
 * What a row answers to a key that may call it, given an empty object or no body: the row says what it reads of a body,
 * and nobody has what its path names. JSON that no schema describes is relayed, and such a call names its model.
 */
function answerTo({ id, body, request, contract: { path } }: MatrixRow): readonly [number, string | null] {
  if (id === 'responses.websocket') return [426, 'upgrade_required'];
  if (body === 'multipart') return [415, 'unsupported_media_type'];
  if (body === 'json' && request?.safeParse({}).success !== true) return [400, 'missing_required_parameter'];
  if (path.includes('{')) return [404, path.includes('{model}') ? 'model_not_found' : 'not_found'];
  return [200, null];
}

/** The reply to a request whose body never comes, or not beyond `start`. */
async function headersOnly(row: MatrixRow, headers: HeaderList, start = ''): Promise<RawReply> {
  return rawCall(url, requestBytes(row.method, `/api/tenant/v1${row.path}`, [['Host', new URL(url).host], ...headers], start));
}

function contentType(row: MatrixRow): HeaderList {
  return [['Content-Type', row.body === 'multipart' ? 'multipart/form-data; boundary=x' : 'application/json']];
}

function spellingsOf(row: MatrixRow): string[] {
  const bases = [
    '/api/tenant',
    '/api/tenant/v1',
    '/api/tenant/v1/v1',
    '//api//tenant',
    '/api/tenant//v1/',
    '/api/tenant/v1//v1//',
  ];
  const paths = row.contract.path.includes('{model}')
    ? [row.path, filled(row.contract.path, 'openai/gpt-5'), filled(row.contract.path, 'openai%2Fgpt-5')]
    : [row.path];
  return bases.flatMap((base) =>
    paths.flatMap((path) => ['', '/', '//', '?', '?a=1&b=/v1//x/', '/?a=%20'].map((end) => base + path + end)),
  );
}

function counted(row: MatrixRow, status: number): number {
  return platform.app.running.app.get(Metrics).requests.count(row.id, status);
}

/** The count follows the reply by a moment. */
async function untilCounted(row: MatrixRow, status: number, wanted: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (counted(row, status) < wanted && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(counted(row, status)).toBe(wanted);
}

it('serves every row to a key with all scopes', async () => {
  const secret = await keys.all();
  for (const row of matrixRows) {
    const { status } = await callRow(url, row, bearer(secret));
    expect([row.id, status < 500]).toEqual([row.id, true]);
  }
});

describe('the test itself', () => {
  it('builds its wrong checksum from a right one', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    let rest = crc32(unknownKey.slice(0, 37));
    let checksum = '';
    for (let place = 0; place < 6; place += 1, rest = Math.floor(rest / 62)) checksum = (digits[rest % 62] ?? '') + checksum;
    expect(unknownKey).toBe(unknownKey.slice(0, 37) + checksum);
    expect(wrongChecksum.slice(0, 42)).toBe(unknownKey.slice(0, 42));
    expect(wrongChecksum).not.toBe(unknownKey);
  });
});

it('judges each request of a kept connection by its own key', async () => {
  const line = new RawConnection(url);
  const answered = async (secret: string): Promise<number> => {
    await line.send(requestBytes('GET', '/api/tenant/v1/models', [['Host', new URL(url).host], ...bearer(secret)]));
    return (await line.reply()).status;
  };
  const good = await keys.all();
  const another = (await platform.factory.key(platform.acme)).secret;
  const told: number[] = [];
  for (const secret of [good, good, unknownKey, good, another, wrongChecksum, refused['revoked'] ?? '', another])
    told.push(await answered(secret));
  expect(told).toEqual([200, 200, 401, 200, 200, 401, 401, 200]);
  await platform.factory.run((tx) => tx.key.updateMany({ where: { tenantId: platform.acme.id }, data: { state: 'disabled' } }));
  for (const statuses = new Set<number>(); !statuses.has(401);) statuses.add(await answered(another));
  line.destroy();
});
