import { describe, expect, it } from '@jest/globals';
import { MatrixCache } from './matrix-cache.js';
import { Segment } from './segment.js';

/** Puts one file of 25 chunks in 9 dimensions into this key's matrix: 1,000 bytes. */
function fill(cache: MatrixCache, key: string, fileId = 'file-a'): boolean {
  const matrix = cache.reserve(key, 1_000);
  if (matrix === undefined) return false;
  matrix.segments.set(fileId, new Segment({ fileId, ingestionId: '' }, 'v1', 9, 25));
  matrix.reservedBytes = 0;
  return true;
}

describe('the cache of matrices', () => {
  it('throws out the one that was used longest ago, and stays beneath its cap', () => {
    const cache = new MatrixCache(2_500);
    fill(cache, 'a');
    fill(cache, 'b');
    cache.get('a');
    fill(cache, 'c');
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
    expect(cache.bytes).toBe(2_000);
  });

  it('refuses a matrix that would not fit alone, and throws nobody else out for it', () => {
    const cache = new MatrixCache(1_500);
    fill(cache, 'a');
    expect(cache.reserve('b', 1_501)).toBeUndefined();
    expect(cache.get('a')).toBeDefined();
  });

  it('lets go of a matrix that has grown beyond the cap', () => {
    const cache = new MatrixCache(1_500);
    fill(cache, 'a');
    expect(fill(cache, 'a', 'file-b')).toBe(false);
    expect(cache.bytes).toBe(0);
  });

  it('counts room that is reserved and not yet filled', () => {
    const cache = new MatrixCache(2_500);
    cache.reserve('a', 1_000);
    cache.reserve('b', 1_000);
    fill(cache, 'c');
    expect(cache.get('a')).toBeUndefined();
    expect(cache.bytes).toBe(2_000);
  });

  it('keeps only the files of the versions that it is told', () => {
    const cache = new MatrixCache(10_000);
    for (const fileId of ['file-a', 'file-b', 'file-c']) fill(cache, 'a', fileId);
    const matrix = cache.get('a');
    matrix?.keepOnly(
      new Map([
        ['file-a', 'v1'],
        ['file-b', 'v2'],
      ]),
    );
    expect([...(matrix?.segments.keys() ?? [])]).toEqual(['file-a']);
    expect(matrix?.signature).toBeUndefined();
  });
});
