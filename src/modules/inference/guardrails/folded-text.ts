/** Stands where a word begins or ends; no text holds it after folding. */
const EDGE = 0;
const SPACE = 0x20;

/** What a character is to the matching of terms; 0 is all else. */
const WORD = 1;
const BLANK = 2;
const IGNORED = 3;

/** Letters, digits and marks of scripts that put spaces between words. */
const word = /[\p{L}\p{N}\p{M}_]/u;
/** Scripts that put none, and Korean, whose words take endings: a term is found within a run of their letters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const blank = /[\s\p{Z}\p{Cc}]/u;
/** Characters that nobody sees: soft hyphens, joiners, directions, variants. */
const ignored = /[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\ufe00-\ufe0f]/u;

let classes: Uint8Array | undefined;

/** What each UTF-16 unit is, made once. Halves of pairs are no letters: so a term of them is found wherever it stands. */
function classTable(): Uint8Array {
  const table = new Uint8Array(65_536);
  for (let code = 0; code < table.length; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCharCode(code);
    if (ignored.test(character)) table[code] = IGNORED;
    else if (blank.test(character)) table[code] = BLANK;
    else if (word.test(character) && !unspaced.test(character)) table[code] = WORD;
  }
  return table;
}

/** Hears of each unit of a folded text, as a number from 0 to 65,535. */
export type TakeUnit = (unit: number) => void;

/**
 * Folds a text that comes in pieces, so that what people read as the same is the same: letters without their case,
 * compatible forms as one (NFKC), any blank as one space, nothing of what is not seen. Where a word begins or ends an edge is
 * told. A text may hold escapes of JSON; those are told as what they stand for where `readsEscapes` is set.
 */
export class FoldedText {
  private readonly classes = (classes ??= classTable());
  private last = BLANK;
  private hasBegun = false;

  constructor(
    private readonly take: TakeUnit,
    private readonly readsEscapes = false,
  ) {}

  push(piece: string): void {
    const { classes } = this;
    const read = this.readsEscapes ? piece.replace(escapes, unescaped) : piece;
    const text = read.normalize('NFKC').toUpperCase();
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      const kind = classes[unit] as number;
      if (kind === IGNORED) continue;
      if (kind === BLANK) {
        if (this.last !== BLANK) this.change(BLANK);
        this.last = BLANK;
        continue;
      }
      if (this.last === BLANK && this.hasBegun) this.take(SPACE);
      if (kind !== this.last) this.change(kind);
      this.last = kind;
      this.hasBegun = true;
      this.take(unit);
    }
  }

  /** The text has ended. */
  end(): void {
    if (this.last === WORD) this.take(EDGE);
  }

  private change(kind: number): void {
    if (kind === WORD || this.last === WORD) this.take(EDGE);
  }
}

const escapes = /\\(?:u([0-9a-fA-F]{4})|["\\/bfnrt])/g;
const escapedBlanks = new Set(['\\b', '\\f', '\\n', '\\r', '\\t']);

function unescaped(escape: string, code: string | undefined): string {
  if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
  return escapedBlanks.has(escape) ? ' ' : escape.charAt(1);
}
