import type { Fields } from '../../../../kernel/fields.js';
import type { AnswerStream, AnswerStreamEnd } from '../../call/answer.js';
import { readProvider } from '../../call/provider-json.js';
import { tellsError } from '../../wire/chat-event.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { readObject, textOf, type JsonBody } from '../../wire/json-body.js';
import { readSseBlock } from '../../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../../wire/sse-framer.js';
import type { UsageTokens } from '../../wire/usage-tokens.js';
import { EventOutput } from './event-output.js';

const eventLine = 'event:';
const dataLine = 'data:';
const newline = 0x0a;

/**
 * Reads a provider's stream of typed events: each is judged by the top level of its JSON, which is not parsed here. Comments,
 * what is no JSON object or has no type, and `[DONE]` are dropped; an error, a broken event and one that is too large end the
 * stream. What becomes of an event is its kind's to say.
 */
export abstract class EventReader implements AnswerStream, SseBlockSink {
  protected tokens: UsageTokens | null = null;
  private readonly framer: SseFramer;
  private readonly output: EventOutput;
  private begun = false;
  private count = 0;
  private reason: AnswerStreamEnd['reason'];

  constructor(
    private readonly limits: EventLimits,
    onEvent: ((event: Buffer) => void) | undefined,
  ) {
    this.framer = new SseFramer(limits);
    this.output = new EventOutput(onEvent);
  }

  get usage(): UsageTokens | null {
    return this.tokens;
  }

  get failed(): boolean {
    return this.reason !== undefined;
  }

  get stopped(): boolean {
    return this.finished || this.failed;
  }

  get firstEventSeen(): boolean {
    return this.begun;
  }

  get events(): number {
    return this.count;
  }

  abstract get finished(): boolean;

  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    this.framer.push(chunk, this);
    if (this.framer.refused) this.fail('no_room');
    else if (!this.stopped && this.framer.pendingBytes > this.limits.maxEventBytes) this.fail('event_too_large');
    return this.output.taken();
  }

  end(): AnswerStreamEnd {
    const rest = this.stopped ? undefined : this.framer.takePending();
    // The blank line behind the last event may be missing; what is no whole JSON is not taken.
    if (rest !== undefined && rest.length > 0) this.takeBlock(rest.toString('latin1'), true);
    const complete = !this.failed && this.conclude();
    const tail = this.output.taken();
    return complete ? { complete, tail } : { complete, tail, reason: this.reason ?? 'truncated' };
  }

  /** For the framer. */
  block(bytes: Buffer, start: number, end: number, lines: number, hasCr: boolean): boolean {
    const plain = hasCr ? undefined : plainData(bytes, start, end, lines);
    const body = plain === undefined ? undefined : readObject(plain);
    if (end - start > this.limits.maxEventBytes) this.fail('event_too_large');
    else if (body?.ok !== true || !this.take(body, textOf(body, 'type')))
      this.takeBlock(bytes.toString('latin1', start, end), false);
    return !this.stopped;
  }

  /** Takes a sound event. */
  protected abstract pass(body: JsonBody, type: string): void;

  /** The provider has said all. @returns whether that is a whole answer. */
  protected abstract conclude(): boolean;

  protected send(event: Buffer): void {
    this.output.send(event);
  }

  /** What JSON of the provider says; undefined where it cannot be read, which ends the stream. */
  protected read(json: Buffer): Fields | undefined {
    try {
      return readProvider(json);
    } catch {
      this.fail('malformed_event');
      return undefined;
    }
  }

  protected fail(reason: NonNullable<AnswerStreamEnd['reason']>): void {
    this.reason = reason;
  }

  private takeBlock(block: string, mayBeCut: boolean): void {
    const { data, event, error } = readSseBlock(block);
    if (error !== null || event === 'error') {
      this.fail('provider_error');
      return;
    }
    if (data === null || !data.trimStart().startsWith('{')) return;
    const body = readObject(Buffer.from(data.trim(), 'latin1'));
    if (body.ok) this.take(body, textOf(body, 'type') ?? event ?? undefined);
    else if (!mayBeCut) this.fail('malformed_event');
  }

  /** @returns false for an event whose type nobody has told so far. */
  private take(body: JsonBody, type: string | undefined): boolean {
    if (tellsError(body)) this.fail('provider_error');
    else if (type === undefined) return false;
    else {
      this.count += 1;
      this.pass(body, type);
      this.begun ||= !this.failed;
    }
    return true;
  }
}

/** What the one `data:` line of a block holds, before which its type may stand; undefined for every other block. */
function plainData(bytes: Buffer, start: number, end: number, lines: number): Buffer | undefined {
  const startsWith = (text: string, at: number): boolean => bytes.toString('latin1', at, at + text.length) === text;
  let at = start;
  if (lines === 2 && startsWith(eventLine, start)) at = bytes.indexOf(newline, start) + 1;
  else if (lines !== 1) return undefined;
  return startsWith(dataLine, at) ? withoutSpace(bytes, at + dataLine.length, end) : undefined;
}

/** What is sent on is the JSON itself: neither the space behind the colon nor the end of the line. */
function withoutSpace(bytes: Buffer, start: number, end: number): Buffer {
  let from = start;
  let to = end;
  while (from < to && isSpace(bytes[from])) from += 1;
  while (to > from && isSpace(bytes[to - 1])) to -= 1;
  return bytes.subarray(from, to);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === newline;
}
