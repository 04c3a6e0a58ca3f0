import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { isPublicAddress, parseAddress } from './public-address.js';

const closedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

const closedV6 = [
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  '4000::/3',
  '8000::/1',
] as const;

/** Any address of the range: its network bits and random others. */
function addressIn(range: string): fc.Arbitrary<ipaddr.IPv4 | ipaddr.IPv6> {
  const [base, bits] = ipaddr.parseCIDR(range);
  const fixed = base.toByteArray();
  return fc.uint8Array({ minLength: fixed.length, maxLength: fixed.length }).map((random) =>
    ipaddr.fromByteArray(
      fixed.map((byte, index) => {
        const mask = (0xff00 >> Math.max(0, Math.min(8, bits - index * 8))) & 0xff;
        return (byte & mask) | ((random[index] ?? 0) & ~mask & 0xff);
      }),
    ),
  );
}

const isPublic = (text: string) => {
  const address = parseAddress(text);
  return address !== undefined && isPublicAddress(address);
};

describe('isPublicAddress', () => {
  it.each(closedV4)('is false for every address of %s, also inside IPv6', (range) => {
    fc.assert(
      fc.property(addressIn(range), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.toByteArray();
        const low = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const texts = [
          address.toString(),
          `::ffff:${address.toString()}`,
          `[::ffff:${low}]`,
          `64:ff9b::${low}`,
          `2002:${low}::1`,
          `::${low}`,
        ];
        expect(texts.filter(isPublic)).toEqual([]);
      }),
    );
  });

  it.each(closedV6)('is false for every address of %s', (range) => {
    fc.assert(fc.property(addressIn(range), (address) => expect(isPublic(address.toString())).toBe(false)));
  });

  it('is true for an IPv4 address exactly when no closed range holds it', () => {
    // The three small anycast ranges of AS112 and AMT are closed too; no provider lives there.
    const closed = [...closedV4, '192.31.196.0/24', '192.52.193.0/24', '192.175.48.0/24'].map((range) =>
      ipaddr.IPv4.parseCIDR(range),
    );
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const address = ipaddr.IPv4.parse(text);
        expect(isPublic(text)).toBe(!closed.some(([base, bits]) => address.match(base, bits)));
      }),
    );
  });

  it.each([
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '2606:4700::1111',
    '[2a00:1450::1]',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('is true for %s', (text) => expect(isPublic(text)).toBe(true));
});

describe('parseAddress', () => {
  it.each([
    'example.com',
    'localhost',
    '',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '1.2.3.4.5',
    '[127.0.0.1',
    '::1::',
  ])('takes "%s" for no address', (text) => expect(parseAddress(text)).toBeUndefined());
});
