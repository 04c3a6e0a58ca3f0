import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BestHits } from './best-hits.js';
import { Segment } from './segment.js';
import { normalise } from './vector-math.js';

function scores(vectors: readonly (readonly number[])[], query: readonly number[]): Map<number, number> {
  const segment = new Segment({ fileId: 'file-a', ingestionId: '' }, 'v1', query.length, vectors.length);
  vectors.forEach((vector, ordinal) => segment.add(ordinal, Float32Array.from(vector)));
  const direction = Float32Array.from(query);
  normalise(direction, 0, direction.length);
  const best = new BestHits(vectors.length);
  segment.scan(direction, best);
  return new Map(best.list().map(({ ordinal, score }) => [ordinal, score]));
}

function cosine(left: readonly number[], right: readonly number[]): number {
  const product = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return product(left, right) / Math.sqrt(product(left, left) * product(right, right));
}

const component = fc.double({ min: -100, max: 100, noNaN: true }).filter((value) => Math.abs(value) > 1e-3);

describe('a segment', () => {
  it('scores by the cosine, for every number of dimensions', () => {
    const pair = fc.integer({ min: 1, max: 40 }).chain((length) => {
      const vector = fc.array(component, { minLength: length, maxLength: length });
      return fc.tuple(fc.array(vector, { minLength: 1, maxLength: 4 }), vector);
    });
    fc.assert(
      fc.property(pair, ([vectors, query]) => {
        const found = scores(vectors, query);
        vectors.forEach((vector, ordinal) => expect(found.get(ordinal)).toBeCloseTo(cosine(vector, query), 5));
      }),
    );
  });

  it('leaves out vectors without a direction and of another length', () => {
    const found = scores(
      [
        [1, 0],
        [0, 0],
        [1, 0, 0],
        [Infinity, 1],
        [0, 2],
      ],
      [1, 0],
    );
    expect([...found]).toEqual([
      [0, 1],
      [4, 0],
    ]);
  });

  it('answers a query of another length with nothing', () => {
    const segment = new Segment({ fileId: 'file-a', ingestionId: '' }, 'v1', 2, 1);
    segment.add(0, Float32Array.of(1, 1));
    const best = new BestHits(5);
    segment.scan(Float32Array.of(1, 0, 0), best);
    expect(best.list()).toEqual([]);
  });
});
