import { isUtf8 } from 'node:buffer';
import { Breather } from '../../kernel/breather.js';
import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../kernel/json-bytes.js';
import { endOfJsonString } from '../../kernel/json-size.js';
import { forbiddenName, holdsNul, maxDepth, noObject, notJson, notUtf8, tooDeep, tooMany } from './refusals.js';

/** After so many values the clock is asked. */
const stepValues = 200;

/**
 * A body as `parseJson` gives it, parsed without holding the event loop: value by value, and others are served in between.
 * It takes three times as long, so it is for bodies that are large by right.
 * @throws AppError as `parseJson`, invalid_value for a text with NUL.
 */
export async function parseInSlices(bytes: Buffer, maxValues: number): Promise<object> {
  if (!isUtf8(bytes)) throw notUtf8();
  const value = await new SlicedParser(bytes, maxValues).whole();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noObject();
  return value;
}

/** An array or object whose end has not come. */
interface Open {
  readonly into: unknown[] | Record<string, unknown>;
  readonly close: number;
  name: string;
}

class SlicedParser {
  private at: number;
  private readonly open: Open[] = [];
  private readonly breather = new Breather();

  constructor(
    private readonly bytes: Buffer,
    private readonly maxValues: number,
  ) {
    this.at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  async whole(): Promise<unknown> {
    for (let values = 1; values <= this.maxValues; values += 1) {
      let value = this.begin();
      // Undefined: a container has begun, and its first value comes next.
      while (value !== undefined && this.open.length > 0) value = this.put(value);
      if (value !== undefined) {
        if (this.next() !== undefined) throw notJson();
        return value;
      }
      if (values % stepValues === 0) await this.breather.pause();
    }
    throw tooMany(this.maxValues);
  }

  /** Reads a value that has no further ones in it; undefined when it begins a container that has some. */
  private begin(): unknown {
    const first = this.next();
    if (first !== OPEN_BRACKET && first !== OPEN_BRACE) return this.scalar(first);
    if (this.open.length === maxDepth) throw tooDeep();
    this.at += 1;
    const isArray = first === OPEN_BRACKET;
    const into = isArray ? [] : {};
    const close = isArray ? CLOSE_BRACKET : CLOSE_BRACE;
    if (this.next() === close) {
      this.at += 1;
      return into;
    }
    this.open.push({ into, close, name: isArray ? '' : this.name() });
    return undefined;
  }

  /** Puts a whole value where it belongs. Gives the container when that is whole by it, and undefined when more follows. */
  private put(value: unknown): unknown {
    const container = this.open.at(-1) as Open;
    if (Array.isArray(container.into)) container.into.push(value);
    else container.into[container.name] = value;
    const byte = this.next();
    this.at += 1;
    if (byte === container.close) {
      this.open.pop();
      return container.into;
    }
    if (byte !== COMMA) throw notJson();
    if (!Array.isArray(container.into)) container.name = this.name();
    return undefined;
  }

  /** The name of a member, and its colon. */
  private name(): string {
    if (this.next() !== QUOTE) throw notJson();
    const name = this.scalar(QUOTE) as string;
    if (name === '__proto__') throw forbiddenName();
    if (this.next() !== COLON) throw notJson();
    this.at += 1;
    return name;
  }

  private scalar(first: number | undefined): unknown {
    const start = this.at;
    this.at = first === QUOTE ? endOfJsonString(this.bytes, start + 1, this.bytes.length) + 1 : this.endOfWord();
    let value: unknown;
    try {
      value = JSON.parse(this.bytes.toString('utf8', start, this.at));
    } catch {
      throw notJson();
    }
    if (typeof value === 'string' && value.includes('\0')) throw holdsNul();
    return value;
  }

  private endOfWord(): number {
    let at = this.at;
    for (let byte = this.bytes[at]; byte !== undefined && byte > 0x20; byte = this.bytes[++at])
      if (byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE) break;
    return at;
  }

  /** The next byte that is no blank; undefined at the end. */
  private next(): number | undefined {
    const { bytes } = this;
    let byte = bytes[this.at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.at];
    return byte;
  }
}
