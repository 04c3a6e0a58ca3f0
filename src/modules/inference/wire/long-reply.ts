import { saysError } from '../../provider-answers/answer-fault.js';
import { AppError } from '../../../kernel/app-error.js';
import { CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, BACKSLASH } from '../../../kernel/json-bytes.js';
import { encodeVector, type EmbeddingEncoding } from './embeddings-encoding.js';
import { byteClass, OPEN, PLAIN, REFUSED, CLOSE } from './json-tokens.js';
import { readUsage, type UsageTokens } from './usage-tokens.js';

const maxDepth = 256;
/** A longer value of a watched name cannot be a name of a model, a usage, an error or one vector. */
const maxHeldBytes = 1024 * 1024;
const longestName = 16;

/** Names whose values are read before they are passed on: of the reply itself, and of each of its choices or vectors. */
const ownNames = new Set(['model', 'usage', 'error', 'object', 'type']);
const elementNames = new Set(['error', 'object', 'type', 'finish_reason']);

/**
 * Reads a JSON reply that is too long to be held, piece by piece: the model's name is replaced, usage is read, vectors get
 * the asked encoding, and the first sign of an error (see `answerFault`) is thrown before it is passed on. It keeps the
 * value of one watched name at a time and nothing else.
 */
export class LongReply {
  private readonly published: Buffer;
  /** What a vector begins with that has the asked encoding. */
  private readonly fitting: number;
  private readonly brackets = new Uint8Array(maxDepth);
  private depth = 0;
  private isOver = false;
  private inString = false;
  private isEscaped = false;
  private expectsName = false;
  private isName = false;
  private name = '';
  /** The watched name whose value comes next or is held. */
  private watched: string | undefined;
  private awaitsValue = false;
  private held: Buffer[] | undefined;
  private heldBytes = 0;
  private heldDepth = 0;
  private isScalar = false;
  private inMember = false;
  private hasBegun = false;
  private usage: unknown = null;

  /**
   * @param member the array that holds what was asked for.
   * @param encoding what its vectors must be encoded in, for a reply of vectors.
   */
  constructor(
    publishedName: string,
    private readonly member: string,
    private readonly encoding?: EmbeddingEncoding,
  ) {
    this.published = Buffer.from(JSON.stringify(publishedName));
    this.fitting = encoding === 'float' ? OPEN_BRACKET : QUOTE;
  }

  /** The first element of what was asked for has begun. */
  get begun(): boolean {
    return this.hasBegun;
  }

  /** Takes the next bytes and returns what may be sent. @throws AppError upstream_error. */
  push(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    let from = 0;
    let at = 0;
    const startHolding = (): void => {
      if (at > from) out.push(chunk.subarray(from, at));
      from = at;
      this.held = [];
      this.heldBytes = 0;
      this.heldDepth = this.depth;
    };
    const stopHolding = (): void => {
      this.hold(chunk.subarray(from, at));
      out.push(this.passed(Buffer.concat(this.held ?? [])));
      this.held = undefined;
      this.watched = undefined;
      this.isScalar = false;
      from = at;
    };
    while (at < chunk.length) {
      if (this.inString) {
        const start = at;
        at = this.afterString(chunk, at);
        if (this.isName && this.name.length <= longestName) this.name += chunk.toString('latin1', start, at);
        if (this.inString) break;
        if (this.isName) this.name = this.name.slice(0, -1);
        else if (this.held !== undefined && this.depth === this.heldDepth) stopHolding();
        continue;
      }
      const byte = chunk[at] as number;
      const meaning = byteClass[byte] as number;
      const isSpace = byte <= 0x20;
      if (this.isScalar && (isSpace || byte === COMMA || meaning === CLOSE)) stopHolding();
      if (isSpace) {
        at++;
        continue;
      }
      if (this.isOver || meaning === REFUSED || (this.depth === 0 && byte !== OPEN_BRACE)) throw broken('it is no JSON object');
      if (this.inMember && this.depth === 2 && byte !== CLOSE_BRACKET) this.hasBegun = true;
      if (this.awaitsValue) {
        this.awaitsValue = false;
        if (this.watched === this.member && this.depth === 1) {
          this.inMember = byte === OPEN_BRACKET;
          this.watched = undefined;
        } else if (this.watched === 'embedding' && byte === this.fitting) {
          // It has the asked encoding already.
          this.watched = undefined;
        } else if (this.watched !== undefined) {
          startHolding();
          this.isScalar = meaning === PLAIN;
        }
      }
      at++;
      if (meaning === PLAIN) {
        if (byte === COLON && this.isName) {
          this.isName = false;
          if (this.held === undefined) {
            this.awaitsValue = true;
            this.watched = this.watchedName();
          }
        } else if (byte === COMMA) this.expectsName = this.brackets[this.depth - 1] === OPEN_BRACE;
      } else if (byte === QUOTE) {
        this.inString = true;
        this.isName = this.expectsName;
        this.expectsName = false;
        this.name = '';
      } else if (meaning === OPEN) {
        if (this.depth >= maxDepth) throw broken('it is nested too deeply');
        this.brackets[this.depth++] = byte;
        this.expectsName = byte === OPEN_BRACE;
      } else {
        if (this.brackets[--this.depth] !== byte - 2) throw broken('its brackets do not match');
        this.expectsName = false;
        this.isOver = this.depth === 0;
        if (this.depth === 1) this.inMember = false;
        if (this.held !== undefined && this.depth === this.heldDepth) stopHolding();
      }
    }
    if (this.held === undefined) out.push(chunk.subarray(from));
    else this.hold(chunk.subarray(from));
    return out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out);
  }

  /** The reply has ended; gives the provider's own figures. @throws AppError upstream_error when it was not whole. */
  end(): UsageTokens | null {
    if (!this.isOver) throw broken('it was cut');
    if (!this.hasBegun) throw broken(`it has no ${this.member}`);
    return readUsage(this.usage);
  }

  private watchedName(): string | undefined {
    const { name, depth } = this;
    if (depth === 1) return name === this.member || ownNames.has(name) ? name : undefined;
    if (depth !== 3 || !this.inMember) return undefined;
    return elementNames.has(name) || (name === 'embedding' && this.encoding !== undefined) ? name : undefined;
  }

  /** The index behind the string's end, or the chunk's. */
  private afterString(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.isEscaped) {
        this.isEscaped = false;
        at++;
        continue;
      }
      const byte = chunk[at++];
      if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        return at;
      }
    }
    return at;
  }

  private hold(bytes: Buffer): void {
    this.heldBytes += bytes.length;
    if (this.heldBytes > maxHeldBytes) throw broken(`its member ${this.watched ?? ''} is too long`);
    this.held?.push(bytes);
  }

  /** The value of a watched name as it is passed on. */
  private passed(bytes: Buffer): Buffer {
    const name = this.watched ?? '';
    if (name === 'model') return bytes[0] === QUOTE ? this.published : bytes;
    const value = parsed(bytes);
    if (name === 'embedding') return this.encoding === undefined ? bytes : encodeVector(bytes, value, this.encoding);
    if (name === 'usage') this.usage = value;
    else if (saysError({ [name]: value }) || (name === 'finish_reason' && value === 'error')) throw broken('it tells an error');
    return bytes;
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AppError('upstream_error', { cause });
  }
}

function broken(what: string): AppError {
  return new AppError('upstream_error', {
    message: 'The model provider answered with something unreadable.',
    cause: `the provider's long reply is no answer: ${what}`,
  });
}
