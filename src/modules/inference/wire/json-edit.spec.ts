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

  it('gives the same in place, whatever room there is beside the bytes, and touches nothing but that room', () => {
    const sizes = fc.tuple(fc.nat(80), fc.nat(80), fc.constantFrom(0, 40_000));
    fc.assert(
      fc.property(
        jsonObject(names),
        choices,
        fc.uniqueArray(plan, { selector: ({ key }) => key, maxLength: 5 }),
        sizes,
        (object, draws, plans, [front, back, filler]) => {
          const whole = filler === 0 ? object : { ...object, filler: 'x'.repeat(filler) };
          const possible = plans.filter(({ op, key }) => op !== 'prepend' || Array.isArray(object[key]));
          const text = Buffer.from(printSpaced(whole, draws));
          const outer = Buffer.alloc(text.length + front + back + 20, 0x23);
          const room = outer.subarray(10, outer.length - 10);
          text.copy(room, front);
          const { bytes, scan } = readBody(room.subarray(front, front + text.length));
          const unedited = Buffer.from(bytes);
          const result = spliceBody(bytes, scan, possible.map(toEdit), room);
          expect(JSON.parse(result.toString())).toEqual(applySlowly(whole, possible));
          expect(result.equals(spliceBody(unedited, scan, possible.map(toEdit)))).toBe(true);
          expect([outer.subarray(0, 10), outer.subarray(-10)].map(String)).toEqual(['##########', '##########']);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('changes a long body in place where the changes lie close together', () => {
    const room = Buffer.alloc(300_000, 0x20);
    const text = Buffer.from(JSON.stringify({ messages: ['x'.repeat(200_000)], model: 'short', stream: true }));
    text.copy(room, 1000);
    const { bytes, scan } = readBody(room.subarray(1000, 1000 + text.length));
    const result = spliceBody(
      bytes,
      scan,
      [
        { op: 'set', key: 'model', value: json('a-longer-name') },
        { op: 'set', key: 'new', value: json(1) },
      ],
      room,
    );
    expect(result.buffer).toBe(room.buffer);
    expect(Object.keys(JSON.parse(result.toString()) as object)).toEqual(['messages', 'model', 'new', 'stream']);
  });

  it('keeps every byte that no edit names', () => {
    const text = '{ "model" : "a" ,\n "seed":12345678901234567890, "x":[ 1.0 ] , "last": 1e2 }';
    expect(edited(text, [{ op: 'set', key: 'model', value: json('b') }])).toBe(text.replace('"a"', '"b"'));
    expect(edited(text, [{ op: 'remove', key: 'seed' }])).toBe('{ "model" : "a", "x":[ 1.0 ] , "last": 1e2 }');
    expect(edited(text, [{ op: 'prepend', key: 'x', items: json(7) }])).toBe(text.replace('[ 1.0', '[7, 1.0'));
    expect(edited(text, [{ op: 'set', key: 'new', value: json(1) }])).toBe(text.replace('1e2', '1e2,"new":1'));
    expect(
      edited(text, [
        { op: 'set', key: 'new', value: json(1) },
        { op: 'set', key: 'model', value: json('b') },
      ]),
    ).toBe(text.replace('"a"', '"b","new":1'));
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
