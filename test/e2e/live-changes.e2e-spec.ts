import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { credentialHash, newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectError } from '../support/envelope.js';
import { bearer } from '../support/matrix.js';
import { Factory, startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const limitMs = 1_000;

/** A call of the data plane at one process. */
function ask(
  app: TestApp,
  secret: string,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly host?: string;
    readonly body?: object;
    readonly more?: HeaderList;
  } = {},
): Promise<RawReply> {
  const body = options.body === undefined ? '' : JSON.stringify(options.body);
  const type: HeaderList =
    options.body === undefined
      ? []
      : [
          ['Content-Type', 'application/json'],
          ['Content-Length', String(Buffer.byteLength(body))],
        ];
  const headers: HeaderList = [
    ['Host', options.host ?? new URL(app.url).host],
    ...bearer(secret),
    ...(options.more ?? []),
    ...type,
  ];
  return rawCall(
    app.url,
    requestBytes(
      options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      `/api/tenant/v1${options.path ?? '/models'}`,
      headers,
      body,
    ),
  );
}

const chat = (app: TestApp, secret: string): Promise<RawReply> =>
  ask(app, secret, { path: '/chat/completions', body: { model: 'assistant', messages: [{ role: 'user', content: 'hi' }] } });

/** Asks again and again until the answer is the wanted one; how long that took. @throws Error after the limit. */
async function until(what: string, answer: () => Promise<boolean>, forMs = limitMs): Promise<number> {
  const from = performance.now();
  while (!(await answer())) if (performance.now() - from > forMs) throw new Error(`${what}: not within ${forMs} ms`);
  return performance.now() - from;
}

