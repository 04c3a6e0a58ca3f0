import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, jsonObject, jsonValue, printSpaced } from '../../../../test/support/json-arbitraries.js';
import { readBody } from './json-body.js';
import { spliceBody, type Edit } from './json-edit.js';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function edited(text: string, edits: readonly Edit[]): string {
  const { bytes, scan } = readBody(Buffer.from(text));
  return spliceBody(bytes, scan, edits).toString();
}

type Plan = {
  readonly key: string;
  readonly op: 'set' | 'remove' | 'prepend';
  readonly value: unknown;
  readonly items: readonly unknown[];
};

const names = ['model', 'messages', 'stream', 'user', 'é'];
const plan: fc.Arbitrary<Plan> = fc.record({
  key: fc.constantFrom(...names),
  op: fc.constantFrom('set', 'remove', 'prepend'),
  value: jsonValue,
  items: fc.array(jsonValue, { maxLength: 2 }),
});

function applySlowly(object: Record<string, unknown>, plans: readonly Plan[]): Record<string, unknown> {
  const result = { ...object };
  for (const { key, op, value, items } of plans) {
    if (op === 'remove') delete result[key];
    else if (op === 'set') result[key] = value;
    else result[key] = [...items, ...(result[key] as unknown[])];
  }
  return result;
}

function toEdit({ key, op, value, items }: Plan): Edit {
  if (op === 'remove') return { op, key };
  if (op === 'set') return { op, key, value: json(value) };
  return { op, key, items: Buffer.from(items.map((item) => JSON.stringify(item)).join(',')) };
}

describe('spliceBody', () => {
  it('gives the object that parsing and editing gives, for any object, blanks and edits', () => {
    fc.assert(
      fc.property(
        jsonObject(names),
        choices,
        fc.uniqueArray(plan, { selector: ({ key }) => key, maxLength: 5 }),
        (object, draws, plans) => {
          const possible = plans.filter(({ op, key }) => op !== 'prepend' || Array.isArray(object[key]));
          const { bytes, scan } = readBody(Buffer.from(printSpaced(object, draws)));
          const result = spliceBody(bytes, scan, possible.map(toEdit));
          const expected = applySlowly(object, possible);
          expect(JSON.parse(result.toString())).toEqual(expected);
          expect(Object.keys(JSON.parse(result.toString()) as object).sort()).toEqual(Object.keys(expected).sort());
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps every byte that no edit names', () => {
    const text = '{ "model" : "a" ,\n "seed":12345678901234567890, "x":[ 1.0 ] , "last": 1e2 }';
    expect(edited(text, [{ op: 'set', key: 'model', value: json('b') }])).toBe(text.replace('"a"', '"b"'));
    expect(edited(text, [{ op: 'remove', key: 'seed' }])).toBe('{ "model" : "a", "x":[ 1.0 ] , "last": 1e2 }');
    expect(edited(text, [{ op: 'prepend', key: 'x', items: json(7) }])).toBe(text.replace('[ 1.0', '[7, 1.0'));
    expect(edited(text, [{ op: 'set', key: 'new', value: json(1) }])).toBe(text.replace('1e2', '1e2,"new":1'));
  });

  it('removes members at any position with their comma', () => {
    const remove = (...keys: string[]): string =>
      edited(
        '{"a":1, "b":2, "c":3}',
        keys.map((key) => ({ op: 'remove', key })),
      );
    expect(remove('a')).toBe('{"b":2, "c":3}');
    expect(remove('b')).toBe('{"a":1, "c":3}');
    expect(remove('c')).toBe('{"a":1, "b":2}');
    expect(remove('a', 'b')).toBe('{"c":3}');
    expect(remove('b', 'c')).toBe('{"a":1}');
    expect(remove('a', 'c')).toBe('{"b":2}');
    expect(remove('a', 'b', 'c')).toBe('{}');
    expect(
      edited('{"a":1}', [
        { op: 'remove', key: 'a' },
        { op: 'set', key: 'b', value: json(2) },
      ]),
    ).toBe('{"b":2}');
    expect(
      edited('{}', [
        { op: 'set', key: 'b', value: json(2) },
        { op: 'set', key: 'c', value: json(3) },
      ]),
    ).toBe('{"b":2,"c":3}');
  });

  it('returns the given bytes when nothing changes', () => {
    const { bytes, scan } = readBody(Buffer.from('{"a":1}'));
    expect(spliceBody(bytes, scan, [])).toBe(bytes);
    expect(spliceBody(bytes, scan, [{ op: 'remove', key: 'b' }])).toBe(bytes);
  });

  it('blames the member that should be an array', () => {
    const item: Edit = { op: 'prepend', key: 'messages', items: json({ role: 'system' }) };
    expect(() => edited('{"messages":"hi"}', [item])).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'messages' }),
    );
    expect(() => edited('{"a":1}', [item])).toThrow(
      expect.objectContaining({ code: 'missing_required_parameter', param: 'messages' }),
    );
    expect(edited('{"messages":[ ]}', [item])).toBe('{"messages":[{"role":"system"} ]}');
  });

  it('refuses two edits of one member, of which one would be lost', () => {
    const edit: Edit = { op: 'remove', key: 'a' };
    expect(() => edited('{"a":1}', [edit, { op: 'set', key: 'b', value: json(1) }, { ...edit }])).toThrow('two edits');
  });
});
