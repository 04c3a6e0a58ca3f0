import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LearnedBatch } from '../connections/learned-batch.js';
import { BatchLimits, embedInParts, type SaidLimit } from './embedding-batches.js';
import { EmbeddingError } from './embedding-error.js';

const textsOf = (count: number): string[] => Array.from({ length: count }, (_unused, at) => String(at));
const refusal = () => new EmbeddingError('invalid_request', false, { message: 'no' }, { sentence: 'no' });

/** A provider that takes at most so many texts, none of them "bad"; `calls` are the sizes that it was asked for. */
function provider(most: number, calls: number[] = []) {
  return (texts: readonly string[]): Promise<Float32Array[]> => {
    calls.push(texts.length);
    if (texts.length > most || texts.includes('bad')) return Promise.reject(refusal());
    return Promise.resolve(texts.map((text) => Float32Array.of(Number(text))));
  };
}

const learnedNow = (size: number, model = 'm', learnedAt = new Date()): LearnedBatch => ({
  model,
  size,
  message: 'no',
  learnedAt,
});

function limitOf(limits = new BatchLimits(), said: Partial<SaidLimit> = {}, kept: LearnedBatch[] = []) {
  return limits.of('con', 'm', { embeddingBatchSize: null, embeddingBatchLearned: null, ...said }, (learned) => {
    kept.push(learned);
    return Promise.resolve();
  });
}

describe('texts that a provider refuses together', () => {
  it('all get their vectors in order, whatever it takes at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 80 }), async (count, most) => {
        const vectors = await embedInParts(textsOf(count), limitOf(), provider(most));
        expect(vectors.map(([value]) => value)).toEqual(textsOf(count).map(Number));
      }),
    );
  });

  it('are asked for in parts that it takes from then on', async () => {
    const limit = limitOf();
    const first: number[] = [];
    await embedInParts(textsOf(64), limit, provider(10, first));
    expect(first).toEqual([64, 32, 16, 8, 8, 8, 8, 8, 8, 8, 8]);
    const second: number[] = [];
    await embedInParts(textsOf(20), limit, provider(10, second));
    expect(second).toEqual([8, 8, 4]);
  });

  it('are never sent in larger parts than the connection says, and in smaller ones where the provider takes fewer', async () => {
    const limit = limitOf(new BatchLimits(), { embeddingBatchSize: 10 });
    const first: number[] = [];
    await embedInParts(textsOf(25), limit, provider(100, first));
    expect(first).toEqual([10, 10, 5]);
    await embedInParts(textsOf(20), limit, provider(5));
    const later: number[] = [];
    await embedInParts(textsOf(10), limit, provider(5, later));
    expect(later).toEqual([5, 5]);
  });

  it('teach a limit that is kept once, with what the provider said', async () => {
    const kept: LearnedBatch[] = [];
    const limit = limitOf(new BatchLimits(), {}, kept);
    await embedInParts(textsOf(64), limit, provider(10));
    await embedInParts(textsOf(64), limit, provider(10));
    expect(kept).toEqual([{ model: 'm', size: 8, message: 'no', learnedAt: expect.any(Date) }]);
  });

  it('are sent in the parts that another process has learned, of this model and within the hour', () => {
    const texts = (learned: LearnedBatch): number => limitOf(new BatchLimits(), { embeddingBatchLearned: learned }).texts;
    const longAgo = new Date(Date.now() - 61 * 60 * 1000);
    expect([texts(learnedNow(8)), texts(learnedNow(8, 'other')), texts(learnedNow(8, 'm', longAgo))]).toEqual([
      8,
      Infinity,
      Infinity,
    ]);
  });

  it('are tried whole again when the admin has cleared what was learned', async () => {
    const limits = new BatchLimits();
    await limitOf(limits).learn(8, { sentence: null });
    const said = [null, learnedNow(8), learnedNow(4, 'other'), null];
    const texts = said.map((embeddingBatchLearned) => limitOf(limits, { embeddingBatchLearned }).texts);
    expect(texts).toEqual([8, 8, 8, Infinity]);
  });

  it('teach nothing when one of them was to blame', async () => {
    const limit = limitOf();
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
    await expect(embedInParts(textsOf(8), limitOf(), embed)).rejects.toBe(away);
    expect(calls).toBe(1);
  });
});