describe('a change, in every process', () => {
  let platform: TestPlatform;
  let apps: readonly TestApp[];
  let direct: pg.Client;
  const tookMs: number[] = [];

  beforeAll(async () => {
    platform = await startPlatform();
    apps = [platform.app, await startApp({ databaseUrl: platform.app.databaseUrl })];
    direct = new pg.Client({ connectionString: platform.app.databaseUrl });
    await direct.connect();
  });
  afterAll(async () => {
    const sorted = [...tookMs].sort((a, b) => a - b);
    const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? NaN).toFixed(1);
    process.stdout.write(
      `A committed change was obeyed by both processes after (ms): median ${at(0.5)}, p90 ${at(0.9)}, slowest ${at(1)}, of ${sorted.length}\n`,
    );
    await direct.end();
    await apps[1]?.close();
    await platform.close();
  });

  /** Both processes hold the state before, then the change is made, then both must obey it. */
  async function expectObeyed(
    before: (app: TestApp) => Promise<boolean>,
    change: () => Promise<unknown>,
    after: (app: TestApp) => Promise<boolean>,
  ): Promise<void> {
    for (const app of apps) await until('the state before', () => before(app));
    await change();
    tookMs.push(...(await Promise.all(apps.map((app) => until('the change', () => after(app))))));
  }

  const statusIs =
    (secret: string, status: number, path = '/models') =>
    async (app: TestApp): Promise<boolean> =>
      (await ask(app, secret, { path })).status === status;
  const answers =
    (secret: string, status: number, code: string | null, path = '/models') =>
    async (app: TestApp): Promise<boolean> => {
      const reply = await ask(app, secret, { path });
      return reply.status === status && (reply.json as { error?: { code: string | null } }).error?.code === code;
    };
  const admin = (method: string, path: string, body?: object) => async (): Promise<void> => {
    const reply = await platform.app.admin(method, `${path}${path.includes('?') ? '&' : '?'}tenant=acme`, body);
    if (reply.status > 299) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  };
  const rows = (work: Parameters<Factory['run']>[0]) => () => platform.factory.run(work);
  const newTenant = (): Promise<SeededTenant> =>
    platform.factory.tenant(`t-${newId('tenant').slice(4, 20).toLowerCase()}`, `${platform.sandbox.url}/v1`);

  it.each<[string, (key: SeededKey) => () => Promise<unknown>, number, string | null]>([
    ['revoked', (key) => admin('POST', `/keys/${key.id}/revoke`), 401, 'invalid_api_key'],
    ['disabled', (key) => admin('POST', `/keys/${key.id}/disable`), 401, 'invalid_api_key'],
    ['deleted', (key) => admin('DELETE', `/keys/${key.id}`), 401, 'invalid_api_key'],
    [
      'bound to other addresses',
      (key) => admin('PATCH', `/keys/${key.id}`, { allowed_ips: ['192.0.2.0/24'] }),
      403,
      'ip_not_allowed',
    ],
    ['rotated without overlap', (key) => admin('POST', `/keys/${key.id}/rotate`, { overlap_seconds: 0 }), 401, 'invalid_api_key'],
  ])('is obeyed: a key that was %s', async (_how, change, status, code) => {
    for (let time = 0; time < 3; time += 1) {
      const key = await platform.factory.key(platform.acme);
      await expectObeyed(statusIs(key.secret, 200), change(key), answers(key.secret, status, code));
    }
  });

  it('is obeyed: a disabled key that was enabled again', async () => {
    const key = await platform.factory.key(platform.acme, { state: 'disabled' });
    await expectObeyed(statusIs(key.secret, 401), admin('POST', `/keys/${key.id}/enable`), statusIs(key.secret, 200));
  });

  it('is obeyed: an expiry that was set', async () => {
    const key = await platform.factory.key(platform.acme);
    await expectObeyed(
      statusIs(key.secret, 200),
      rows((tx) => tx.key.updateMany({ where: { id: key.id }, data: { expiresAt: new Date() } })),
      statusIs(key.secret, 401),
    );
  });

  it('is obeyed: scopes and allowlists that were narrowed and widened', async () => {
    const key = await platform.factory.key(platform.acme, { scopes: ['inference:chat', 'datasets:read'] });
    await expectObeyed(
      statusIs(key.secret, 403, '/batches'),
      admin('PATCH', `/keys/${key.id}`, { scopes: ['inference:chat', 'batches:read'] }),
      async (app) => (await ask(app, key.secret, { path: '/batches' })).status !== 403,
    );
    await expectObeyed(
      statusIs(key.secret, 200, '/models/assistant'),
      admin('PATCH', `/keys/${key.id}`, { agents: [] }),
      answers(key.secret, 404, 'model_not_found', '/models/assistant'),
    );
    await expectObeyed(
      statusIs(key.secret, 404, '/models/assistant'),
      admin('PATCH', `/keys/${key.id}`, { agents: ['assistant'] }),
      statusIs(key.secret, 200, '/models/assistant'),
    );
  });

  it("is obeyed: a tenant's own preset that was narrowed", async () => {
    await admin('POST', '/presets', {
      tenant: 'acme',
      slug: 'own-preset',
      name: 'Own',
      purpose: 'inference',
      scopes: ['inference:chat', 'batches:read'],
    })();
    const { body } = await platform.app.admin('POST', '/keys', {
      tenant: 'acme',
      name: 'of-own-preset',
      preset: 'own-preset',
      agents: ['*'],
    });
    const secret = body.secret as string;
    await expectObeyed(
      async (app) => (await ask(app, secret, { path: '/batches' })).status !== 403,
      admin('PATCH', '/presets/own-preset', { scopes: ['inference:chat'] }),
      answers(secret, 403, 'insufficient_scope', '/batches'),
    );
  });

  it('is obeyed: the key behind a link that was disabled and enabled', async () => {
    const inference = await platform.factory.key(platform.acme, { preset: 'chat-plus-embeddings' });
    const { secret } = await platform.factory.key(platform.acme, { preset: 'conversation-app', inferenceKeyId: inference.id });
    const chats = (status: number) => async (app: TestApp) => (await chat(app, secret)).status === status;
    await expectObeyed(chats(200), admin('POST', `/keys/${inference.id}/disable`), chats(403));
    await expectObeyed(chats(403), admin('POST', `/keys/${inference.id}/enable`), chats(200));
  });

  it.each<[string, object, number, string | null]>([
    ['suspended', { state: 'suspended' }, 403, 'tenant_suspended'],
    ['disabled', { state: 'disabled' }, 401, 'invalid_api_key'],
    ['switched off', { apiEnabled: false }, 404, 'unknown_url'],
    ['without the group of the route', { routesOff: ['models'] }, 404, 'unknown_url'],
  ])('is obeyed: a tenant that was %s, and back', async (_how, data, status, code) => {
    const tenant = await newTenant();
    const { secret } = await platform.factory.key(tenant);
    await expectObeyed(
      statusIs(secret, 200),
      rows((tx) => tx.tenant.update({ where: { id: tenant.id }, data })),
      answers(secret, status, code),
    );
    await expectObeyed(
      answers(secret, status, code),
      rows((tx) => tx.tenant.update({ where: { id: tenant.id }, data: { state: 'active', apiEnabled: true, routesOff: [] } })),
      statusIs(secret, 200),
    );
  });

  it('is obeyed: an endpoint that was published and withdrawn', async () => {
    const tenant = await newTenant();
    const { secret } = await platform.factory.key(tenant);
    await expectObeyed(
      statusIs(secret, 404, '/models/late'),
      () => platform.factory.rawModel(tenant, 'late', 'sandbox-chat'),
      statusIs(secret, 200, '/models/late'),
    );
    await expectObeyed(
      statusIs(secret, 200, '/models/late'),
      rows((tx) => tx.endpoint.deleteMany({ where: { tenantId: tenant.id, name: 'late' } })),
      statusIs(secret, 404, '/models/late'),
    );
  });

  it('is obeyed: a connection that leads elsewhere', async () => {
    const tenant = await newTenant();
    const { secret } = await platform.factory.key(tenant);
    const chats = (status: number) => async (app: TestApp) => (await chat(app, secret)).status === status;
    await expectObeyed(
      chats(200),
      rows((tx) => tx.connection.updateMany({ where: { tenantId: tenant.id }, data: { baseUrl: 'http://127.0.0.1:9/v1' } })),
      chats(502),
    );
  });

  it("is obeyed: a host that became another tenant's, and was given up", async () => {
    const { secret } = await platform.factory.key(platform.acme);
    const other = await newTenant();
    const host = 'moving.example';
    const at = (status: number) => async (app: TestApp) => (await ask(app, secret, { host })).status === status;
    await expectObeyed(
      at(200),
      rows((tx) => tx.tenantHost.create({ data: { id: host, tenantId: other.id, host } })),
      at(401),
    );
    await expectObeyed(
      at(401),
      rows((tx) => tx.tenantHost.deleteMany({ where: { host } })),
      at(200),
    );
  });

  it('is obeyed: a secret that was unknown a moment ago and now has a key', async () => {
    const secret = newCredential('gtak_');
    const key = await platform.factory.key(platform.acme);
    await expectObeyed(
      statusIs(secret, 401),
      rows((tx) =>
        tx.keySecret.create({
          data: {
            tenantId: platform.acme.id,
            id: newId('keySecret'),
            keyId: key.id,
            hash: credentialHash(secret),
            lastFour: secret.slice(-4),
          },
        }),
      ),
      statusIs(secret, 200),
    );
  });

  it('is obeyed: an admin token that was revoked', async () => {
    const { body } = await platform.app.admin('POST', '/admin-tokens', { tenant: 'acme', name: 'leaving', role: 'viewer' });
    const is = (status: number) => async (app: TestApp) =>
      (await app.admin('GET', '/keys', undefined, body.secret as string)).status === status;
    await expectObeyed(is(200), admin('POST', `/admin-tokens/${String(body.id)}/revoke`), is(401));
  });

  it('is obeyed at the answer to the revocation in the process that was asked', async () => {
    for (let time = 0; time < 10; time += 1) {
      const key = await platform.factory.key(platform.acme);
      await until('the key lives', () => statusIs(key.secret, 200)(platform.app));
      await admin('POST', `/keys/${key.id}/revoke`)();
      tookMs.push(await until('the revocation', () => statusIs(key.secret, 401)(platform.app), 250));
    }
  });

  it('is not lost when the connection of the feed is killed', async () => {
    for (let time = 0; time < 8; time += 1) {
      const key = await platform.factory.key(platform.acme);
      for (const app of apps) await until('the key lives', () => statusIs(key.secret, 200)(app));
      const killed = await direct.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gt-change-feed' and datname = current_database()",
      );
      expect(killed.rowCount).toBeGreaterThanOrEqual(time === 0 ? apps.length : 0);
      await rows((tx) => tx.key.updateMany({ where: { id: key.id }, data: { state: 'revoked' } }))();
      await Promise.all(apps.map((app) => until('the change', () => statusIs(key.secret, 401)(app))));
    }
    await until('the feeds are back', async () => {
      const { rows: feeds } = await direct.query<{ count: number }>(
        "select count(*)::int as count from pg_stat_activity where application_name = 'gt-change-feed' and datname = current_database()",
      );
      return feeds[0]?.count === apps.length;
    });
  });

  it('is carried by the heartbeat when no notification comes', async () => {
    const { rows: found } = await direct.query<{ definition: string }>(
      "select pg_get_functiondef('gt_record_change'::regproc) as definition",
    );
    const definition = found[0]?.definition ?? '';
    const silent = definition.replace(/PERFORM pg_notify\([^;]*;/, '');
    expect(silent).not.toBe(definition);
    await direct.query(silent);
    try {
      for (let time = 0; time < 5; time += 1) {
        const key = await platform.factory.key(platform.acme);
        await expectObeyed(statusIs(key.secret, 200), admin('POST', `/keys/${key.id}/revoke`), statusIs(key.secret, 401));
      }
    } finally {
      await direct.query(definition);
    }
  });
});

