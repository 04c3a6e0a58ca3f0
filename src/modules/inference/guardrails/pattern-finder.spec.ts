import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { atOnce } from '../../../kernel/steps.js';
import { measurePattern } from '../../../kernel/linear-pattern.js';
import { PatternFinder, longestMatch } from './pattern-finder.js';

async function finderOf(...patterns: string[]): Promise<PatternFinder> {
  return PatternFinder.of(patterns.map((pattern, at) => ({ name: `P${at}`, pattern, action: 'mask' })));
}

async function found(pattern: string, text: string): Promise<(readonly [number, number])[]> {
  return atOnce((await finderOf(pattern)).find(text, 0)).map(({ start, end }) => [start, end]);
}

/** What JavaScript finds: it takes the same first way through alternatives. */
function expected(pattern: string, text: string): (readonly [number, number])[] {
  return [...text.matchAll(new RegExp(pattern, 'gu'))].map(({ 0: match, index }) => [index, index + match.length]);
}

/** True where the match is the same one when the text ends as far behind its beginning as a match may reach. */
function isLocal(pattern: string, text: string, [start, end]: readonly [number, number]): boolean {
  const expression = new RegExp(pattern, 'uy');
  expression.lastIndex = start;
  return expression.exec(text.slice(0, start + longestMatch))?.[0].length === end - start;
}

const atoms = fc.constantFrom('a', 'b', '1', '-', '[ab]', '[^a]', '\\d', '\\w', '.', '😀', 'é', '\\b', '\\B', '^', '$');
const { pattern: patterns } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc.oneof(
    fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `(?:${one}|${other})`),
  ),
  part: fc.oneof(
    { maxDepth: 2 },
    atoms,
    fc
      .tuple(
        fc.constantFrom('a', 'b', '[ab1]', '\\d', '.', '😀'),
        fc.constantFrom('*', '+', '?', '*?', '+?', '{2}', '{1,3}', '{2,}?'),
      )
      .map((both) => both.join('')),
    // What matches nothing is repeated in another way by each.
    fc
      .tuple(tie('pattern'), fc.constantFrom('+', '?', '{2}'))
      .map(([one, times]) => `(?:${one})${measurePattern(one).fault === undefined ? times : ''}`),
  ),
}));
/** Patterns on which JavaScript is quick in long texts too: at most one part of them has no bound. */
const bounded = fc.array(
  fc.oneof(
    atoms,
    fc.tuple(fc.constantFrom('a', '[ab1]', '\\d', '.', '😀'), fc.constantFrom('?', '{2}', '{1,3}')).map((both) => both.join('')),
  ),
  { maxLength: 3 },
);
const unbounded = fc
  .tuple(fc.constantFrom('a', 'b', '[ab1]', '\\d', '.', '😀'), fc.constantFrom('*', '+', '*?', '+?', '{2,}?'))
  .map((both) => both.join(''));
const quickPatterns = fc
  .tuple(bounded, fc.option(unbounded, { nil: '' }), bounded)
  .map(([before, part, behind]) => [...before, part, ...behind].join(''))
  .filter((pattern) => measurePattern(pattern).fault === undefined);

const texts = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-', ' ', '\n', '😀', 'é'), maxLength: 30 });
const usable = patterns.filter((pattern) => measurePattern(pattern).fault === undefined);

describe('patterns', () => {
  it('match what regular expressions of JavaScript match', async () => {
    await fc.assert(
      fc.asyncProperty(usable, texts, async (pattern, text) => {
        expect(await found(pattern, text)).toEqual(expected(pattern, text));
      }),
      { numRuns: 400 },
    );
  });

  it('match in long texts what they match in short ones', async () => {
    const unit = fc.tuple(texts, fc.constantFrom(1, 10, 60));
    await fc.assert(
      fc.asyncProperty(quickPatterns, fc.array(unit, { maxLength: 3 }), async (pattern, units) => {
        const text = units.map(([one, times]) => one.repeat(times)).join('-');
        const long = expected(pattern, text);
        // Where they look further than they may match, they match otherwise.
        fc.pre(long.every((span) => span[1] - span[0] < longestMatch && isLocal(pattern, text, span)));
        expect(await found(pattern, text)).toEqual(long);
      }),
      { numRuns: 200 },
    );
  });

  it('match nothing that is as long as a match may not be', async () => {
    expect(await found('a+', 'a'.repeat(longestMatch - 1))).toEqual([[0, longestMatch - 1]]);
    expect(await found('ab*c', `a${'b'.repeat(longestMatch)}c`)).toEqual([]);
    expect(await found('x', `${'-'.repeat(5_000)}x`)).toEqual([[5_000, 5_001]]);
  });

  it('are found by their order, each for itself', async () => {
    const finder = await finderOf('b+', 'ab', 'c');
    expect(atOnce(finder.find('abbc', 0)).map(({ pattern, start, end }) => [pattern.name, start, end])).toEqual([
      ['P0', 1, 3],
      ['P1', 0, 2],
      ['P2', 3, 4],
    ]);
    expect(atOnce(finder.find('abbc', 2)).map(({ start }) => start)).toEqual([2, 3]);
  });

  it('look at a long text in many steps', async () => {
    const finder = await finderOf(...Array.from({ length: 16 }, (_, at) => `(?:[ab]*a[ab]{${at + 1}}c|a)`));
    let steps = 0;
    for (const step of finder.find('ab'.repeat(100), 0)) steps += step === undefined ? 1 : 0;
    expect(steps).toBeGreaterThan(16 * 100);
  });
});
