import { describe, expect, it } from '@jest/globals';
import { addressAllowed, addressRange, addressRanges, inRanges, networkOf, normalAddress } from './addresses.js';

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
    'x[203.0.113.7]',
    '[203.0.113.7]x',
    '203.0.113.7:123456',
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

  it('of IPv6 counts for its network in any spelling, IPv4 in IPv6 for itself, and what is none for its text', () => {
    expect(networkOf('2001:0db8:1:2::1')).toBe(networkOf('2001:db8:1:2::'));
    expect(networkOf('2001:db8:1:2::1')).toBe('8193:3512:1:2');
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('un:known')).toBe('un:known');
    expect(networkOf('010.0.0.1')).toBe('010.0.0.1');
  });

  it.each([
    ['203.0.113.7', 32],
    ['203.0.113.0/0', 0],
    ['203.0.113.0/32', 32],
    ['2001:db8::', 128],
    ['2001:db8::/128', 128],
    ['2001:db8::/33', 33],
    ['::ffff:203.0.113.0/96', 0],
    ['::ffff:203.0.113.0/95', 95],
    ['[2001:db8::]/64', 64],
  ])('the range %s has %d bits', (text, bits) => {
    expect(addressRange(text)?.[1]).toBe(bits);
  });

  it.each([
    '203.0.113.0/33',
    '2001:db8::/129',
    '203.0.113.0/24/8',
    '203.0.113.0/24/',
    '203.0.113.0/',
    '203.0.113.0/x',
    '203.0.113.0/-1',
    '203.0.113.0/1.5',
    '203.0.113.0/0024',
    '2001:db8::/0x10',
    'unknown/8',
    '/8',
    '',
  ])('"%s" is no range', (text) => {
    expect(addressRange(text)).toBeUndefined();
    expect(addressRanges([text, '203.0.113.7'])).toHaveLength(1);
  });

  it('is within ranges when it is within one of them, and everywhere where there are none', () => {
    const ranges = addressRanges(['203.0.113.0/24', '2001:db8::/32']);
    expect(['203.0.113.9', '2001:db8::9', '203.0.114.9'].map((text) => inRanges(text, ranges))).toEqual([true, true, false]);
    expect([addressAllowed('203.0.114.9', []), inRanges('203.0.114.9', [])]).toEqual([true, false]);
  });
});
