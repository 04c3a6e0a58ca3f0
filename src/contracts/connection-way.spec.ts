import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selfSigned } from '../../test/support/certificate.js';
import { connectionCa, connectionProxy, proxyPlace } from './connection-way.js';

const faultsOf = (
  schema: { safeParse(value: unknown): { success: boolean; error?: { issues: { path: unknown }[] } } },
  value: unknown,
) => schema.safeParse(value).error?.issues.map(({ path }) => path);

describe('the address of a proxy', () => {
  it.each([
    ['http://proxy.example.com:3128', 'http', 'proxy.example.com', 3128],
    ['HTTP://Proxy.Example.com:80/', 'http', 'proxy.example.com', 80],
    ['socks5://10.0.0.1:1080', 'socks5', '10.0.0.1', 1080],
    ['socks5://[::1]:1080', 'socks5', '::1', 1080],
    ['http://2130706433:8080', 'http', '127.0.0.1', 8080],
  ])('%s is read', (url, protocol, host, port) => {
    expect(proxyPlace(url)).toEqual({ protocol, host, port });
    const normal = connectionProxy.parse({ url }).url;
    expect(proxyPlace(normal)).toEqual({ protocol, host, port });
    expect(connectionProxy.parse({ url: normal }).url).toBe(normal);
  });

  it.each([
    'https://proxy.example.com:3128',
    'socks4://proxy.example.com:1080',
    'socks5h://proxy.example.com:1080',
    'http://proxy.example.com',
    'http://proxy.example.com:0',
    'http://proxy.example.com:65536',
    'http://user@proxy.example.com:3128',
    'http://user:word@proxy.example.com:3128',
    'http://proxy.example.com:3128/path',
    'http://proxy.example.com:3128?a',
    'http://:3128',
    'http://a:1:2',
    'proxy.example.com:3128',
    '',
  ])('%j is none', (url) => expect(faultsOf(connectionProxy, { url })).toEqual([['url']]));
});

describe('any text', () => {
  const scheme = fc.constantFrom('http://', 'socks5://', 'HTTP://', 'https://', '');
  const host = fc.oneof(fc.webAuthority({ withUserInfo: true, withPort: true }), fc.ipV4Extended(), fc.ipV6(), fc.string());
  const address = fc
    .tuple(
      scheme,
      host,
      fc.constantFrom('', ':80', ':3128', ':65535', ':65536', ':0'),
      fc.constantFrom('', '/', '/a', '?a', '#a'),
    )
    .map((parts) => parts.join(''));

  it('is no address of a proxy, or one that is always said in the same form and names nothing but a place', () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.string()), (url) => {
        const place = proxyPlace(url);
        expect(connectionProxy.safeParse({ url }).success).toBe(place !== undefined);
        if (place === undefined) return;
        expect(place.host).toMatch(/^[^\s/?#@[\]]+$/);
        expect(place.port > 0 && place.port < 65_536).toBe(true);
        const normal = connectionProxy.parse({ url }).url;
        expect([proxyPlace(normal), connectionProxy.parse({ url: normal }).url]).toEqual([place, normal]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a name and password at a proxy', () => {
  const url = 'http://proxy.example.com:3128';

  it.each([
    [{ username: 'gateway', password: 'wörd:with colon' }, undefined],
    [{ username: 'gateway' }, undefined],
    [{ username: null }, undefined],
    [{ password: 'word' }, [['password']]],
    [{ username: null, password: 'word' }, [['password']]],
    [{ username: '' }, [['username']]],
    [{ username: 'a:b' }, [['username']]],
    [{ username: 'a\r\nb' }, [['username']]],
    [{ username: 'a', password: 'ü'.repeat(128) }, [['password']]],
  ])('%j', (login, faults) => expect(faultsOf(connectionProxy, { url, ...login })).toEqual(faults));
});

describe('more certificates', () => {
  const one = selfSigned('a.example.com').cert;
  const other = selfSigned('b.example.com').cert;

  it('come out in one form, whatever stands between them', () => {
    const written = `# ours\n${one.replaceAll('\n', '\r\n')}\n\nCN=b\n${other}`;
    const normal = connectionCa.parse(written);
    expect(normal).not.toMatch(/#|CN=b|\r/);
    expect(normal?.match(/BEGIN/g)).toHaveLength(2);
    expect(connectionCa.parse(normal)).toBe(normal);
    expect(connectionCa.parse(null)).toBeNull();
  });

  it.each([
    ['no certificate', 'hello'],
    ['nothing', ''],
    ['a private key beside one', one + selfSigned('a.example.com').key],
    ['a certificate that is cut off', one.slice(0, 200)],
    ['a certificate that is none', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['a broken one after a good one', `${one}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`],
    ['seventeen', one.repeat(17)],
    ['more than 64 KiB', one + ' '.repeat(64 * 1024)],
  ])('that are %s are refused', (_name, text) => expect(faultsOf(connectionCa, text)).toEqual([[]]));

  it('may be sixteen', () => expect(connectionCa.safeParse(one.repeat(16)).success).toBe(true));
});
