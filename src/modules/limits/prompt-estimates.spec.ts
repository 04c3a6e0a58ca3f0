import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PromptEstimates } from './prompt-estimates.js';

describe('the estimate of a prompt', () => {
  it('is a token for four bytes where nothing is known, rounded up', () => {
    const estimates = new PromptEstimates();
    expect([0, 1, 4, 5, 4_000].map((bytes) => estimates.of('a', bytes))).toEqual([0, 1, 1, 2, 1_000]);
  });

  it('moves by a fifth to what each call was reported as, for that name alone', () => {
    const estimates = new PromptEstimates();
    estimates.learn('a', 1_000, 500);
    expect([estimates.of('a', 1_000), estimates.of('b', 1_000)]).toEqual([300, 250]);
    estimates.learn('a', 1_000, 50);
    expect(estimates.of('a', 1_000)).toBe(250);
  });

  it('learns nothing of a call whose length or tokens nobody knows', () => {
    const estimates = new PromptEstimates();
    for (const [bytes, tokens] of [
      [0, 10],
      [10, 0],
      [-1, 10],
      [10, -1],
    ] as const)
      estimates.learn('a', bytes, tokens);
    expect(estimates.of('a', 1_000)).toBe(250);
    estimates.learn('a', 1, 1);
    expect(estimates.of('a', 1_000)).toBe(400);
  });

  it('comes as near as is wanted to what calls are reported as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (tokens) => {
        const estimates = new PromptEstimates();
        for (let call = 0; call < 60; call += 1) estimates.learn('a', 1_000, tokens);
        expect(Math.abs(estimates.of('a', 1_000) - tokens)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is forgotten of the name that was learned longest ago beyond ten thousand', () => {
    const estimates = new PromptEstimates();
    for (const name of ['first', 'second', ...Array.from({ length: 9_998 }, (_, at) => `n${at}`)]) estimates.learn(name, 10, 10);
    estimates.learn('first', 10, 10);
    const known = estimates.of('first', 100);
    expect(estimates.of('second', 100)).toBe(40);
    estimates.learn('new', 10, 10);
    expect([estimates.of('first', 100), estimates.of('second', 100), estimates.of('new', 100)]).toEqual([known, 25, 40]);
  });
});
