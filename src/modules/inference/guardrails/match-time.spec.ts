import { describe, expect, it } from '@jest/globals';
import { atOnce, type Steps } from '../../../kernel/steps.js';
import { MatchTime, MatchTimes } from './match-time.js';

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

function timed(most: number) {
  const clock = new Clock();
  const time = new MatchTime(most, () => clock.now);
  const begin = (steps: number, each: number, characters = 0) =>
    time.measured(clock.work(steps, each), characters, () => refusal);
  return { clock, begin, run: (...work: Parameters<typeof begin>) => atOnce(begin(...work)) };
}

describe('the time of matching', () => {
  it('is used up by steps that take more of it together', () => {
    const { run } = timed(100);
    expect(run(10, 5)).toBe('done');
    expect(run(9, 5)).toBe('done');
    expect(() => run(2, 5)).toThrow(refusal);
  });

  it('is used up by all calls together, one of which is refused in its midst', () => {
    const { begin } = timed(100);
    const [one, other] = [begin(50, 10), begin(50, 10)];
    let steps = 0;
    expect(() => {
      for (;;) {
        one.next();
        other.next();
        steps += 2;
      }
    }).toThrow(refusal);
    expect(steps).toBeLessThan(15);
  });

  it('comes back slowly while nothing is matched', () => {
    const { clock, run } = timed(100);
    for (let at = 0; at < 10; at += 1) {
      expect(run(10, 9)).toBe('done');
      clock.now += 900;
    }
    expect(() => run(20, 9)).toThrow(refusal);
  });

  it('is not used up by texts that take what texts usually take, however long', () => {
    const { run } = timed(100);
    for (let at = 0; at < 100; at += 1) expect(run(1_000, 1, 200_000)).toBe('done');
    expect(() => run(1_000, 1, 100)).toThrow(refusal);
  });

  it('is that of one tenant, and the same again for the next call', () => {
    const times = new MatchTimes();
    const own = times.of('a');
    expect(times.of('b')).not.toBe(own);
    expect(times.of('a')).toBe(own);
  });
});
