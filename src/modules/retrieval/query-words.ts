import { toUSVString } from 'node:util';
import type { AskedWord } from './word-query.js';

/** A word of a question and the weight of its being found. */
export interface WeighedWord extends AskedWord {
  readonly weight: number;
}

/** How many chunks that hold any of the words are ranked, about. */
export const mostRanked = 2_000;

const longestQuestion = 2_000;

/** A question as the database can take it: without NUL and halves of characters, its first 2,000 characters. */
export function questionText(query: string): string {
  return toUSVString(query.slice(0, longestQuestion).replaceAll('\0', ' ')).trim();
}

/**
 * The question as `websearch_to_tsquery` is asked it, for passages of older releases. A minus counts only right before a word: a row of them is a line, and
 * Postgres fails on more than it can stack.
 */
export function webSearchText(question: string): string {
  return question.replace(/-{2,}|-(?![\p{L}\p{N}"])/gu, ' ');
}

/**
 * The words by which to look when no chunk holds them all: the rarest first, as many as together stand in few enough chunks
 * to rank them all, the rarest in any case. A rare word weighs more than a common one. `counts[i]` is the number of chunks
 * with `words[i]`; words that stand nowhere are left out.
 */
export function chooseWords(words: readonly AskedWord[], counts: readonly number[]): WeighedWord[] {
  const known = words
    .map((word, index) => ({ word, count: counts[index] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count);
  const commonest = known.at(-1)?.count ?? 0;
  const chosen: WeighedWord[] = [];
  let ranked = 0;
  for (const { word, count } of known) {
    ranked += count;
    if (chosen.length > 0 && ranked > mostRanked) break;
    chosen.push({ ...word, weight: Math.log(1 + commonest / count) });
  }
  return chosen;
}
