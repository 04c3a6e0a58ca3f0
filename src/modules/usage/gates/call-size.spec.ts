import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerSize, tokensToReserve } from './call-size.js';

const anyNumber = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -10, max: 10_000 }));

describe('the tokens that a call reserves', () => {
  it('are a whole number from one up, whatever the request says of its answers', () => {
    fc.assert(
      fc.property(fc.option(anyNumber), fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1 }), (said, answers, most) => {
        const units = tokensToReserve(
          10,
          { ...answerSize(said, answers, 4_096), bytes: 40, limits: [], isAnswered: false },
          most,
        );
        expect(units).toBeGreaterThanOrEqual(1);
        expect(units === Infinity || Number.isInteger(units)).toBe(true);
      }),
    );
  });

  it('are those of all its answers', () => {
    expect(answerSize(100, 3, 4_096)).toEqual({ output: 300, isOutputAsked: true });
    expect(answerSize(null, 3, 4_096)).toEqual({ output: 12_288, isOutputAsked: false });
    expect(answerSize(undefined, 1, 4_096)).toEqual({ output: 0, isOutputAsked: false });
  });

  it('are guessed where a length below zero is asked for', () => {
    expect(answerSize(-1, 1, 4_096)).toEqual({ output: 4_096, isOutputAsked: false });
  });
});