describe('while the database cannot be reached', () => {
  const staleMs = 4_000;
  let platform: TestPlatform;
  let app: TestApp;
  let proxy: TcpProxy;

  beforeAll(async () => {
    platform = await startPlatform();
    proxy = await TcpProxy.before(platform.app.databaseUrl);
    app = await startApp({ databaseUrl: proxy.url, settings: { GT_AUTH_STALE_MS: String(staleMs) } });
  });
  afterEach(() => proxy.restore());
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await platform.close();
  });

  /** A key that this process knows, with its tenant and endpoints, and of whose making it will hear no more. */
  async function knownKey(): Promise<SeededKey> {
    const key = await platform.factory.key(platform.acme);
    await heardAll();
    await until('the key is known', async () => (await chat(app, key.secret)).status === 200, 5_000);
    return key;
  }

  /** Settles when this process has heard of every change up to now: changes come in their order. */
  async function heardAll(): Promise<void> {
    const last = newCredential('gtak_');
    await until('the last secret is unknown', async () => (await ask(app, last)).status === 401, 5_000);
    const { id } = await platform.factory.key(platform.acme);
    await platform.factory.run((tx) =>
      tx.keySecret.create({
        data: {
          tenantId: platform.acme.id,
          id: newId('keySecret'),
          keyId: id,
          hash: credentialHash(last),
          lastFour: last.slice(-4),
        },
      }),
    );
    await until('the last change is heard', async () => (await ask(app, last)).status === 200);
  }

  const overloaded = { status: 503, type: 'server_error', code: 'overloaded', param: null } as const;

  async function back(key: SeededKey, status: number): Promise<void> {
    proxy.restore();
    await until('the database is back', async () => (await ask(app, newCredential('gtak_'))).status === 401, 5_000);
    await until('the key is judged anew', async () => (await ask(app, key.secret)).status === status, 5_000);
  }

  it.each(['cut', 'freeze'] as const)(
    'known keys live on for GT_AUTH_STALE_MS, then 503; unknown ones are 503 from the start: %s',
    async (how) => {
      const key = await knownKey();
      const from = performance.now();
      proxy[how]();
      const stranger = ask(app, newCredential('gtak_'));
      const answered: number[] = [];
      while (performance.now() - from < staleMs - 2_000) {
        for (const call of [ask, chat]) {
          const askedAt = performance.now();
          expect((await call(app, key.secret)).status).toBe(200);
          answered.push(performance.now() - askedAt);
        }
      }
      expect(Math.max(...answered)).toBeLessThan(1_000);
      await until('the key has lived on long enough', async () => (await ask(app, key.secret)).status === 503, 8_000);
      // Counted from when the process last heard that all was current, which may be a heartbeat or two before.
      expect(performance.now() - from).toBeGreaterThan(staleMs - 600);
      const refused = await ask(app, key.secret);
      expectError(refused, overloaded);
      expect(refused.headers['retry-after']).toBe('1');
      expectError(await stranger, overloaded);
      await back(key, 200);
    },
  );

  it('what is wrong by its form is still 401, and unknown routes still 404', async () => {
    const key = await knownKey();
    proxy.cut();
    expectError(await ask(app, 'gtak_nonsense'), { status: 401, code: 'invalid_api_key' });
    expectError(await ask(app, key.secret, { path: '/nowhere' }), { status: 404, code: 'unknown_url' });
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    await back(key, 200);
  });

  it('a key that was revoked meanwhile is refused as soon as the database is back', async () => {
    const key = await knownKey();
    proxy.cut();
    await platform.factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { state: 'revoked' } }));
    expect((await ask(app, key.secret)).status).toBe(200);
    proxy.restore();
    await until('the revocation', async () => (await ask(app, key.secret)).status === 401);
  });

  it('a key that is known to have changed does not live on', async () => {
    const key = await knownKey();
    await platform.factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { state: 'revoked' } }));
    const witness = await knownKey();
    proxy.cut();
    // This process has heard that the key changed, and has not asked how before the database went.
    await until('the database is away', async () => (await ask(app, newCredential('gtak_'))).status === 503);
    expectError(await ask(app, key.secret), overloaded);
    expect((await ask(app, witness.secret)).status).toBe(200);
    await back(witness, 200);
  });

  it('readyz says so, with what is missing', async () => {
    const key = await knownKey();
    proxy.cut();
    await until('readyz', async () => (await fetch(`${app.url}/readyz`)).status === 503, 8_000);
    expect(await (await fetch(`${app.url}/readyz`)).json()).toMatchObject({
      status: 'down',
      checks: { database: { ok: false } },
    });
    await back(key, 200);
  });
});

