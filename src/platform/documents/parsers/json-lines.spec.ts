import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonLines } from './json-lines.js';

const linesOf = (text: string): string[] => [...jsonLines(text)].map((line) => line.slice(0, -1));

/** The same by JSON.parse and a walk. */
function expected(value: unknown, path: string): string[] {
  const at = (key: string): string => (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
  if (typeof value === 'object' && value !== null) {
    const inner = Array.isArray(value)
      ? value.flatMap((item, index) => expected(item, `${path}[${index}]`))
      : Object.entries(value).flatMap(([key, item]) => expected(item, path + at(key)));
    return inner.length > 0 ? inner : [line(path, Array.isArray(value) ? '[]' : '{}')];
  }
  return [line(path, typeof value === 'string' ? value : JSON.stringify(value))];
}

function line(path: string, value: string): string {
  const shown = path.replace(/^\./, '');
  return shown === '' ? value : `${shown}: ${value}`;
}

describe('jsonLines', () => {
  it('gives every value of any JSON with its path, however it is laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(linesOf(text)).toEqual(expected(JSON.parse(text), ''));
      }),
      { numRuns: 500 },
    );
  });

  it('numbers the texts of JSON lines', () => {
    expect(linesOf('{"a":1}\n\n{"a":2}\n')).toEqual(['[0].a: 1', '[1].a: 2']);
  });

  it('keeps numbers as they are written', () => {
    expect(linesOf('[1.10, 12345678901234567890, -0, 1E5]')).toEqual([
      '[0]: 1.10',
      '[1]: 12345678901234567890',
      '[2]: -0',
      '[3]: 1E5',
    ]);
  });

  it.each(['{', '{"a":}', '{"a" 1}', '{a:1}', '"a', '"a\n"', '[1 2]', 'nul', '[1}', '-', '[,1]'])('refuses %s', (text) => {
    expect(() => linesOf(text)).toThrow('damaged');
  });

  it('reads what many programs write although it is no JSON', () => {
    expect(linesOf('// prices\n[{"price": NaN, "most": -Infinity,}, /* none */ 2,]')).toEqual([
      '[0].price: NaN',
      '[0].most: -Infinity',
      '[1]: 2',
    ]);
    expect(linesOf('{"a": NaN}\n{"a": 2,}\n')).toEqual(['[0].a: NaN', '[1].a: 2']);
  });

  it.each(['{"a":1}\n{"a":2, "b":', '{"a":1}\n{"a":2, "b": "tw', '{"a":1}\n{"a":2, "b": tru', '{"a":1}\n{"a":2, '])(
    'reads what stands before a cut end and says so: %j',
    (text) => {
      expect(linesOf(text)).toEqual(['[0].a: 1', '[1].a: 2', '[1]: (The rest of the file could not be read.)']);
    },
  );

  it('passes over a broken line among others and says so, but not over most of a file', () => {
    expect(linesOf('{"a":1}\n{"a" 2}\n{"a":3}\n')).toEqual(['[0].a: 1', '[1]: (This line could not be read.)', '[2].a: 3']);
    expect(() => linesOf('1\n?\n?\n2\n')).toThrow('damaged');
  });

  it('ends on comments and texts without an end in time that grows with the text alone', () => {
    expect(linesOf(`1\n${'/*\n'.repeat(300_000)}`)).toEqual(['[0]: 1']);
    expect(() => linesOf(`1\n${'"\\"\n'.repeat(300_000)}`)).toThrow('damaged');
    expect(() => linesOf(`1\n${'[\n'.repeat(300_000)}`)).toThrow('damaged');
  });

  it('refuses a nesting that no document has, without crashing', () => {
    expect(() => linesOf('['.repeat(1_000_000))).toThrow('damaged');
  });
});
