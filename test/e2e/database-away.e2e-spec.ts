import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { credentialHash, newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectError } from '../support/envelope.js';
import { ask, chat, until } from '../support/live.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { TcpProxy } from '../support/tcp-proxy.js';

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

  const manifest = (at: TestApp, secret: string) => ask(at, secret, { path: '/harbor/manifest' });

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
      // The feed vouched for the key within its last 750 ms; what is answered later than that proves nothing.
      const isSurelyKnown = (): boolean => performance.now() - from < staleMs - 1_000;
      while (isSurelyKnown()) {
        for (const call of [ask, chat, manifest]) {
          const { status } = await call(app, key.secret);
          if (isSurelyKnown()) expect(status).toBe(200);
        }
      }
      await until('the key has lived on long enough', async () => (await ask(app, key.secret)).status === 503, 8_000);
      // Counted from when the process last heard that all was current, which may be three heartbeats before.
      expect(performance.now() - from).toBeGreaterThan(staleMs - 1_000);
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
    await until(
      'readyz names the database',
      async () => {
        const reply = await fetch(`${app.url}/readyz`);
        const told = (await reply.json()) as { status: string; checks: { database: { ok: boolean } } };
        return reply.status === 503 && told.status === 'down' && !told.checks.database.ok;
      },
      8_000,
    );
    await back(key, 200);
  });
});
