import { OPEN_BRACE, OPEN_BRACKET } from '../../../kernel/json-bytes.js';
import { ByteRuns } from './byte-runs.js';
import type { EventLimits } from './event-limits.js';
import { ChatChunkScanner } from './chat-chunk-scan.js';
import { elementsTellError } from '../../provider-answers/answer-fault.js';
import { elementsTell, hasChoices, tellsError } from './chat-event.js';
import { hasTooManyValues, parseCounted } from './counted-json.js';
import { findMember, readObject } from './json-body.js';
import { spliceBody, type Edit } from './json-edit.js';
import { sameBytes, skipSpace } from './json-tokens.js';
import { readSseBlock } from './sse-block.js';
import { SseFramer, type SseBlockSink } from './sse-framer.js';
import { readUsage, type UsageTokens } from './usage-tokens.js';

export interface ChatStreamFilterOptions extends EventLimits {
  /** What the client must read as `model`. */
  readonly publishedName: string;
  /** The client asked for usage (`stream_options.include_usage`). */
  readonly usageAsked: boolean;
  /** How many choices the request makes (`n`, for /completions times the number of prompts); each must finish. */
  readonly choices: number;
  /** Given each event of the client's stream, whole; `push` then returns nothing. */
  readonly onEvent?: ((event: Buffer) => void) | undefined;
}

/** Why a stream can never become whole. `provider` holds what the provider said, parsed; never show it unscrubbed. */
export interface ChatStreamError {
  readonly reason: 'provider_error' | 'malformed_event' | 'event_too_large' | 'no_room';
  readonly provider: unknown;
}

export interface ChatStreamEnd {
  /** All choices finished, or `[DONE]` came after at least one did. Only then may the relay write `[DONE]`. */
  readonly complete: boolean;
  /** A last event whose blank line was missing: send it before anything else. */
  readonly tail: Buffer | null;
  /** Why it is not complete. */
  readonly reason?: ChatStreamError['reason'] | 'truncated';
}

const DATA = Buffer.from('data:');
const DONE = Buffer.from('[DONE]');
const EVENT_START = Buffer.from('data: ');
const EVENT_END = Buffer.from('\n\n');

/**
 * The plain path of a chat or legacy completions stream: bytes of the provider in, bytes for the client out, as soon as
 * an event is complete. Top-level `model` values become the published name; a usage object is read and, unless asked for,
 * taken out (its chunk too when `choices` is empty); comments, empty events and what is no JSON object are dropped; `[DONE]`
 * and errors of the provider are withheld and end the stream (`stopped`), the relay writes its own. Events that are more
 * than one `data:` line come out as one. No event is parsed but those that finish a choice, hold usage or tell an error.
 * The output does not depend on how the bytes were cut into chunks. Never throws.
 */
export class ChatStreamFilter implements SseBlockSink {
  private readonly framer: SseFramer;
  private readonly out = new ByteRuns();
  private readonly scanner = new ChatChunkScanner();
  private readonly published: Buffer;
  private readonly finishedChoices = new Set<unknown>();
  private lastUsage: UsageTokens | null = null;
  private failure: ChatStreamError | null = null;
  private done = false;
  private seen = false;
  private count = 0;

  constructor(private readonly options: ChatStreamFilterOptions) {
    this.framer = new SseFramer(options);
    this.published = Buffer.from(JSON.stringify(options.publishedName));
  }

  /** The tokens of the last usage object seen. */
  get usage(): UsageTokens | null {
    return this.lastUsage;
  }

  /** Every choice has its `finish_reason`. */
  get finished(): boolean {
    return this.finishedChoices.size >= Math.max(this.options.choices, 1);
  }

  get sawDone(): boolean {
    return this.done;
  }

  get firstEventSeen(): boolean {
    return this.seen;
  }

  /** JSON events that have come, sent on or not. */
  get events(): number {
    return this.count;
  }

  get error(): ChatStreamError | null {
    return this.failure;
  }