describe('the failure limiter', () => {
  let platform: TestPlatform;
  let good: SeededKey;
  beforeAll(async () => {
    platform = await startPlatform({ settings: { GT_AUTH_FAILURES_PER_MINUTE: '5', GT_TRUSTED_PROXIES: '127.0.0.1' } });
    good = await platform.factory.key(platform.acme);
  });
  afterAll(() => platform.close());

  const from = (address: string): HeaderList => [['X-Forwarded-For', address]];

  it('answers 429 with both retry headers after too many failures from one address, and never refuses a good key', async () => {
    for (let time = 0; time < 5; time += 1) {
      expectError(await ask(platform.app, newCredential('gtak_'), { more: from('192.0.2.7') }), {
        status: 401,
        code: 'invalid_api_key',
      });
      expect((await ask(platform.app, good.secret, { more: from('192.0.2.7') })).status).toBe(200);
    }
    for (let time = 0; time < 3; time += 1) {
      const limited = await ask(platform.app, newCredential('gtak_'), { more: from('192.0.2.7') });
      expectError(limited, {
        status: 429,
        type: 'requests',
        code: 'rate_limit_exceeded',
        param: null,
        message: /Please try again in \d+s\.$/,
      });
      expect(Number(limited.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(Math.ceil(Number(limited.headers['retry-after-ms']) / 1000)).toBe(Number(limited.headers['retry-after']));
      expect((await ask(platform.app, good.secret, { more: from('192.0.2.7') })).status).toBe(200);
    }
  });

  it('counts each address by itself, one /64 of IPv6 as one', async () => {
    for (let time = 0; time < 5; time += 1) await ask(platform.app, 'gtak_x', { more: from(`2001:db8:1:2::${time}`) });
    expect((await ask(platform.app, 'gtak_x', { more: from('2001:db8:1:2:ffff::1') })).status).toBe(429);
    expect((await ask(platform.app, 'gtak_x', { more: from('2001:db8:1:3::1') })).status).toBe(401);
    expect((await ask(platform.app, 'gtak_x', { more: from('192.0.2.8') })).status).toBe(401);
  });

  it('cannot be led to another address by what the caller forwards itself', async () => {
    for (let time = 0; time < 5; time += 1) await ask(platform.app, 'gtak_x', { more: from(`198.51.100.${time}, 192.0.2.9`) });
    expect((await ask(platform.app, 'gtak_x', { more: from('198.51.100.77, 192.0.2.9') })).status).toBe(429);
  });

  it('leaves unknown routes 404 and wrong methods 405', async () => {
    for (let time = 0; time < 8; time += 1) {
      expect((await ask(platform.app, 'gtak_x', { path: '/nowhere', more: from('192.0.2.10') })).status).toBe(404);
      expect((await ask(platform.app, 'gtak_x', { method: 'PUT', more: from('192.0.2.10') })).status).toBe(405);
    }
    expect((await ask(platform.app, 'gtak_x', { more: from('192.0.2.10') })).status).toBe(401);
  });

  it('takes the address of allowed_ips from a trusted proxy, and the tenant of the Host that it tells', async () => {
    const bound = await platform.factory.key(platform.acme, { allowedIps: ['203.0.113.0/24'] });
    expect((await ask(platform.app, bound.secret, { more: from('203.0.113.9') })).status).toBe(200);
    expectError(await ask(platform.app, bound.secret, { more: from('203.0.113.9, 192.0.2.1') }), {
      status: 403,
      code: 'ip_not_allowed',
    });
    const other = await platform.factory.tenant('elsewhere', `${platform.sandbox.url}/v1`);
    await platform.factory.run((tx) =>
      tx.tenantHost.create({ data: { id: 'h', tenantId: other.id, host: 'api.elsewhere.example' } }),
    );
    await until(
      'the host is known',
      async () =>
        (await ask(platform.app, good.secret, { more: [['X-Forwarded-Host', 'api.elsewhere.example']] })).status !== 200,
    );
    await until(
      'the admin plane is limited too',
      async () =>
        (
          await rawCall(
            platform.app.url,
            requestBytes('GET', '/api/admin/v1/keys', [['Host', 'x'], ...bearer('gtad_x'), ...from('192.0.2.11')]),
          )
        ).status === 429,
    );
  });
});
