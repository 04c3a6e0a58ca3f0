/**
 * The sandbox's own tokenizer: no vocabulary, always the same, and fast enough for a benchmark's upstream.
 * A token is, with the white space before it, one of
 * - a run of up to eight letters and digits (ASCII or U+0080 to U+1FFF),
 * - one other ASCII character,
 * - one code point from U+2000 on (CJK, emoji, general punctuation).
 * White space at the end of the text is a token of its own. Joined, the tokens are the text.
 */
const longestWord = 8;
const space = 0;
const word = 1;
const single = 2;

const asciiKinds = Uint8Array.from({ length: 128 }, (_unused, code) => {
  if (code <= 0x20) return space;
  return /[0-9A-Za-z]/.test(String.fromCharCode(code)) ? word : single;
});

function kindOf(code: number): number {
  if (code < 128) return asciiKinds[code] ?? single;
  return code < 0x2000 ? word : single;
}

function tokenEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && kindOf(text.charCodeAt(at)) === space) at += 1;
  if (at === text.length) return at;
  if (kindOf(text.charCodeAt(at)) === single) return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  const limit = Math.min(text.length, at + longestWord);
  at += 1;
  while (at < limit && kindOf(text.charCodeAt(at)) === word) at += 1;
  return at;
}

/** How many tokens the text has. */
export function countTokens(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at = tokenEnd(text, at)) count += 1;
  return count;
}

/** The text cut into its tokens. */
export function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = tokenEnd(text, at);
    tokens.push(text.slice(at, end));
    at = end;
  }
  return tokens;
}

/** The first `limit` tokens of the text, which is the whole text when it has no more. */
export function firstTokens(text: string, limit: number): string {
  let at = 0;
  for (let count = 0; count < limit && at < text.length; count += 1) at = tokenEnd(text, at);
  return text.slice(0, at);
}
