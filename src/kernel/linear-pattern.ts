import { createRequire } from 'node:module';
import type { RE2JS, RE2Set } from 're2js';

/** How large a pattern may be: the work that a character takes at the worst grows with this. */
const mostInstructions = 256;
/** An instruction with a Unicode class takes as much work as so many others. */
const unicodeWeight = 4;
/** Larger ones are not compiled to be measured. */
const mostMeasured = 20_000;
/** Each such class is a table of hundreds of ranges. */
const mostUnicodeClasses = 8;

/** A pattern that may be used, by its size: its instructions, weighed. Or why it may not. */
export type MeasuredPattern = { readonly size: number; readonly fault?: undefined } | { readonly fault: string };

/**
 * A pattern in the syntax of RE2: its matching takes time that grows with the text alone.
 * @throws Error for what is none.
 */
export function linearPattern(pattern: string): RE2JS {
  return engine().RE2JS.compile(pattern);
}

/** Looks for several patterns at once. @param maxBytes what it may remember. */
export function linearPatterns(patterns: readonly string[], maxBytes: number): RE2Set {
  const { RE2Set: Together } = engine();
  const all = new Together(Together.UNANCHORED, 0, maxBytes);
  for (const pattern of patterns) all.add(pattern);
  all.compile();
  return all;
}

let loaded: typeof import('re2js') | undefined;

/** The engine, loaded with the first pattern: a schema has to know at once whether a pattern is one. */
function engine(): typeof import('re2js') {
  return (loaded ??= createRequire(import.meta.url)('re2js') as typeof import('re2js'));
}

/** Looks whether a pattern may be used. It takes some milliseconds at the most. */
export function measurePattern(pattern: string): MeasuredPattern {
  if (sizeAtMost(pattern) > mostMeasured) return tooLarge;
  const unicodeClasses = (pattern.match(/\\p/gi) ?? []).length;
  if (unicodeClasses > mostUnicodeClasses) return { fault: 'it has too many Unicode classes' };
  let size: number;
  try {
    size = linearPattern(pattern).programSize() * (unicodeClasses > 0 ? unicodeWeight : 1);
  } catch (error) {
    if (error instanceof engine().RE2JSException) return { fault: error.message.replace(/^error parsing regexp: /, '') };
    throw error;
  }
  if (size > mostInstructions) return tooLarge;
  return matchesNothing(pattern) ? { fault: 'it can match an empty text' } : { size };
}

const tooLarge = { fault: 'it is too large: repeat fewer times, or less' } as const;

/**
 * A limit of the compiled size, without compiling: each repetition of a group may stand around all others, and those of single
 * characters beside each other.
 */
function sizeAtMost(pattern: string): number {
  let single = pattern.length;
  let groups = 1;
  for (const { 1: before, 2: least, 3: most } of pattern.matchAll(/(.)\{(\d+)(?:,(\d*))?\}/gsu)) {
    const times = Math.max(1, Number(least), Number(most ?? 0));
    // Behind `E` a quotation may have ended that had nothing in it.
    if (before === ')' || before === 'E') groups *= times;
    else single += times;
  }
  return single * groups;
}

/** One of each sort that assertions tell apart. */
const neighbour = '[\\na-]';
const neighbours = ['\n', 'a', '-'];

/** True where the pattern can match between two characters, or beside the end of a text, and take none. */
function matchesNothing(pattern: string): boolean {
  const both = neighbours.flatMap((before) => neighbours.map((after) => before + after));
  return (
    isAny(`\\A(?:${pattern})\\z`, ['']) ||
    isAny(`\\A${neighbour}(?:${pattern})\\z`, neighbours) ||
    isAny(`\\A(?:${pattern})${neighbour}\\z`, neighbours) ||
    isAny(`\\A${neighbour}(?:${pattern})${neighbour}\\z`, both)
  );
}

function isAny(pattern: string, texts: readonly string[]): boolean {
  const compiled = linearPattern(pattern);
  return texts.some((text) => compiled.test(text));
}
