import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../kernel/app-error.js';
import { parseInSlices } from './parse-in-slices.js';
import { parseJson } from './parse-input.js';

const json = fc.json({ maxDepth: 4 }).map((text) => `{"a" : ${text},\n "b":[ ],"c":{ }}`);

/** What a parser says: the value, or the code of its refusal. */
async function outcome(parse: () => unknown): Promise<unknown> {
  try {
    return { value: await parse() };
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
}

describe('a body that is parsed in slices', () => {
  it('gives what one that is parsed at once gives, whole or damaged', async () => {
    const damaged = fc.record({ text: json, at: fc.nat(), by: fc.constantFrom('', ',', '"', '}', ']', '1', '\\', ' ') });
    await fc.assert(
      fc.asyncProperty(damaged, async ({ text, at, by }) => {
        const place = at % (text.length + 1);
        for (const each of [text, text.slice(0, place) + by + text.slice(place + 1)]) {
          if (each.includes('\\u0000') || each.includes('__proto__')) continue;
          const bytes = Buffer.from(each);
          expect(await outcome(() => parseInSlices(bytes, 1_000))).toEqual(await outcome(() => parseJson(bytes)));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('lets others go on in between, wherever its values stand', async () => {
    for (const body of [`{"a":[${'{"b":[1]},'.repeat(200_000)}1]}`, `{"a":{"b":2${',"a":1'.repeat(400_000)}}}`]) {
      let others = 0;
      let isOver = false;
      const other = (): void => {
        others += 1;
        if (!isOver) setImmediate(other);
      };
      setImmediate(other);
      await parseInSlices(Buffer.from(body), 1_000_000);
      isOver = true;
      expect(others).toBeGreaterThan(3);
    }
  });

  it.each([
    ['too many values', `{"a":[${'1,'.repeat(20)}1]}`, 'invalid_request'],
    ['a NUL in a text', String.raw`{"a":["\u0000"]}`, 'invalid_value'],
    ['a NUL in a name', String.raw`{"a":{"\u0000":1}}`, 'invalid_value'],
    ['__proto__', '{"a":{"__proto__":1}}', 'invalid_request'],
    ['__proto__ in disguise', String.raw`{"a":{"__pro\u0074o__":1}}`, 'invalid_request'],
    ['deep nesting', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'invalid_request'],
    ['bytes that are not UTF-8', '\xff', 'invalid_request'],
  ])('is refused for %s', async (_what, text, code) => {
    expect(await outcome(() => parseInSlices(Buffer.from(text, 'latin1'), 20))).toBe(code);
  });
});
