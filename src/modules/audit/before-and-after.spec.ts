import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { auditedFields, beforeAndAfter } from './before-and-after.js';

describe('what the audit says of a change', () => {
  it('has listed columns alone, in the words of the admin plane', () => {
    const record = { id: 'k', rawModels: ['m'], expiresAt: new Date(1_000), hash: 'secret' };
    expect(auditedFields(record, ['rawModels', 'expiresAt'])).toEqual({ raw_models: ['m'], expires_at: 1 });
  });

  it('names what differs, as it was and as it is', () => {
    const before = { name: 'a', limits: { x: 1, y: 2 }, gone: true };
    const after = { name: 'a', limits: { y: 2, x: 3 }, come: [] };
    expect(beforeAndAfter(before, after)).toEqual({
      before: { limits: { x: 1, y: 2 }, gone: true, come: null },
      changes: { limits: { y: 2, x: 3 }, gone: null, come: [] },
    });
  });

  it('names a secret that is replaced, and not what only JSON cannot tell apart', () => {
    const auth = { secret: 'set' };
    expect(beforeAndAfter({ auth }, { auth }, ['auth'])).toEqual({ before: { auth }, changes: { auth } });
    expect(beforeAndAfter({ a: { b: undefined } }, { a: {} })).toEqual({ before: {}, changes: {} });
  });

  it('gives the old object back when it is put over the new one', () => {
    const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.jsonValue());
    fc.assert(
      fc.property(fields, fields, (old, now) => {
        const { before, changes } = beforeAndAfter(old, now);
        expect(Object.keys(before)).toEqual(Object.keys(changes));
        const nulls = { a: null, b: null, c: null, d: null };
        const stored = (value: object): unknown => JSON.parse(JSON.stringify({ ...nulls, ...value }));
        expect(stored({ ...now, ...before })).toEqual(stored(old));
        expect(stored({ ...old, ...changes })).toEqual(stored(now));
      }),
    );
  });
});
