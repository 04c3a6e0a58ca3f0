import { describe, expect, it } from '@jest/globals';
import { atOnce, type Steps } from '../../../kernel/steps.js';
import { MatchTime } from './match-time.js';

const refusal = new Error('too long');

/** A clock that goes on by these milliseconds in each step of work. */
class Clock {
  now = 1_000;

  *work(steps: number, each: number): Steps<string> {
    for (let at = 0; at < steps; at += 1) {
      this.now += each;
      yield;
    }
    return 'done';
  }
}

function timed(most: number): { clock: Clock; run: (steps: number, each: number) => string } {
  const clock = new Clock();
  const time = new MatchTime(
    most,
    () => refusal,
    () => clock.now,
  );
  return { clock, run: (steps, each) => atOnce(time.measured(clock.work(steps, each))) };
}

describe('the time of matching', () => {
  it('is used up by steps that take more of it together', () => {
    const { run } = timed(100);
    expect(run(10, 5)).toBe('done');
    expect(run(10, 5)).toBe('done');
    expect(() => run(1, 5)).toThrow(refusal);
  });

  it('comes back while nothing is matched', () => {
    const { clock, run } = timed(100);
    for (let at = 0; at < 10; at += 1) {
      expect(run(10, 9)).toBe('done');
      clock.now += 180;
    }
    expect(() => run(20, 9)).toThrow(refusal);
  });
});
