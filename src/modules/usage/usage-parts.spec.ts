import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spansOf } from './usage-parts.js';

const unitMs = 3_600_000;
const anyMoment = fc.option(
  fc.oneof(
    fc.integer({ min: 0, max: 10 }).map((units) => units * unitMs),
    fc.integer({ min: 0, max: 10 * unitMs }),
  ),
  { nil: undefined },
);
const holds = (span: { sinceMs?: number | undefined; untilMs?: number | undefined }, atMs: number) =>
  atMs >= (span.sinceMs ?? -Infinity) && atMs < (span.untilMs ?? Infinity);

describe('the spans of a filter', () => {
  it('hold each moment of the filter once and no other, in whole units but for less than two', () => {
    const moments = fc.array(fc.integer({ min: -unitMs, max: 11 * unitMs }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyMoment, anyMoment, moments, (sinceMs, untilMs, some) => {
        const { whole, rest } = spansOf({ sinceMs, untilMs }, unitMs);
        const spans = whole === undefined ? rest : [whole, ...rest];
        for (const atMs of [...some, ...(sinceMs === undefined ? [] : [sinceMs]), ...(untilMs === undefined ? [] : [untilMs])]) {
          expect(spans.filter((span) => holds(span, atMs))).toHaveLength(holds({ sinceMs, untilMs }, atMs) ? 1 : 0);
        }
        expect([(whole?.sinceMs ?? 0) % unitMs, (whole?.untilMs ?? 0) % unitMs]).toEqual([0, 0]);
        for (const span of rest) expect((span.untilMs ?? Infinity) - (span.sinceMs ?? -Infinity)).toBeLessThan(2 * unitMs);
      }),
    );
  });
});
