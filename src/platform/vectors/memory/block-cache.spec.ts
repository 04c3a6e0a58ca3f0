import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BlockCache, type CachedBlock } from './block-cache.js';
import { VectorBlock } from './vector-block.js';

const dimensions = 8;

/** Puts so many rows into the target's block, as long as there is room. */
function grow(cache: BlockCache, tenant: string, target: number, rows: number): boolean {
  const key = `${tenant} ${target}`;
  const cached: CachedBlock = cache.get(key) ?? cache.add(key, tenant, new VectorBlock(dimensions, false));
  cached.isFilling = true;
  const number = cached.block.begin();
  const start = cached.block.next;
  for (let row = 0; row < rows; row += 1) {
    const bytes = cached.block.bytesForNext;
    if (bytes > 0 && !cache.makeRoom(cached, bytes)) {
      cache.drop(cached);
      return false;
    }
    cached.block.addSigns(number, row, new Uint8Array(1));
  }
  const set = { fileId: `file-${start}`, ingestionId: '', version: '1', start, count: rows };
  cached.block.commit(new Map([[number, set]]), []);
  cached.isFilling = false;
  return true;
}

/** The bytes of a block of 16 rows. */
const unit = new VectorBlock(dimensions, false).bytesPerRow * 16;

describe('the cache of blocks', () => {
  it('never holds more than its bound', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(4), fc.integer({ min: 1, max: 200 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), (all, units) => {
        const cache = new BlockCache(units * unit);
        for (const [tenant, target, rows] of all) {
          grow(cache, tenant, target, rows);
          expect(cache.bytes).toBeLessThanOrEqual(units * unit);
        }
      }),
    );
  });

  it('gives a tenant its share, whatever others hold', () => {
    const cache = new BlockCache(12 * unit);
    for (let target = 0; target < 12; target += 1) grow(cache, 'much', target, 16);
    expect(cache.bytes).toBe(12 * unit);
    for (let target = 0; target < 6; target += 1) expect(grow(cache, 'little', target, 16)).toBe(true);
    for (let target = 0; target < 6; target += 1) expect(cache.get(`little ${target}`)).toBeDefined();
    // The least recently used left; what is asked for beyond the share finds no room but its own.
    expect(cache.get('much 5')).toBeUndefined();
    expect(cache.get('much 6')).toBeDefined();
    expect(grow(cache, 'little', 6, 16)).toBe(true);
    expect(cache.get('little 0')).toBeUndefined();
    expect(cache.get('much 6')).toBeDefined();
  });

  it('takes what nobody has asked for in ten minutes', () => {
    let now = 0;
    const cache = new BlockCache(4 * unit, () => now);
    for (const target of [0, 1]) grow(cache, 'idle', target, 16);
    expect(grow(cache, 'busy', 0, 64)).toBe(false);
    expect(grow(cache, 'busy', 0, 32)).toBe(true);
    now = 600_001;
    expect(grow(cache, 'busy', 1, 32)).toBe(true);
    expect(cache.get('idle 0')).toBeUndefined();
  });
});
