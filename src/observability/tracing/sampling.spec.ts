import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sampling } from './sampling.js';
import type { TraceContext } from './trace-context.js';

const sampling = (sampler: string, ratio = 0.5, trusts = false): Sampling =>
  new Sampling({
    OTEL_TRACES_SAMPLER: sampler as 'always_on',
    OTEL_TRACES_SAMPLER_ARG: ratio,
    GT_TRACE_TRUST_CALLERS: trusts,
  });

const digits = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));
const caller = fc.record<TraceContext>({
  traceId: digits(32),
  spanId: digits(16),
  isSampled: fc.boolean(),
  state: fc.constant(undefined),
});

const low = '0'.repeat(31) + '1';
const high = `${'0'.repeat(24)}${'f'.repeat(8)}`;
const from = (traceId: string, isSampled: boolean): TraceContext => ({
  traceId,
  spanId: '1'.repeat(16),
  isSampled,
  state: undefined,
});

describe('sampling', () => {
  it.each([
    ['always_on', true, true],
    ['always_off', false, false],
    ['traceidratio', true, false],
    ['parentbased_always_on', true, true],
    ['parentbased_always_off', false, false],
    ['parentbased_traceidratio', true, false],
  ])('%s decides by the trace id alone for traces that begin here', (name, ofLow, ofHigh) => {
    expect([sampling(name).ofRoot(low), sampling(name).ofRoot(high)]).toEqual([ofLow, ofHigh]);
  });

  it('never records more for a caller who is not trusted than for one who has no trace', () => {
    fc.assert(
      fc.property(caller, digits(32), fc.constantFrom('traceidratio', 'parentbased_traceidratio'), (given, fresh, name) => {
        if (!sampling(name).ofRoot(fresh)) expect(sampling(name).ofCaller(given, fresh)).toBe(false);
      }),
    );
  });

  it('records nothing of a trace that its caller does not record, where the sampler follows parents', () => {
    fc.assert(
      fc.property(caller, digits(32), fc.boolean(), (given, fresh, trusts) => {
        expect(sampling('parentbased_always_on', 1, trusts).ofCaller({ ...given, isSampled: false }, fresh)).toBe(false);
      }),
    );
  });

  it('does what a trusted caller says, where the sampler follows parents, and else goes by the id of its trace', () => {
    expect(sampling('parentbased_always_off', 0, true).ofCaller(from(high, true), high)).toBe(true);
    const byId = sampling('traceidratio', 0.5, true);
    expect([byId.ofCaller(from(low, false), high), byId.ofCaller(from(high, true), low)]).toEqual([true, false]);
  });
});
