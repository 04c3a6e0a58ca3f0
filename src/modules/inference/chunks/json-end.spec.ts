import { describe, expect, it } from '@jest/globals';
import { JsonEnd } from './json-end.js';

/** A generator of numbers that is the same in each run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const texts = ['', '"', '\\', '\\"', '{', '}]', 'a "b" {c}', '\n\t', 'é', '😀', '[{"\\'];

function valueOf(roll: (below: number) => number, depth: number): unknown {
  const members = (): unknown[] => Array.from({ length: roll(4) }, () => valueOf(roll, depth - 1));
  switch (depth > 0 ? roll(6) : 2 + roll(4)) {
    case 0:
      return members();
    case 1:
      return Object.fromEntries(members().map((value, at) => [`${texts[roll(texts.length)] ?? ''}${String(at)}`, value]));
    case 2:
      return roll(2000) / 8;
    case 3:
      return roll(2) === 0;
    case 4:
      return null;
    default:
      return texts[roll(texts.length)];
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the end of JSON that arrives in pieces', () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed))('is where JSON.parse finds it, however it is cut (%i)', (seed) => {
    const roll = dice(seed);
    const value = roll(2) === 0 ? [valueOf(roll, 4)] : { a: valueOf(roll, 4) };
    const blanks = [' ', '\n', ''][roll(3)] ?? '';
    const text = blanks + JSON.stringify(value, null, roll(3)) + blanks;
    const end = new JsonEnd();
    for (let at = 0; at < text.length;) {
      const next = Math.min(text.length, at + 1 + roll(7));
      end.take(text.slice(at, next));
      expect(end.complete).toBe(parses(text.slice(0, next)));
      at = next;
    }
    expect(end.complete).toBe(true);
  });

  it.each(['', ' ', '"{}"', '1', '{}{', '{} {}', '[]x', '}', '{"a":"}'])('is not found in %j', (text) => {
    const end = new JsonEnd();
    end.take(text);
    expect(end.complete).toBe(false);
  });

  it('looks at each character once, whatever the pieces are', () => {
    const end = new JsonEnd();
    end.take('[');
    for (let piece = 0; piece < 20_000; piece++) end.take('[]');
    expect(end.complete).toBe(false);
    end.take(']');
    expect(end.complete).toBe(true);
    expect(end.steps).toBe(40_002);
  });
});
