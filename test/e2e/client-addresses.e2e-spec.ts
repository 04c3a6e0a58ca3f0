import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newCredential } from '../../src/kernel/credentials.js';
import { ask } from '../support/live.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import type { HeaderList } from '../support/raw-http.js';

const failuresPerMinute = 60;
let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({
    // The proxy of these tests is this process, written as IPv4 in IPv6.
    settings: { GT_AUTH_FAILURES_PER_MINUTE: String(failuresPerMinute), GT_TRUSTED_PROXIES: '::ffff:127.0.0.1,198.51.100.0/24' },
  });
});
afterAll(() => platform.close());

const statusOf = async ({ secret }: SeededKey, more: HeaderList): Promise<number> =>
  (await ask(platform.app, secret, { more })).status;

describe('a key that may be used from one address', () => {
  const allowed = async (...allowedIps: string[]): Promise<SeededKey> => platform.factory.key(platform.acme, { allowedIps });
  let key: SeededKey;
  beforeAll(async () => {
    key = await allowed('203.0.113.7');
  });

  it.each([
    ['203.0.113.7', 200],
    ['203.0.113.7:41000', 200],
    ['::ffff:203.0.113.7', 200],
    ['[::ffff:203.0.113.7]:443', 200],
    ['::FFFF:cb00:7107', 200],
    ['203.0.113.8:41000', 403],
    ['unknown', 403],
    ['', 403],
    ['203.0.113.7, 198.51.100.9:80', 200],
    ['203.0.113.7, 192.0.2.1', 403],
    ['203.0.113.7, unknown', 403],
  ])('X-Forwarded-For: %s is answered %i', async (value, status) => {
    expect(await statusOf(key, [['X-Forwarded-For', value]])).toBe(status);
  });

  it.each([
    ['for=203.0.113.7', 200],
    ['for="203.0.113.7:41000";proto=https', 200],
    ['For="[::ffff:203.0.113.7]:443"', 200],
    ['for=203.0.113.7, for="198.51.100.9:80"', 200],
    ['for=203.0.113.8', 403],
    ['for=203.0.113.7, for=192.0.2.1', 403],
    ['for=_hidden', 403],
    ['for="203.0.113.7', 403],
  ])('Forwarded: %s is answered %i', async (value, status) => {
    expect(await statusOf(key, [['Forwarded', value]])).toBe(status);
  });

  it('believes X-Forwarded-For where both stand: what a proxy does not write, its client may have written', async () => {
    const both = (x: string, standard: string): HeaderList => [
      ['X-Forwarded-For', x],
      ['Forwarded', `for=${standard}`],
    ];
    expect(await statusOf(key, both('203.0.113.8', '203.0.113.7'))).toBe(403);
    expect(await statusOf(key, both('203.0.113.7', '203.0.113.8'))).toBe(200);
  });

  it('allows what a range of IPv4 in IPv6 holds', async () => {
    const ranged = await allowed('::ffff:203.0.113.0/120');
    expect(await statusOf(ranged, [['X-Forwarded-For', '203.0.113.7']])).toBe(200);
    expect(await statusOf(ranged, [['X-Forwarded-For', '203.0.114.7']])).toBe(403);
  });
});

describe('the failure limiter', () => {
  it('counts an address as one, whatever its port', async () => {
    const statuses: number[] = [];
    for (let port = 40_000; port < 40_070; port += 1) {
      const more: HeaderList = [['X-Forwarded-For', `203.0.113.50:${port}`]];
      statuses.push((await ask(platform.app, newCredential('gtak_'), { more })).status);
    }
    expect(statuses).toEqual([...Array<number>(failuresPerMinute).fill(401), ...Array<number>(10).fill(429)]);
  });
});
