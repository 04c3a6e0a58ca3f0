import { detached } from '../../kernel/detached.js';
import { foldWord } from './fold-word.js';

/** One word of a text: as it is written, in small letters, and as it is found. */
export interface Word {
  readonly exact: string;
  readonly folded: string;
}

/** What stands between two blanks and belongs together: one word, or several joined by signs, as `report.pdf`. */
export interface Token {
  /** In their order, at least one. */
  readonly words: readonly Word[];
  /** The whole of several words with the signs between them; undefined for one word, and for what is too long. */
  readonly compound: string | undefined;
  /** The words without their hyphens, where only hyphens join them and all are of letters: `email` of `e-mail`. */
  readonly joined: string | undefined;
}

const longestWord = 500;
const longestCompound = 128;
const mostJoined = 4;
const longestUnspaced = 1_000;

/** Signs that are words of their own: Chinese and Japanese, and Korean for its endings. */
const ideographs =
  '\\u3005-\\u3007\\u3040-\\u30fa\\u30fc-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\u{20000}-\\u{3ffff}';
/** Scripts that put no blanks between words; a dictionary knows where they end. */
const unspaced = '\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const letter = `[[\\p{L}\\p{M}\\p{N}]--[${ideographs}${unspaced}]]`;
const signs = String.raw`[\-_.\/:@+&'=?#~%\\]{1,3}`;
const connector = `(?:${signs}|(?<=\\p{N}),(?=\\p{N}))`;
const tokens = new RegExp(`[${ideographs}]|[${unspaced}]+|${letter}+(?:${connector}${letter}+)*`, 'gv');
/** The same where there are no letters beyond ASCII. */
const asciiTokens = new RegExp(`[a-z0-9]+(?:(?:${signs}|(?<=[0-9]),(?=[0-9]))[a-z0-9]+)*`, 'g');
const ascii = /^[\0-\x7f]*$/;
const wordsOfToken = new RegExp(`${letter}+`, 'gv');
const isIdeograph = new RegExp(`^[${ideographs}]`, 'v');
const isUnspaced = new RegExp(`^[${unspaced}]`, 'v');
const unspacedBlank = new RegExp(`(?<=[${unspaced}])\\u200b(?=[${unspaced}])`, 'gv');
const segmenter = new Intl.Segmenter('th', { granularity: 'word' });

/** Tokens that are remembered; most of a text's come again. */
const rememberedTokens = 10_000;

/**
 * The tokens of a text in their order, for whoever indexes it and for whoever asks: one function, so that both cut alike.
 * Compatible forms (ligatures, full width) are plain letters, and what is unseen inside words is left out.
 */
export function cutWords(text: string): Iterable<Token> {
  return new TokenCutter().cut(text);
}

/** Cuts the texts of one document, whose tokens come again and again. */
export class TokenCutter {
  private readonly known = new Map<string, Token>();

  /** As `cutWords`. */
  *cut(text: string): Generator<Token> {
    const isAscii = ascii.test(text);
    const plain = isAscii ? asciiText(text) : plainText(text);
    const pattern = isAscii ? asciiTokens : tokens;
    for (const token of plain.match(pattern) ?? []) {
      if (isAscii) yield this.tokenOf(token);
      else if (isUnspaced.test(token)) yield* unspacedTokens(token);
      else if (isIdeograph.test(token))
        yield { words: [{ exact: token, folded: token }], compound: undefined, joined: undefined };
      else yield this.tokenOf(token);
    }
  }

  private tokenOf(text: string): Token {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const own = detached(text);
    const token = tokenOf(own);
    if (this.known.size >= rememberedTokens) this.known.clear();
    this.known.set(own, token);
    return token;
  }
}

/** A text of plain letters in its one form: nothing of it has another. */
function asciiText(text: string): string {
  const joined = text.includes('-\n') ? text.replace(/(?<=[a-z])-\n[ \t]*(?=[a-z])/g, '-') : text;
  return joined.toLowerCase();
}

function plainText(text: string): string {
  return (
    text
      .replace(unspacedBlank, ' ')
      .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')
      // A word that a hyphen parts at a line's end is found by both halves and whole.
      .replace(/(?<=\p{Ll})[-\u2010]\n[ \t]*(?=\p{Ll})/gu, '-')
      .normalize('NFKC')
      // The normal form takes two letters of Thai and Lao apart that dictionaries have whole.
      .replaceAll('\u0e4d\u0e32', '\u0e33')
      .replaceAll('\u0ecd\u0eb2', '\u0eb3')
      .replace(/[\u2010-\u2012]/g, '-')
      .replaceAll('\u2019', "'")
      .toLowerCase()
  );
}

function tokenOf(token: string): Token {
  const words = (token.match(wordsOfToken) ?? []).map(wordOf);
  if (words.length < 2) return { words, compound: undefined, joined: undefined };
  const compound = token.length > longestCompound ? undefined : foldWord(token);
  const isHyphenated = words.length <= mostJoined && /^\p{L}[\p{L}\p{M}]*(?:-\p{L}[\p{L}\p{M}]*)+$/u.test(token);
  return {
    words,
    compound,
    joined: isHyphenated
      ? words
          .map(({ folded }) => folded)
          .join('')
          .slice(0, longestWord)
      : undefined,
  };
}

function* unspacedTokens(run: string): Generator<Token> {
  for (let at = 0; at < run.length; at += longestUnspaced) {
    for (const { segment } of segmenter.segment(run.slice(at, at + longestUnspaced))) {
      if (/[\p{L}\p{N}]/u.test(segment)) yield { words: [wordOf(segment)], compound: undefined, joined: undefined };
    }
  }
}

function wordOf(word: string): Word {
  const exact = word.slice(0, longestWord);
  return { exact, folded: foldWord(exact) };
}
