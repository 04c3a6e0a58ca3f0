import { describe, expect, it } from '@jest/globals';
import { addressAllowed, addressRanges, networkOf, normalAddress } from './addresses.js';

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:41000', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:CB00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['[2001:db8:0:0::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (text, normal) => {
    expect(normalAddress(text)).toBe(normal);
  });

  it.each([
    '',
    'unknown',
    '_hidden',
    '1',
    '010.0.0.1',
    '203.0.113.7:x',
    '203.0.113.256',
    '[203.0.113.7',
    '2001:db8::1::2',
    '"',
    'a.b.c.d',
  ])('"%s" is none', (text) => {
    expect(normalAddress(text)).toBeUndefined();
  });

  it.each([
    ['::ffff:203.0.113.0/120', '203.0.113.7', true],
    ['::ffff:203.0.113.0/120', '203.0.114.7', false],
    ['203.0.113.0/24', '::ffff:203.0.113.7', true],
    ['::ffff:203.0.113.7', '203.0.113.7', true],
    ['2001:db8::/32', '2001:DB8:1::1', true],
    ['2001:db8::/32', '203.0.113.7', false],
    ['203.0.113.7', 'unknown', false],
  ])('the range %s with %s: %s', (range, address, allowed) => {
    expect(addressAllowed(address, addressRanges([range]))).toBe(allowed);
  });

  it('counts for its network: IPv4 by itself, IPv6 by its first half', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff::9'));
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
  });
});
