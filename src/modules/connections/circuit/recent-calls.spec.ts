import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentCalls, recentMs, stepMs } from './recent-calls.js';

describe('the calls of the last minutes', () => {
  it('are those of the steps of the clock that are not over, however calls and silence follow one another', () => {
    const call = fc.record({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 2 * stepMs }), fc.integer({ min: 0, max: 3 * recentMs })),
      failure: fc.constantFrom(null, null, 'timeout', 'status_500'),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e12 }), fc.array(call, { maxLength: 200 }), (beginMs, calls) => {
        const recent = new RecentCalls();
        let nowMs = beginMs;
        const made: { readonly atMs: number; readonly failure: string | null }[] = [];
        for (const { afterMs, failure } of calls) {
          nowMs += afterMs;
          recent.add(nowMs, failure);
          made.push({ atMs: nowMs, failure });
          const oldest = (Math.floor(nowMs / stepMs) + 1) * stepMs - recentMs;
          const counted = made.filter(({ atMs }) => atMs >= oldest);
          const failed = counted.filter((one) => one.failure !== null);
          const last = failed.at(-1);
          expect(recent.sums(nowMs)).toEqual({
            calls: counted.length,
            failures: failed.length,
            lastFailure: last === undefined ? null : { code: last.failure, atMs: last.atMs },
          });
        }
      }),
    );
  });

  it('are forgotten when nothing comes any more', () => {
    const recent = new RecentCalls();
    recent.add(1_000_000, 'timeout');
    expect(recent.sums(1_000_000 + recentMs - stepMs).calls).toBe(1);
    expect(recent.sums(1_000_000 + recentMs)).toEqual({ calls: 0, failures: 0, lastFailure: null });
  });

  it('of a clock that is set back count again from there', () => {
    const recent = new RecentCalls();
    recent.add(2_000_000, 'timeout');
    recent.add(1_000_000, null);
    expect(recent.sums(1_000_000)).toEqual({ calls: 1, failures: 0, lastFailure: null });
  });
});
