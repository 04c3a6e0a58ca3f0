import { DocumentFailure } from '../document-failure.js';

/** A place in the JSON text that is still open: an object with its current key, or an array with its index. */
interface Level {
  readonly isArray: boolean;
  key: string;
  index: number;
}

const maxDepth = 1_000;
const space = /[ \t\n\r]*/y;
const scalar = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * One line for each value of a JSON text, with its path: `users[0].name: Ada`. Values stay as they are written, so
 * that a long number keeps its digits; several texts in a row (JSON lines) are numbered like an array. Not recursive:
 * a deeply nested text ends in an error, not in a crash.
 * @throws DocumentFailure damaged_file for what is no JSON.
 */
export function* jsonLines(text: string): Generator<string> {
  const scanner = new Scanner(text);
  const isSeries = hasWholeFirstLine(text);
  for (let count = 0; !scanner.isAtEnd(); count += 1) {
    const root = isSeries || count > 0 ? `[${count}]` : '';
    for (const { levels, value } of scanner.values()) {
      const path = `${root}${pathOf(levels)}`.replace(/^\./, '');
      yield path === '' ? `${value}\n` : `${path}: ${value}\n`;
    }
  }
}

/** JSON lines: the first line is a whole text and others follow. */
function hasWholeFirstLine(text: string): boolean {
  const first = /^\s*(\S[^\n]*)\n\s*\S/.exec(text)?.[1];
  if (first === undefined) return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  isAtEnd(): boolean {
    this.skip(space);
    return this.at >= this.text.length;
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
    this.skip(space);
    const character = this.text.charAt(this.at);
    if (character === '"') return this.string();
    if (character === '{' || character === '[') {
      this.at += 1;
      return { isArray: character === '[', key: '', index: 0 };
    }
    return this.skip(scalar) || this.fail('holds something that is no value');
  }

  private closes(level: Level): boolean {
    this.skip(space);
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
        if (level.isArray) level.index += 1;
        else level.key = this.key();
        return;
      }
      levels.pop();
    }
  }

  private key(): string {
    this.skip(space);
    const key = this.string();
    this.skip(space);
    if (this.text.charAt(this.at) !== ':') this.fail('lacks a colon');
    this.at += 1;
    return key;
  }

  private string(): string {
    const start = this.at;
    if (this.text.charAt(start) !== '"') this.fail('lacks a name');
    let end = this.text.indexOf('"', start + 1);
    while (end !== -1 && isEscaped(this.text, end)) end = this.text.indexOf('"', end + 1);
    if (end === -1) this.fail('ends inside a text');
    this.at = end + 1;
    try {
      return JSON.parse(this.text.slice(start, end + 1)) as string;
    } catch {
      return this.fail('holds a wrong text');
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
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .map(({ isArray, index, key }) =>
      isArray ? `[${index}]` : /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
    )
    .join('');
}
