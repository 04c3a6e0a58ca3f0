import { AppError } from '../../../kernel/app-error.js';

/** What a form is made of, in the order in which it comes. */
export interface FormSink {
  /** A part begins. @param head its headers, each with its line end, and the blank line. */
  part(head: Buffer): void;
  /** Bytes of the part's content; a part of the pushed chunk or of a copy. */
  content(bytes: Buffer): void;
  partEnd(): void;
  /** The form is whole. What stands behind it is dropped. */
  formEnd(): void;
}

type State = 'preamble' | 'delimiter' | 'head' | 'content' | 'epilogue';

const maxHeadBytes = 16 * 1024;
const lineEnd = Buffer.from('\r\n');
const blankLine = Buffer.from('\r\n\r\n');
const dash = 0x2d;

/**
 * Cuts a multipart form into its parts without changing a byte, whatever the chunk borders. It is strict, so that a provider's
 * parser finds the same parts: a boundary that stands in another place than between two parts is refused.
 */
export class FormScanner {
  private state: State = 'preamble';
  private held = Buffer.alloc(0);
  private isStart = true;
  private readonly dashed: Buffer;
  private readonly whole: Buffer;

  constructor(
    boundary: string,
    private readonly sink: FormSink,
  ) {
    this.dashed = Buffer.from(`--${boundary}`, 'latin1');
    this.whole = Buffer.concat([lineEnd, this.dashed]);
  }

  /**
   * Hands all that this chunk completes to the sink.
   * @returns the buffer that the contents were cut from: the chunk, or a copy with what was held before it.
   * @throws AppError invalid_request, and what the sink throws.
   */
  push(chunk: Buffer): Buffer {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    let at = 0;
    for (;;) {
      const next = this.step(bytes, at);
      if (next === undefined) break;
      at = next;
    }
    return bytes;
  }

  /** The body has ended. @throws AppError invalid_request when the form has not. */
  end(): void {
    if (this.state !== 'epilogue') throw broken('is broken or ended early');
  }

  /** Goes on from a place; gives the next one, or undefined when all that can be told has been. */
  private step(bytes: Buffer, at: number): number | undefined {
    if (this.state === 'epilogue') return this.hold(bytes, bytes.length);
    if (this.state === 'delimiter') return this.delimiter(bytes, at);
    return this.state === 'head' ? this.head(bytes, at) : this.content(bytes, at);
  }

  private content(bytes: Buffer, at: number): number | undefined {
    const isContent = this.state === 'content';
    const found = bytes.indexOf(this.dashed, at);
    if (found === -1) {
      const end = bytes.length - this.mayContinue(bytes, at);
      if (isContent && end > at) this.sink.content(bytes.subarray(at, end));
      if (end > at) this.isStart = false;
      return this.hold(bytes, end);
    }
    const isFirst = this.isStart && found === at;
    if (!isFirst && (found < at + 2 || bytes.compare(lineEnd, 0, 2, found - 2, found) !== 0))
      throw broken('holds its boundary within a part');
    if (isContent) {
      if (found - 2 > at) this.sink.content(bytes.subarray(at, found - 2));
      this.sink.partEnd();
    }
    this.isStart = false;
    this.state = 'delimiter';
    return found + this.dashed.length;
  }

  private delimiter(bytes: Buffer, at: number): number | undefined {
    if (bytes.length < at + 2) return this.hold(bytes, at);
    if (bytes[at] === dash && bytes[at + 1] === dash) {
      this.state = 'epilogue';
      this.sink.formEnd();
      return at + 2;
    }
    if (bytes.compare(lineEnd, 0, 2, at, at + 2) !== 0) throw broken('holds its boundary within a part');
    this.state = 'head';
    return at;
  }

  /** The head begins with the line end of the boundary, so that one without headers is seen as such. */
  private head(bytes: Buffer, at: number): number | undefined {
    const found = bytes.indexOf(blankLine, at);
    if ((found === -1 ? bytes.length : found) - at > maxHeadBytes) throw broken('has a part with too long a head');
    if (found === -1) return this.hold(bytes, at);
    if (bytes.subarray(at, found).includes(this.dashed)) throw broken('holds its boundary within a part');
    this.state = 'content';
    this.sink.part(bytes.subarray(at + 2, found + 4));
    return found + 4;
  }

  /** How many of the last bytes may be the beginning of a boundary. */
  private mayContinue(bytes: Buffer, at: number): number {
    for (let length = Math.min(bytes.length - at, this.whole.length - 1); length > 0; length -= 1) {
      const from = bytes.length - length;
      if (bytes.compare(this.whole, 0, length, from) === 0) return length;
      if (length < this.dashed.length && bytes.compare(this.dashed, 0, length, from) === 0) return length;
    }
    return 0;
  }

  private hold(bytes: Buffer, from: number): undefined {
    this.held = Buffer.from(bytes.subarray(from));
    return undefined;
  }
}

function broken(what: string): AppError {
  return new AppError('invalid_request', { message: `The multipart body ${what}.` });
}
