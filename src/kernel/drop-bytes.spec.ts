import { describe, expect, it } from '@jest/globals';
import { dropBytes } from './drop-bytes.js';

describe('dropBytes', () => {
  it('gives the memory back at once, before any garbage is collected', () => {
    const before = process.memoryUsage().arrayBuffers;
    const dropped = Array.from({ length: 256 }, () => {
      const bytes = Buffer.allocUnsafeSlow(1024 * 1024);
      dropBytes(bytes);
      return bytes;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(dropped.every(({ length }) => length === 0)).toBe(true);
  });

  it('leaves alone what is a part of something larger', () => {
    const whole = Buffer.alloc(128 * 1024, 'x');
    dropBytes(whole.subarray(0, 64 * 1024));
    expect(whole.length).toBe(128 * 1024);
    expect(whole.at(-1)).toBe(0x78);
  });
});
