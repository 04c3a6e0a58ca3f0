import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BatchLimits, embedInParts } from './embedding-batches.js';
import { EmbeddingError } from './embedding-error.js';

const textsOf = (count: number): string[] => Array.from({ length: count }, (_unused, at) => String(at));
const refusal = () => new EmbeddingError('invalid_request', false, { message: 'no' }, true);

/** A provider that takes at most so many texts, none of them "bad"; `calls` are the sizes that it was asked for. */
function provider(most: number, calls: number[] = []) {
  return (texts: readonly string[]): Promise<Float32Array[]> => {
    calls.push(texts.length);
    if (texts.length > most || texts.includes('bad')) return Promise.reject(refusal());
    return Promise.resolve(texts.map((text) => Float32Array.of(Number(text))));
  };
}

describe('texts that a provider refuses together', () => {
  it('all get their vectors in order, whatever it takes at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 80 }), async (count, most) => {
        const vectors = await embedInParts(textsOf(count), new BatchLimits().of('con', 'm'), provider(most));
        expect(vectors.map(([value]) => value)).toEqual(textsOf(count).map(Number));
      }),
    );
  });

  it('are asked for in parts that it takes from then on', async () => {
    const limit = new BatchLimits().of('con', 'm');
    const first: number[] = [];
    await embedInParts(textsOf(64), limit, provider(10, first));
    expect(first).toEqual([64, 32, 16, 8, 8, 8, 8, 8, 8, 8, 8]);
    const second: number[] = [];
    await embedInParts(textsOf(20), limit, provider(10, second));
    expect(second).toEqual([8, 8, 4]);
  });

  it('are never sent in larger parts than the connection says, and in smaller ones where the provider takes fewer', async () => {
    const limit = new BatchLimits().of('con', 'm', 10);
    const first: number[] = [];
    await embedInParts(textsOf(25), limit, provider(100, first));
    expect(first).toEqual([10, 10, 5]);
    await embedInParts(textsOf(20), limit, provider(5));
    const later: number[] = [];
    await embedInParts(textsOf(10), limit, provider(5, later));
    expect(later).toEqual([5, 5]);
  });

  it('teach nothing when one of them was to blame', async () => {
    const limit = new BatchLimits().of('con', 'm');
    await expect(embedInParts([...textsOf(40), 'bad'], limit, provider(100))).rejects.toThrow('no');
    expect(limit.texts).toBe(Infinity);
  });

  it('are not asked for again after another error', async () => {
    const away = new EmbeddingError('upstream_unavailable', true, { message: 'away' });
    let calls = 0;
    const embed = () => {
      calls += 1;
      return Promise.reject(away);
    };
    await expect(embedInParts(textsOf(8), new BatchLimits().of('con', 'm'), embed)).rejects.toBe(away);
    expect(calls).toBe(1);
  });
});
