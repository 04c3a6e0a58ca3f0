import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../kernel/json-bytes.js';

/**
 * Tells whether a JSON object or list that arrives in pieces is complete, looking at each character once: parsing all that
 * came again for each piece would cost the square of its length. It follows brackets and strings only, so a text that is
 * no JSON counts as complete when its brackets are closed.
 */
export class JsonEnd {
  private depth = 0;
  private inString = false;
  private escaped = false;
  private state: 'before' | 'within' | 'complete' | 'broken' = 'before';
  private read = 0;

  /** The outermost bracket is closed, and only blanks follow it. */
  get complete(): boolean {
    return this.state === 'complete';
  }

  /** Characters looked at so far. */
  get steps(): number {
    return this.read;
  }

  /** Takes the next piece, which may begin and end anywhere. */
  take(piece: string): void {
    for (let at = 0; at < piece.length && this.state !== 'broken'; at++) {
      this.read++;
      this.step(piece.charCodeAt(at));
    }
  }

  private step(code: number): void {
    if (this.escaped) this.escaped = false;
    else if (this.inString) {
      if (code === BACKSLASH) this.escaped = true;
      else if (code === QUOTE) this.inString = false;
    } else if (this.state === 'within') this.stepWithin(code);
    else if (!isBlank(code)) {
      this.state = this.state === 'before' && opens(code) ? 'within' : 'broken';
      this.depth = 1;
    }
  }

  private stepWithin(code: number): void {
    if (code === QUOTE) this.inString = true;
    else if (opens(code)) this.depth++;
    else if (closes(code) && --this.depth === 0) this.state = 'complete';
  }
}

function opens(code: number): boolean {
  return code === OPEN_BRACE || code === OPEN_BRACKET;
}

function closes(code: number): boolean {
  return code === CLOSE_BRACE || code === CLOSE_BRACKET;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
