import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, jsonObject, printSpaced } from '../../../../test/support/json-arbitraries.js';
import { scanObject, type ScannedObject, type ScanOptions } from './json-scan.js';

function scan(text: string, options?: ScanOptions): ScannedObject {
  const result = scanObject(Buffer.from(text), options);
  if (!result.ok) throw new Error(result.message);
  return result;
}

function faultOf(text: string, options?: ScanOptions): string {
  const result = scanObject(Buffer.from(text), options);
  return result.ok ? 'no fault' : result.message;
}

/** The text with every string, array and object value of the top level put to null: what the scan vouches for. */
function topLevelOnly(bytes: Buffer, scanned: ScannedObject): string {
  let text = '';
  let from = 0;
  for (const member of scanned.members) {
    if (!['string', 'array', 'object'].includes(member.kind)) continue;
    text += `${bytes.toString('latin1', from, member.valueStart)}null`;
    from = member.valueEnd;
  }
  return text + bytes.toString('latin1', from);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('scanObject', () => {
  it('finds the names, values and kinds that JSON.parse finds, whatever the blanks', () => {
    fc.assert(
      fc.property(jsonObject(['model', '__proto', '']), choices, (object, draws) => {
        const text = printSpaced(object, draws);
        const bytes = Buffer.from(text);
        const { members, hasDuplicateKey } = scan(text);
        const read = members.map(({ key, valueStart, valueEnd }) => [
          key,
          JSON.parse(bytes.toString('utf8', valueStart, valueEnd)),
        ]);
        expect(read).toEqual(Object.entries(object));
        expect(hasDuplicateKey).toBe(false);
        for (const { keyStart, keyEnd, key, kind } of members) {
          expect(JSON.parse(bytes.toString('utf8', keyStart, keyEnd))).toBe(key);
          const value = object[key];
          const name =
            value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? String(value) : typeof value;
          expect(kind).toBe(name);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('accepts every damaged text that is still a JSON object, and vouches for the top level of every text it accepts', () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', '.', 't', ' ')),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(jsonObject(), choices, damage, (object, draws, changes) => {
        let text = printSpaced(object, draws);
        for (const [place, put] of changes) {
          const at = place % (text.length + 1);
          text = text.slice(0, at) + put + text.slice(at + (place % 2));
        }
        const bytes = Buffer.from(text);
        const result = scanObject(bytes);
        if (parses(bytes.toString()) && bytes.toString().trim().startsWith('{')) expect(result).toMatchObject({ ok: true });
        if (result.ok) expect(parses(topLevelOnly(bytes, result))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('tells repeated names, also when one of them is escaped', () => {
    expect(scan('{"model":1,"a":2,"model":3}').hasDuplicateKey).toBe(true);
    const escaped = scan('{"model":1,"m\\u006fdel":3}');
    expect(escaped).toMatchObject({ hasDuplicateKey: true, hasEscapedKey: true });
    expect(escaped.members.map((member) => member.key)).toEqual(['model', 'model']);
    const many = Array.from({ length: 40 }, (_, index) => `"k${index % 39}":0`).join(',');
    expect(scan(`{${many}}`).hasDuplicateKey).toBe(true);
    expect(scan('{"model":{"model":1},"a":{"a":[{"a":1}]}}').hasDuplicateKey).toBe(false);
  });

  it.each([
    ['', 'empty'],
    [' \n', 'empty'],
    ['[1]', 'must be a JSON object'],
    ['"{}"', 'must be a JSON object'],
    ['\ufeff{}', 'byte order mark'],
    ['{} {}', 'something follows'],
    ['{}x', 'something follows'],
    ['{', 'ends too early'],
    ['{"a"', 'colon'],
    ['{"a":', 'value is expected'],
    ['{"a":}', 'value is expected'],
    ['{"a":1', 'ends too early'],
    ['{"a":1,}', 'member name'],
    ["{'a':1}", 'member name'],
    ['{"a" 1}', 'colon'],
    ['{"a":1 "b":2}', 'comma or }'],
    ['{"a":"x}', 'not valid JSON'],
    ['{"a":"x\\"}', 'not valid JSON'],
    ['{"a', 'not closed'],
    ['{"a\nb":1}', 'not a valid string'],
    ['{"a\\x":1}', 'not a valid string'],
    ['{"a":01}', 'not valid JSON'],
    ['{"a":-}', 'not valid JSON'],
    ['{"a":1.}', 'not valid JSON'],
    ['{"a":1e+}', 'not valid JSON'],
    ['{"a":tru}', 'not valid JSON'],
    ['{"a":nullx}', 'comma or }'],
    ['{"a":NaN}', 'value is expected'],
    ['{"a":[1}', 'not valid JSON'],
    ['{"a":[{]}}', 'not valid JSON'],
    ['{"a":[/* " */],"model":"x"}', 'not valid JSON'],
  ])('refuses %j with a sentence', (text, part) => {
    const message = faultOf(text);
    expect(message).toMatch(/^Could not parse your JSON body: .*\(at byte \d+\)\.$/);
    expect(message).toContain(part);
  });

  it('accepts nesting up to the limit and refuses one level more', () => {
    const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(faultOf(nested(256))).toBe('no fault');
    expect(faultOf(nested(257))).toContain('nests deeper than 256 levels');
    expect(faultOf(nested(3), { maxDepth: 3 })).toBe('no fault');
    expect(faultOf(nested(4), { maxDepth: 3 })).toContain('nests deeper');
    expect(faultOf('{"a":'.repeat(100_000))).toContain('nests deeper');
  });

  it.each([
    ['numbers', '1.5e-3, -2', true],
    ['numbers and arrays', '1,[2,[3]]', true],
    ['numbers and texts with brackets in them', '1,"]"', true],
    ['NaN', '1,NaN', false],
    ['Infinity', '1,-Infinity', false],
    ['an array that is not closed', '1,[2', false],
    ['an object that is not closed', '1,{"a":2', false],
  ])('reads a long array of %s like a short one', (_what, end, isJson) => {
    for (const length of [0, 50, 5_000]) {
      const text = `{"a":[${'-0.125,'.repeat(length)}${end}],"b":{"c":[1]}}`;
      expect(faultOf(text) === 'no fault').toBe(isJson);
    }
  });

  it('refuses a flood of members', () => {
    const members = Array.from({ length: 1025 }, (_, index) => `"k${index}":0`);
    expect(faultOf(`{${members.join(',')}}`)).toContain('more than 1024 members');
    expect(faultOf(`{${members.slice(1).join(',')}}`)).toBe('no fault');
  });
});
