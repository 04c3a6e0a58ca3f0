import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newCredential } from '../../src/kernel/credentials.js';
import { expectError } from '../support/envelope.js';
import { ask, until } from '../support/live.js';
import { bearer } from '../support/matrix.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { rawCall, requestBytes, type HeaderList } from '../support/raw-http.js';

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
