import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callMark } from './call-mark.js';
import type { CallOrigin, ToolCall } from './tool-call.js';

const origin: CallOrigin = { tenantId: 'ten_a', keyId: 'key_a', connectionId: 'con_a', model: 'm' };
const call: ToolCall = { id: 'call_1', name: 'find', input: '{"city":"Rome","days":1.0}' };

/** JSON as a client may print it anew: its members in another order, with blanks between them. */
function reprinted(value: unknown): string {
  if (Array.isArray(value)) return `[ ${value.map(reprinted).join(' , ')} ]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).reverse();
  return `{ ${members.map(([name, member]) => `${JSON.stringify(name)} : ${reprinted(member)}`).join(' , ')} }`;
}

describe('the mark of a call', () => {
  it('is the same however a client prints the arguments', () => {
    const inputs = fc.dictionary(fc.string(), fc.jsonValue());
    const isSame = fc.property(inputs, (input) => {
      const [one, other] = [JSON.stringify(input), reprinted(input)].map((text) => callMark(origin, { ...call, input: text }));
      expect(one).toBe(other);
    });
    fc.assert(isSame);
    expect(callMark(origin, { ...call, input: '{"days":1,"city":"Rome"}' })).toBe(callMark(origin, call));
    expect(callMark(origin, { ...call, input: '' })).toBe(callMark(origin, { ...call, input: '{}' }));
  });

  it('is another for another call, key, connection and model', () => {
    const others = [
      callMark(origin, call),
      callMark(origin, { ...call, id: 'call_2' }),
      callMark(origin, { ...call, name: 'look' }),
      callMark(origin, { ...call, input: '{"city":"Roma","days":1}' }),
      callMark({ ...origin, keyId: 'key_b' }, call),
      callMark({ ...origin, connectionId: 'con_b' }, call),
      callMark({ ...origin, model: 'n' }, call),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('tells texts apart that are no JSON, and inputs without end', () => {
    const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    const inputs = ['a text', 'a  text', '{"cut', deep(100_000), deep(100_001), `[${'1,'.repeat(50_000)}1]`];
    expect(new Set(inputs.map((input) => callMark(origin, { ...call, input }))).size).toBe(inputs.length);
  });
});