  get failed(): boolean {
    return this.failure !== null;
  }

  /** Nothing more can come out: the relay may leave the provider. */
  get stopped(): boolean {
    return this.done || this.failure !== null;
  }

  /** Takes the provider's next bytes; returns what may be sent now, null when that is nothing. */
  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    this.framer.push(chunk, this);
    if (this.framer.refused) this.fail('no_room', null);
    else if (!this.stopped && this.framer.pendingBytes > this.options.maxEventBytes) this.fail('event_too_large', null);
    return this.out.take();
  }

  /** Call once when the provider's body has ended or broken off. */
  end(): ChatStreamEnd {
    if (!this.stopped) this.readTail(this.framer.takePending());
    const tail = this.out.take();
    const complete = this.failure === null && (this.finished || (this.done && this.finishedChoices.size > 0));
    return complete ? { complete, tail } : { complete, tail, reason: this.failure?.reason ?? 'truncated' };
  }

  /** For the framer. */
  block(bytes: Buffer, start: number, end: number, lines: number, hasCr: boolean): boolean {
    if (end - start > this.options.maxEventBytes) return this.fail('event_too_large', null);
    const afterName = start + DATA.length;
    if (lines !== 1 || !sameBytes(bytes, start, afterName, DATA)) return this.unusualBlock(bytes, start, end);
    const from = skipSpace(bytes, afterName, end);
    const lineEnd = bytes[end - 1] === 0x0a && bytes[end - 2] === 0x0d ? end - 2 : end - 1;
    // Of an event with CR or CRLF line ends only the data is sent on.
    return hasCr ? this.payload(bytes, from, lineEnd, -1, -1) : this.payload(bytes, from, lineEnd, start, end + 1);
  }

  private unusualBlock(bytes: Buffer, start: number, end: number): boolean {
    const { data, event, error } = readSseBlock(bytes.toString('latin1', start, end));
    if (error !== null) return this.failWith(Buffer.from(error, 'latin1'));
    if (data === null) return true;
    const payload = Buffer.from(data, 'latin1');
    if (event === 'error') return this.failWith(payload);
    return this.payload(payload, skipSpace(payload, 0, payload.length), payload.length, -1, -1);
  }

  /**
   * One event's data, `from` its first character. `eventStart` up to `eventEnd` is the whole event where it may be sent
   * as it came, -1 where it must be written anew.
   */
  private payload(bytes: Buffer, from: number, end: number, eventStart: number, eventEnd: number): boolean {
    if (bytes[from] !== OPEN_BRACE || from >= end) return this.otherPayload(bytes, from, end);
    const { scanner, out, published } = this;
    if (!scanner.scan(bytes, from, end)) return this.fail('malformed_event', null);
    this.seen = true;
    this.count += 1;
    if (scanner.special) return this.specialPayload(bytes.subarray(from, end), scanner.finishes);
    if (scanner.finishes && !this.finished && !this.noteFinished(bytes.subarray(from, end))) return false;
    const anew = eventStart === -1;
    const sendFrom = anew ? from : eventStart;
    const sendEnd = anew ? end : eventEnd;
    if (anew) out.add(EVENT_START, 0, EVENT_START.length);
    if (scanner.modelStart === -1 || sameBytes(bytes, scanner.modelStart, scanner.modelEnd, published)) {
      out.add(bytes, sendFrom, sendEnd);
    } else {
      out.add(bytes, sendFrom, scanner.modelStart);
      out.add(published, 0, published.length);
      out.add(bytes, scanner.modelEnd, sendEnd);
    }
    if (anew) out.add(EVENT_END, 0, EVENT_END.length);
    if (this.options.onEvent !== undefined) this.hand(this.options.onEvent);
    return true;
  }

  private hand(onEvent: (event: Buffer) => void): void {
    const event = this.out.take();
    if (event !== null) onEvent(event);
  }

  private otherPayload(bytes: Buffer, from: number, end: number): boolean {
    if (bytes[from] !== OPEN_BRACKET || from + DONE.length > end || !sameBytes(bytes, from, from + DONE.length, DONE))
      return true;
    this.done = true;
    return false;
  }

  /** An event with a usage object, a word of error, or a repeated model: its members are read. */
  private specialPayload(bytes: Buffer, finishes: boolean): boolean {
    if (hasTooManyValues(bytes)) return this.fail('malformed_event', null);
    const body = readObject(bytes);
    if (!body.ok) return this.fail('malformed_event', null);
    const { scan } = body;
    const choices = findMember(scan, 'choices');
    if (tellsError(body) || (choices !== undefined && elementsTell(body.bytes, choices))) return this.failWith(body.bytes);
    if (finishes && !this.finished && !this.noteFinished(body.bytes)) return false;
    const edits: Edit[] = [];
    const usage = findMember(scan, 'usage');
    // What has neither choices nor usage is nothing that was asked for.
    if (choices === undefined && usage?.kind !== 'object') return true;
    if (usage?.kind === 'object') {
      this.lastUsage = readUsage(parseCounted(body.bytes.subarray(usage.valueStart, usage.valueEnd))) ?? this.lastUsage;
      if (!this.options.usageAsked) {
        if (!hasChoices(body)) return true;
        edits.push({ op: 'remove', key: 'usage' });
      }
    }
    if (findMember(scan, 'model')?.kind === 'string') edits.push({ op: 'set', key: 'model', value: this.published });
    const edited = spliceBody(body.bytes, scan, edits);
    this.out.add(EVENT_START, 0, EVENT_START.length);
    this.out.add(edited, 0, edited.length);
    this.out.add(EVENT_END, 0, EVENT_END.length);
    if (this.options.onEvent !== undefined) this.hand(this.options.onEvent);
    return true;
  }

  private noteFinished(bytes: Buffer): boolean {
    const event = parseCounted(bytes);
    if (event === undefined) return this.fail('malformed_event', null);
    const { choices } = event as { readonly choices?: unknown };
    if (!Array.isArray(choices)) return true;
    if (elementsTellError(choices)) return this.failWith(bytes);
    for (const choice of choices as unknown[]) {
      if (typeof choice !== 'object' || choice === null) continue;
      const { index = 0, finish_reason: reason } = choice as { readonly index?: unknown; readonly finish_reason?: unknown };
      if (typeof reason === 'string' && reason !== '') this.finishedChoices.add(index);
    }
    return true;
  }

  /** The stream ended without a blank line: the last event counts only when it is whole beyond doubt. */
  private readTail(rest: Buffer): void {
    if (rest.length === 0) return;
    if (rest.length > this.options.maxEventBytes) return void this.fail('event_too_large', null);
    const { data, event, error } = readSseBlock(rest.toString('latin1'));
    const payload = Buffer.from(error ?? data ?? '', 'latin1');
    const from = skipSpace(payload, 0, payload.length);
    if (bytesAreObject(payload, from)) {
      if (error !== null || event === 'error') this.failWith(payload);
      else this.payload(payload, from, payload.length, -1, -1);
    } else if (error === null && event !== 'error') this.otherPayload(payload, from, payload.length);
  }

  private failWith(payload: Buffer): false {
    if (hasTooManyValues(payload)) return this.fail('malformed_event', null);
    const said = parseCounted(payload);
    const inner = typeof said === 'object' && said !== null ? (said as { readonly error?: unknown }).error : undefined;
    return this.fail('provider_error', inner ?? said ?? payload.toString('utf8'));
  }

  private fail(reason: ChatStreamError['reason'], provider: unknown): false {
    this.failure = { reason, provider };
    return false;
  }
}

function bytesAreObject(bytes: Buffer, from: number): boolean {
  return bytes[from] === OPEN_BRACE && parseCounted(bytes) !== undefined;
}
