/** The inside of a string of JSON in a text: what stands between its quotes, as it is written. */
export interface StringLiteral {
  readonly start: number;
  readonly end: number;
}

/**
 * The strings of JSON in a text, in their order. The text may be cut anywhere, and be several documents, as the events of a stream are:
 * a string that does not end goes to the end of the text, without an escape that is cut.
 */
export function* stringLiterals(text: string): Generator<StringLiteral, void> {
  for (let at = text.indexOf('"'); at !== -1;) {
    const start = at + 1;
    let end = start;
    let whole = start;
    while (end < text.length && text[end] !== '"') {
      end += text[end] === '\\' ? (text[end + 1] === 'u' ? 6 : 2) : 1;
      if (end <= text.length) whole = end;
    }
    yield { start, end: whole };
    at = text.indexOf('"', Math.min(end, text.length) + 1);
  }
}
