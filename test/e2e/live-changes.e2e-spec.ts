import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { credentialHash, newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { ask, chat, until } from '../support/live.js';
import { type Factory, startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { statusOfUpgrade } from '../support/response-socket.js';

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

  it("is obeyed: a key's WebSockets that were switched off, and on again", async () => {
    const key = await platform.factory.key(platform.acme);
    const opens = (status: number) => async (app: TestApp) => (await statusOfUpgrade(app.baseUrl, key.secret)) === status;
    const switched = (websocket: boolean) => admin('PATCH', `/keys/${key.id}`, { websocket });
    for (let time = 0; time < 3; time += 1) {
      await expectObeyed(opens(101), switched(false), opens(426));
      await expectObeyed(opens(426), switched(true), opens(101));
    }
  });

  it('is obeyed: routes that a key, the key that it links, or its tenant puts under approval, and lets go again', async () => {
    const inference = await platform.factory.key(platform.acme);
    const links = { purpose: 'conversation', preset: 'conversation-app', inferenceKeyId: inference.id };
    const talking = await platform.factory.key(platform.acme, links);
    const chats = (key: SeededKey, status: number) => async (app: TestApp) => (await chat(app, key.secret)).status === status;
    const held = (path: string, approval: readonly string[]) => () => platform.app.admin('PATCH', path, { approval });
    for (const key of [inference, talking])
      for (const path of [`/keys/${inference.id}?tenant=acme`, '/tenants/acme']) {
        await expectObeyed(chats(key, 200), held(path, ['chat.completions.create']), chats(key, 403));
        await expectObeyed(chats(key, 403), held(path, []), chats(key, 200));
      }
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
      "select pg_get_functiondef('gt_number_changes'::regproc) as definition",
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
