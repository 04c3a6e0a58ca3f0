import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answeredAlready, answerSize, tokensToReserve, unlimited } from './call-size.js';

const anyNumber = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -10, max: 10_000 }));

describe('the tokens that a call reserves', () => {
  it('are a whole number from one up, whatever the request says of its answers', () => {
    fc.assert(
      fc.property(fc.option(anyNumber), fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1 }), (said, answers, most) => {
        const units = tokensToReserve(
          10,
          { ...answerSize(said, answers, 4_096), bytes: 40, limits: [], isCounted: true, isAnswered: false },
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

  it('are those of the prompt and the answer, within the limit', () => {
    const size = { ...unlimited, output: 100, isOutputAsked: false };
    expect([tokensToReserve(20, size, 1_000), tokensToReserve(20, size, 120), tokensToReserve(20, size, 50)]).toEqual([
      120, 120, 50,
    ]);
    expect([tokensToReserve(0, unlimited, 1_000), tokensToReserve(0, unlimited, 0)]).toEqual([1, 1]);
  });

  it('are more than the limit where the request itself asks for more, and only there', () => {
    const reserved = (output: number, isOutputAsked: boolean) =>
      tokensToReserve(20, { ...unlimited, output, isOutputAsked }, 100);
    expect([reserved(101, true), reserved(100, true), reserved(101, false)]).toEqual([101, 100, 100]);
  });

  it('of an answer of no length are none', () => {
    expect(answerSize(0, 3, 4_096)).toEqual({ output: 0, isOutputAsked: true });
    expect(answerSize(1.5, 1, 4_096)).toEqual({ output: 2, isOutputAsked: true });
  });

  it('are none of what is not limited, and can only be booked where the provider has answered', () => {
    expect(unlimited).toEqual({ bytes: 0, output: 0, isOutputAsked: false, limits: [], isCounted: true, isAnswered: false });
    expect(answeredAlready).toEqual({ ...unlimited, isAnswered: true });
  });
});
