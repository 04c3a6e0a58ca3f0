import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTraceContext, traceHeadersOf, traceparentOf } from './trace-context.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${spanId}-01`;

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((text) => /[^0]/.test(text));

describe('the context of a trace', () => {
  it('is read from both headers', () => {
    expect(readTraceContext({ traceparent, tracestate: 'rojo=00f067aa0ba902b7, congo@eu=t61rcWkgMzE' })).toEqual({
      traceId,
      spanId,
      isSampled: true,
      state: 'rojo=00f067aa0ba902b7,congo@eu=t61rcWkgMzE',
    });
  });

  it('is written as it was read, whatever it is', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), fc.option(hex(8), { nil: undefined }), (trace, span, isSampled, value) => {
        const context = { traceId: trace, spanId: span, isSampled, state: value === undefined ? undefined : `gt=${value}` };
        const [, parent, , state] = traceHeadersOf(context);
        expect(readTraceContext({ traceparent: parent, tracestate: state })).toEqual(context);
      }),
    );
  });

  it('of a version to come is read as far as this one goes', () => {
    expect(readTraceContext({ traceparent: `cc-${traceId}-${spanId}-03-what-comes` })).toMatchObject({
      traceId,
      isSampled: true,
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['none', {}],
    ['two in one', { traceparent: `${traceparent}, ${traceparent}` }],
    ['of the forbidden version', { traceparent: `ff-${traceId}-${spanId}-01` }],
    ['with more than its version has', { traceparent: `${traceparent}-00` }],
    ['without a trace', { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }],
    ['without a span', { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` }],
    ['in capitals', { traceparent: traceparent.toUpperCase() }],
    ['that is no text', { traceparent: [traceparent] }],
    ['endless', { traceparent: `cc-${traceId}-${spanId}-01-${'x'.repeat(300)}` }],
  ])('is undefined for a traceparent that is %s', (_what, headers) => {
    expect(readTraceContext(headers)).toBeUndefined();
  });

  it.each([
    ['a key without a value', 'rojo'],
    ['a key in capitals', 'Rojo=1'],
    ['one key twice', 'rojo=1,rojo=2'],
    ['a line break in a value', 'rojo=1\r\nx: y'],
    ['letters beyond ASCII', 'rojo=ü'],
    ['33 members', Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(',')],
    ['more than 512 characters', ['a', 'b', 'c'].map((key) => `${key}=${'x'.repeat(180)}`).join(',')],
  ])('is without a tracestate that has %s', (_what, tracestate) => {
    expect(readTraceContext({ traceparent, tracestate })).toMatchObject({ traceId, state: undefined });
  });

  it('never has what could break a header, whatever a client sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tracestate) => {
        const context = readTraceContext({ traceparent, tracestate });
        expect(context?.state ?? '').toMatch(/^[\x20-\x7e]*$/);
      }),
    );
    expect(traceparentOf({ traceId, spanId, isSampled: false, state: undefined })).toBe(`00-${traceId}-${spanId}-00`);
  });
});
