import { BACKSLASH } from '../../../kernel/json-bytes.js';
import { DocumentFailure } from '../document-failure.js';

/** A place in the JSON text that is still open: an object with its current key, or an array with its index. */
interface Level {
  readonly isArray: boolean;
  key: string;
  index: number;
}

const maxDepth = 1_000;
const blanks = /[ \t\n\r]*/y;
const scalar = /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)|true|false|null|NaN/y;
const rest = '(The rest of the file could not be read.)';

/**
 * One line for each value of a JSON text, with its path: `users[0].name: Ada`. Values stay as they are written, so
 * that a long number keeps its digits; several texts in a row (JSON lines) are numbered like an array. Comments, commas
 * too many, NaN and Infinity are read, as many programs write them. A text that ends too early gives what it holds and a
 * line that says so; so does a broken line among others. Not recursive: a deeply nested text ends in an error, not in
 * a crash.
 * @throws DocumentFailure damaged_file for what is no JSON.
 */
export function* jsonLines(text: string): Generator<string> {
  const scanner = new Scanner(text);
  const isSeries = hasWholeFirstLine(text);
  let whole = 0;
  let broken = 0;
  for (let count = 0; !scanner.isAtEnd(); count += 1) {
    const root = isSeries || count > 0 ? `[${count}]` : '';
    const start = scanner.place;
    let given = 0;
    try {
      for (const { levels, value } of scanner.values()) {
        given += 1;
        yield lineOf(`${root}${pathOf(levels)}`, value);
      }
      whole += 1;
    } catch (error) {
      const isCut = scanner.isCut();
      if (isCut ? whole + given === 0 : !isSeries) throw error;
      yield lineOf(root, isCut ? rest : '(This line could not be read.)');
      if (isCut) return;
      broken += 1;
      if (broken > Math.max(1, whole)) throw error;
      scanner.skipLine(start);
    }
  }
}

function lineOf(path: string, value: string): string {
  const shown = path.replace(/^\./, '');
  return shown === '' ? `${value}\n` : `${shown}: ${value}\n`;
}

/** JSON lines: the first line is a whole text and others follow. */
function hasWholeFirstLine(text: string): boolean {
  const first = /^\s*(\S[^\n]*)\n\s*\S/.exec(text)?.[1];
  if (first === undefined) return false;
  const scanner = new Scanner(first);
  try {
    for (const value of scanner.values()) void value;
    return scanner.isAtEnd();
  } catch {
    return false;
  }
}

class Scanner {
  private at = 0;
  /** The end of the line that the last text was looked for in. */
  private lineEnd = -1;

  constructor(private readonly text: string) {}

  get place(): number {
    return this.at;
  }

  /** Goes to the line after the one in which a broken value began, or past the value where it was longer. */
  skipLine(start: number): void {
    this.at = this.endOfLine(Math.max(start, this.at - 1));
  }

  isAtEnd(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  /** Whether nothing is left but a number or a name that is not whole. */
  isCut(): boolean {
    return this.isAtEnd() || (this.text.length - this.at < 16 && /^[-+.\w]+$/.test(this.text.slice(this.at)));
  }

  /** Every scalar, and every empty object or array, of the next whole value. */
  *values(): Generator<{ levels: readonly Level[]; value: string }> {
    const levels: Level[] = [];
    do {
      const opened = this.openOrScalar();
      if (typeof opened !== 'string') {
        if (levels.length >= maxDepth) this.fail('is nested too deeply');
        levels.push(opened);
        if (!this.closes(opened)) {
          if (!opened.isArray) opened.key = this.key();
          continue;
        }
        levels.pop();
      }
      yield { levels, value: typeof opened === 'string' ? opened : opened.isArray ? '[]' : '{}' };
      this.next(levels);
    } while (levels.length > 0);
  }

  /** A scalar's text, or the level that begins here. */
  private openOrScalar(): string | Level {
    this.skipSpace();
    const character = this.text.charAt(this.at);
    if (character === '"') return this.string();
    if (character === '{' || character === '[') {
      this.at += 1;
      return { isArray: character === '[', key: '', index: 0 };
    }
    return this.skip(scalar) || this.fail('holds something that is no value');
  }

  private closes(level: Level): boolean {
    this.skipSpace();
    if (this.text.charAt(this.at) !== (level.isArray ? ']' : '}')) return false;
    this.at += 1;
    return true;
  }

  /** Goes past the comma to the next value, closing the levels that end here. */
  private next(levels: Level[]): void {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (!this.closes(level)) {
        if (this.text.charAt(this.at) !== ',') this.fail('lacks a comma');
        this.at += 1;
        if (!this.closes(level)) {
          if (level.isArray) level.index += 1;
          else level.key = this.key();
          return;
        }
      }
      levels.pop();
    }
  }

  private key(): string {
    this.skipSpace();
    const key = this.string();
    this.skipSpace();
    if (this.text.charAt(this.at) !== ':') this.fail('lacks a colon');
    this.at += 1;
    return key;
  }

  private string(): string {
    const start = this.at;
    if (this.text.charAt(start) !== '"') this.fail('lacks a name');
    // No text reaches past its line.
    const lineEnd = this.endOfLine(start);
    let end = this.text.indexOf('"', start + 1);
    while (end !== -1 && end < lineEnd && isEscaped(this.text, end)) end = this.text.indexOf('"', end + 1);
    if (end === -1 || end >= lineEnd) {
      this.at = lineEnd;
      this.fail('ends inside a text');
    }
    this.at = end + 1;
    try {
      return JSON.parse(this.text.slice(start, end + 1)) as string;
    } catch {
      return this.fail('holds a wrong text');
    }
  }

  private endOfLine(from: number): number {
    if (from >= this.lineEnd) {
      const end = this.text.indexOf('\n', from);
      this.lineEnd = end === -1 ? this.text.length : end;
    }
    return this.lineEnd;
  }

  /** Goes past blanks, and past the comments that people write although JSON has none. */
  private skipSpace(): void {
    for (;;) {
      this.skip(blanks);
      if (this.text.charCodeAt(this.at) !== 0x2f) return;
      const isLine = this.text.startsWith('//', this.at);
      if (!isLine && !this.text.startsWith('/*', this.at)) return;
      const end = this.text.indexOf(isLine ? '\n' : '*/', this.at + 2);
      this.at = end === -1 ? this.text.length : end + (isLine ? 0 : 2);
    }
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private fail(what: string): never {
    throw new DocumentFailure('damaged_file', { cause: new Error(`The JSON ${what} at character ${this.at}.`) });
  }
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .map(({ isArray, index, key }) =>
      isArray ? `[${index}]` : /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
    )
    .join('');
}
