import type { RE2JS, RE2Set } from 're2js';
import { Breather } from '../../../kernel/breather.js';
import { linearPattern, linearPatterns } from '../../../kernel/linear-pattern.js';
import type { Steps } from '../../../kernel/steps.js';
import type { TextSpan } from './readable-text.js';

/** A pattern of a tenant, and what becomes of its matches. */
export interface DataPattern {
  /** The label in its placeholders. */
  readonly name: string;
  readonly pattern: string;
  readonly action: 'mask' | 'block';
}

/** A match at its place in a text. */
export interface FoundPattern extends TextSpan {
  readonly pattern: DataPattern;
}

/** A match is shorter than this. What a pattern would match beyond is not there. */
export const longestMatch = 200;

/** Between two steps so many characters are looked at for all patterns. */
const lookedAtOnce = 256;
/**
 * What the automaton of all patterns may remember, in bytes. What it cannot remember is found at some more cost; to fill it costs
 * most.
 */
const automatonBytes = 128 * 1024;
/** What stands before a match tells whether a word or a line begins: one character, of two units. */
const before = 2;

/**
 * Finds the matches of a tenant's patterns. Of each the leftmost are found, one behind the other. A match and what it depends
 * on lie within 200 characters from its beginning: so matches are the same however a text is cut.
 */
export class PatternFinder {
  private constructor(
    private readonly patterns: readonly DataPattern[],
    private readonly compiled: readonly RE2JS[],
    private readonly all: RE2Set,
  ) {}

  /** Compiles patterns, with pauses. @throws Error for one that is none. */
  static async of(patterns: readonly DataPattern[]): Promise<PatternFinder> {
    const breather = new Breather();
    const compiled: RE2JS[] = [];
    for (const { pattern } of patterns) {
      compiled.push(linearPattern(pattern));
      await breather.pause();
    }
    const together = patterns.map(({ pattern }) => pattern);
    return new PatternFinder(patterns, compiled, linearPatterns(together, automatonBytes));
  }

  /**
   * The matches from a place on, by the order of the patterns, in steps: each is short, whatever the text and the patterns are. A
   * match that begins in the last 200 characters of a text that goes on may be another one when more has come.
   */
  *find(text: string, from: number): Steps<FoundPattern[]> {
    const found: FoundPattern[] = [];
    const free = this.patterns.map(() => from);
    for (let start = from; start < text.length; start += lookedAtOnce) {
      const end = Math.min(text.length, start + lookedAtOnce);
      const seen = this.all.match(text.slice(Math.max(0, start - before), end + longestMatch + before));
      yield;
      for (const which of seen) free[which] = yield* this.findOne(which, text, Math.max(start, free[which] ?? start), end, found);
    }
    return found;
  }

  /** Finds the matches of one pattern that begin from `from` on, before `end`. @returns where the next may begin. */
  private *findOne(which: number, text: string, from: number, end: number, found: FoundPattern[]): Steps<number> {
    const [pattern, compiled] = [this.patterns[which], this.compiled[which]];
    if (pattern === undefined || compiled === undefined) return from;
    let at = from;
    while (at < end) {
      if (isWithinCharacter(text, at)) {
        at += 1;
        continue;
      }
      const limit = at + 2 * longestMatch;
      const next = matchFrom(compiled, text, at, limit);
      yield;
      // Nothing begins so far before the end of what was looked at.
      const certain = limit >= text.length ? text.length : limit - longestMatch;
      if (next === undefined || next.start >= Math.min(certain + 1, end)) {
        at = Math.min(certain + 1, end);
        continue;
      }
      const match = matchFrom(compiled, text, next.start, next.start + longestMatch);
      yield;
      const isWhole = match?.start === next.start && match.end > match.start && match.end - match.start < longestMatch;
      if (isWhole) found.push({ pattern, start: match.start, end: match.end });
      at = isWhole ? match.end : next.start + widthAt(text, next.start);
    }
    return at;
  }
}

/** The leftmost match from `at` on in the text up to `limit`. */
function matchFrom(pattern: RE2JS, text: string, at: number, limit: number): TextSpan | undefined {
  const base = Math.max(0, at - before);
  const matcher = pattern.matcher(text.slice(base, limit));
  return matcher.find(at - base) ? { start: base + matcher.start(), end: base + matcher.end() } : undefined;
}

function isWithinCharacter(text: string, at: number): boolean {
  return at > 0 && widthAt(text, at - 1) === 2;
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
