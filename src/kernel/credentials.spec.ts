import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { credentialHash, isWellFormedCredential, maskCredential, newCredential } from './credentials.js';
import { newId, randomBase62 } from './ids.js';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 (IEEE) bit by bit, from its definition: the reference. */
function slowCrc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('credentials', () => {
  it('have the form and the checksum of the contract', () => {
    for (let times = 0; times < 200; times += 1) {
      const secret = newCredential('gtak_');
      expect(secret).toMatch(/^gtak_[0-9A-Za-z]{38}$/);
      const digits = [...secret.slice(37)].reduce((value, digit) => value * 62 + alphabet.indexOf(digit), 0);
      expect(digits).toBe(slowCrc32(secret.slice(0, 37)));
      expect(isWellFormedCredential(secret, 'gtak_')).toBe(true);
      expect(isWellFormedCredential(secret, 'gtad_')).toBe(false);
    }
  });

  it('with one changed character are told from good ones without a look-up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 42 }), fc.constantFrom(...alphabet), (at, character) => {
        const secret = newCredential('gtak_');
        const changed = secret.slice(0, at) + character + secret.slice(at + 1);
        expect(isWellFormedCredential(changed, 'gtak_')).toBe(changed === secret);
      }),
    );
  });

  it('no other text passes for one', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(isWellFormedCredential(text, 'gtak_')).toBe(false)));
  });

  it('are masked down to seven characters and four, and never shown whole', () => {
    const secret = newCredential('gtak_');
    expect(maskCredential(secret)).toBe(`${secret.slice(0, 7)}***${secret.slice(-4)}`);
    expect(maskCredential('short')).toBe('***');
    expect(maskCredential(`sk-\u0000\n${'x'.repeat(20)}`)).not.toMatch(/[\u0000\n]/);
  });

  it('are stored as SHA-256', () => {
    expect(credentialHash('gtak_x')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('ids', () => {
  it('are their prefix and 24 characters, and do not repeat', () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => newId('request')));
    expect(ids.size).toBe(20_000);
    for (const id of ids) expect(id).toMatch(/^req_[0-9A-Za-z]{24}$/);
  });

  it('use every character about equally often', () => {
    const counts = new Map<string, number>();
    for (const character of randomBase62(900).repeat(1) + Array.from({ length: 200 }, () => randomBase62(900)).join('')) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    const mean = (201 * 900) / 62;
    for (const count of counts.values()) expect(Math.abs(count - mean) / mean).toBeLessThan(0.15);
  });
});
