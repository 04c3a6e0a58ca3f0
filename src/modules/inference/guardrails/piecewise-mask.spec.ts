import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { personalDataKinds } from '../../../contracts/prompt-policy.js';
import type { ValueKind } from './found-values.js';
import { longestMatch, PatternFinder } from './pattern-finder.js';
import { longestValue } from './personal-data.js';
import { PiecewiseMask } from './piecewise-mask.js';

const values = ['alice@example.com', '+49 30 1234567', 'DE89 3704 0044 0532 0130 00', '4111 1111 1111 1111'];

const nameOf = (kind: ValueKind): string => (typeof kind === 'string' ? kind : kind.name);
const wanted = { data: new Set(personalDataKinds), matches: undefined };

function masked(pieces: readonly string[], hold = longestValue): { text: string; pieces: string[]; hasChanged: boolean } {
  const mask = new PiecewiseMask(wanted, (kinds) => `[${kinds.map(nameOf).join().toUpperCase()}]`, hold);
  const given = [...pieces.map((piece) => mask.push(piece)), mask.end()];
  return { text: given.join(''), pieces: given, hasChanged: mask.hasChanged };
}

const wordings = fc.array(
  fc.oneof(
    fc.constantFrom(...values),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(' ', ', ', '\n', '\\', '\\n', '\\u00e4', '\\/'),
  ),
);

/** The text cut at these places. */
function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, at) => text.slice(from, cuts[at] ?? text.length));
}

describe('masking', () => {
  it('finds what it finds in one piece, however the text is cut', () => {
    fc.assert(
      fc.property(wordings, fc.array(fc.nat()), (parts, places) => {
        const text = parts.join('');
        expect(masked(cutAt(text, places)).text).toBe(masked([text]).text);
      }),
    );
  });

  it('changes nothing of what is masked', () => {
    fc.assert(
      fc.property(wordings, (parts) => {
        const { text } = masked([parts.join(' ')]);
        expect(masked([text])).toMatchObject({ text, hasChanged: false });
      }),
    );
  });

  it('holds back no more than it must', () => {
    const pieces = Array.from({ length: 40 }, () => 'word ');
    const { pieces: given } = masked(pieces, 20);
    given.slice(0, -1).forEach((_piece, at) => {
      const so = given.slice(0, at + 1).join('').length;
      expect(5 * (at + 1) - so).toBeLessThanOrEqual(20);
    });
  });

  it('leaves escapes of a JSON text whole', () => {
    const json = JSON.stringify({ to: 'x\nalice@example.com\t+49 30 1234567"', path: '\\bob@example.com' });
    const { text } = masked([json]);
    expect(JSON.parse(text)).toEqual({ to: 'x\n[EMAIL]\t[PHONE]"', path: '\\[EMAIL]' });
  });

  it.each(['\n', '\t', '\r\n', '"', '\\', '\u0000'])('joins nothing that an escape of a JSON text parts: %j', (between) => {
    const parted = ['4111', '1111', '1111', '1111'].join(between);
    for (const text of [parted, ['01', '23', '45', '67', '89'].join(between), ['DE89', '370400440532013000'].join(between)])
      expect(masked([JSON.stringify({ text })]).hasChanged).toBe(false);
    expect(masked([JSON.stringify(`1${between}${values.join(between)}${between}2`)]).text).toBe(
      JSON.stringify(`1${between}${['[EMAIL]', '[PHONE]', '[IBAN]', '[CARD]'].join(between)}${between}2`),
    );
  });

  it('reads an escaped slash of a JSON text as one', () => {
    expect(masked(['{"call":"0171\\/2345678"}']).text).toBe('{"call":"[PHONE]"}');
  });

  it('splits no character of two units', () => {
    const { pieces } = masked(
      Array.from({ length: 30 }, () => '😀'),
      7,
    );
    for (const piece of pieces) expect(Buffer.from(piece).toString()).toBe(piece);
  });

  describe('with patterns of a tenant', () => {
    const patterns = [
      'EMP-\\d{6}',
      '\\b[A-Z]{2}\\d{3}\\b',
      '(?m)^id.+$',
      'a.*b|a',
      '[ab]+c',
      '(?s)x.{150}',
      '\\d+@|^start|end$',
      'ice@',
    ];
    const parts = fc.oneof(
      { withCrossShrink: true },
      wordings.map((words) => words.join('')),
      fc
        .tuple(fc.constantFrom('a', 'ab', ' ', 'x', '1', '\n', '😀', 'bc'), fc.nat(250))
        .map(([unit, times]) => unit.repeat(times)),
      fc.constantFrom('EMP-123456', 'AB123', '\nid 1', 'start', 'end', '12@', '\\nAB123'),
    );
    const replaced = (pieces: readonly string[], finder: PatternFinder, hold: number): string => {
      const all = { data: wanted.data, matches: (text: string, from: number) => finder.find(text, from) };
      const mask = new PiecewiseMask(all, (kinds, value) => `<${kinds.map(nameOf).join()} ${value}>`, hold);
      return [...pieces.map((piece) => mask.push(piece)), mask.end()].join('');
    };

    it('finds what it finds in one piece, however the text is cut', async () => {
      const finder = await PatternFinder.of(patterns.map((pattern, at) => ({ name: `P${at}`, pattern, action: 'mask' })));
      fc.assert(
        fc.property(
          fc.array(parts, { maxLength: 6 }),
          fc.array(fc.nat(), { maxLength: 6 }),
          fc.boolean(),
          (some, places, isAnswer) => {
            const text = some.join('');
            const hold = isAnswer ? longestMatch : longestValue;
            expect(replaced(cutAt(text, places), finder, hold)).toBe(replaced([text], finder, hold));
          },
        ),
        { numRuns: 300 },
      );
    });

    it('takes what overlaps as one value', async () => {
      const finder = await PatternFinder.of([
        { name: 'ICE', pattern: 'ice@', action: 'mask' },
        { name: 'TAIL', pattern: 'com, \\d+', action: 'mask' },
      ]);
      expect(replaced(['To alice@example.com, 123.'], finder, longestMatch)).toBe('To <email,ICE,TAIL alice@example.com, 123>.');
    });
  });
});
