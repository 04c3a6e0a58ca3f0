import { setImmediate } from 'node:timers/promises';

/** So many passages are joined in one step of the event loop. */
const passagesAtOnce = 256;

/** A repeated piece is at most so long: half of the longest passage, in characters. */
const mostRepeated = 16 * 4_096;

/** A passage of a document, in the order of the document. */
export interface PassageText {
  readonly text: string;
  /** Where it stands: page, sheet, slide, heading. */
  readonly source: unknown;
}

/**
 * The text of a document from its passages, each of which may begin with the end of the one before: what is repeated is said
 * once. Passages of different sheets repeat nothing, and are parted by a blank line.
 */
export async function joinedText(passages: readonly PassageText[]): Promise<string> {
  const pieces: string[] = [];
  for await (const { text, isNewSheet } of piecesOf(passages)) pieces.push(isNewSheet ? `\n\n${text}` : text);
  return pieces.join('');
}

/**
 * The passages without what they repeat of the one before, in their order. Joined they are the document, but for what parts sheets.
 * @param before stands before the first of them, if it is not the document's first.
 */
export async function* piecesOf(
  passages: readonly PassageText[],
  before?: PassageText,
): AsyncGenerator<{ readonly text: string; readonly isNewSheet: boolean }> {
  let last = before;
  for (const [at, passage] of passages.entries()) {
    // Long documents are many passages: others have their turn.
    if (at % passagesAtOnce === passagesAtOnce - 1) await setImmediate();
    const isNewSheet = last !== undefined && sheetOf(last) !== sheetOf(passage);
    yield {
      text: last === undefined || isNewSheet ? passage.text : passage.text.slice(repeated(last.text, passage.text)),
      isNewSheet,
    };
    last = passage;
  }
}

/** How many characters at the beginning of a text are the end of the one before: the most that can be. Linear in both. */
export function repeated(before: string, text: string): number {
  const most = Math.min(before.length - 1, text.length - 1, mostRepeated);
  if (most <= 0) return 0;
  // Knuth, Morris and Pratt: the longest beginning of `text` that ends where `before` ends.
  const pattern = text.slice(0, most);
  const falls = fallsOf(pattern);
  let matched = 0;
  for (let at = before.length - most; at < before.length; at += 1) {
    while (matched > 0 && (matched === most || pattern.charCodeAt(matched) !== before.charCodeAt(at)))
      matched = falls[matched - 1] ?? 0;
    if (pattern.charCodeAt(matched) === before.charCodeAt(at)) matched += 1;
  }
  return matched;
}

/** For each length of a beginning of the pattern: its longest shorter beginning that it also ends with. */
function fallsOf(pattern: string): Uint32Array {
  const falls = new Uint32Array(pattern.length);
  let matched = 0;
  for (let at = 1; at < pattern.length; at += 1) {
    while (matched > 0 && pattern.charCodeAt(matched) !== pattern.charCodeAt(at)) matched = falls[matched - 1] ?? 0;
    if (pattern.charCodeAt(matched) === pattern.charCodeAt(at)) matched += 1;
    falls[at] = matched;
  }
  return falls;
}

function sheetOf({ source }: PassageText): unknown {
  return typeof source === 'object' && source !== null && 'sheet' in source ? source.sheet : undefined;
}
