/** A mark of a text that names quotations by their numbers, like `[1]` or `[2, 3]`. */
export interface CitationMark {
  /** Where it begins, in characters (Unicode code points) from the beginning of the text. */
  readonly at: number;
  readonly numbers: readonly number[];
}

/** What stands between the brackets of a mark. */
const numbersForm = /^\d{1,3}(?:, ?\d{1,3})*$/;
/** A longer row of numbers is a list, and no mark. */
const longestMark = 64;
/** So many backticks begin a block of code; fewer stand around code within a line. */
const fenceLength = 3;

/**
 * Finds the marks of a text that comes in pieces, each as soon as its last character has come. What stands in code, between
 * backticks, is none: `list[1]` cites nothing.
 */
export class CitationMarks {
  /** Characters so far. */
  private length = 0;
  private wasHighSurrogate = false;
  /** What has come of a mark, behind its bracket. */
  private open: { readonly at: number; text: string } | undefined;
  /** How many backticks have come in a row. */
  private ticks = 0;
  /** How many of them began the code that is open. */
  private code = 0;

  /** The marks that this piece ends. */
  push(piece: string): CitationMark[] {
    const found: CitationMark[] = [];
    for (let at = 0; at < piece.length; at += 1) {
      const unit = piece.charCodeAt(at);
      const isSecondHalf = this.wasHighSurrogate && unit >= 0xdc00 && unit <= 0xdfff;
      this.wasHighSurrogate = unit >= 0xd800 && unit <= 0xdbff;
      const mark = this.take(piece.charAt(at));
      if (mark !== undefined) found.push(mark);
      if (!isSecondHalf) this.length += 1;
    }
    return found;
  }

  private take(character: string): CitationMark | undefined {
    if (character === '`') {
      this.ticks += 1;
      this.open = undefined;
      return undefined;
    }
    if (this.ticks > 0) this.endTicks();
    // Code within a line ends with it, whoever forgot its end.
    if (character === '\n' && this.code < fenceLength) this.code = 0;
    return this.code > 0 ? undefined : this.takeText(character);
  }

  private takeText(character: string): CitationMark | undefined {
    const { open } = this;
    if (character === '[') this.open = { at: this.length, text: '' };
    else if (open !== undefined && character === ']') {
      this.open = undefined;
      if (numbersForm.test(open.text)) return { at: open.at, numbers: [...new Set(open.text.split(',').map(Number))] };
    } else if (open !== undefined && open.text.length < longestMark && /[\d, ]/.test(character)) open.text += character;
    else this.open = undefined;
    return undefined;
  }

  private endTicks(): void {
    const { ticks, code } = this;
    this.ticks = 0;
    if (code === 0) this.code = ticks;
    else if (ticks === code || (code >= fenceLength && ticks >= fenceLength)) this.code = 0;
  }
}
