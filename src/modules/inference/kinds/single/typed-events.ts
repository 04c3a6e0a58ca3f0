import type { AppError } from '../../../../kernel/app-error.js';
import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { AnswerStream, AnswerStreamEnd, ReplyFlow, StreamedAnswer, WholeReply } from '../../call/answer.js';
import { tellsError } from '../../wire/chat-event.js';
import { findMember, readMember, readObject, type JsonBody } from '../../wire/json-body.js';
import { readSseBlock } from '../../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../../wire/sse-framer.js';
import { eventBytes } from '../../wire/typed-event.js';
import { readUsage, type UsageTokens } from '../../wire/usage-tokens.js';

/** Which events a stream has, and what its call takes beside tokens. */
export interface TypedEventsForm {
  /** The type of the event that ends it. */
  readonly last: string;
  readonly measures?: CallMeasures | undefined;
  /** Judges and writes a reply that came in one piece. @throws AppError upstream_error */
  reply(bytes: Buffer): WholeReply;
  /** The same reply as events. @throws AppError upstream_error where this cannot be. */
  eventsOf(reply: Buffer): Buffer;
}

/**
 * A stream of typed events that says nothing of the model or of ids: sound, images or a transcript in pieces. Events pass as
 * they came; none is parsed but the last one, for its usage, and one that tells an error.
 */
export class TypedEventsAnswer implements StreamedAnswer {
  readonly done = '';

  constructor(private readonly form: TypedEventsForm) {}

  reply(bytes: Buffer): WholeReply {
    return this.form.reply(bytes);
  }

  flow(): ReplyFlow | undefined {
    return undefined;
  }

  stream(maxEventBytes: number, onEvent?: (event: Buffer) => void): AnswerStream {
    return new TypedEvents(this.form, maxEventBytes, onEvent);
  }

  eventsOf(reply: Buffer): Buffer {
    return this.form.eventsOf(reply);
  }

  /** A comment: these streams have no event that says nothing. */
  emptyEvent(): string {
    return ': ping\n';
  }

  usageEvent(): undefined {
    return undefined;
  }

  errorEvent(error: AppError): string {
    return `event: error\ndata: ${JSON.stringify({ type: 'error', ...error.body() })}\n\n`;
  }
}

class TypedEvents implements AnswerStream, SseBlockSink {
  private readonly framer = new SseFramer();
  private out: Buffer[] = [];
  private tokens: UsageTokens | null = null;
  private seen = false;
  private ended = false;
  private reason: AnswerStreamEnd['reason'];

  constructor(
    private readonly form: TypedEventsForm,
    private readonly maxEventBytes: number,
    private readonly onEvent: ((event: Buffer) => void) | undefined,
  ) {}

  get usage(): UsageTokens | null {
    return this.tokens;
  }

  get measures(): CallMeasures | undefined {
    return this.form.measures;
  }

  get finished(): boolean {
    return this.ended;
  }

  get failed(): boolean {
    return this.reason !== undefined;
  }

  get stopped(): boolean {
    return this.ended || this.failed;
  }

  get firstEventSeen(): boolean {
    return this.seen;
  }

  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    this.framer.push(chunk, this);
    if (this.framer.pendingBytes > this.maxEventBytes) this.reason = 'event_too_large';
    return this.taken();
  }

  end(): AnswerStreamEnd {
    if (this.reason !== undefined) return { complete: false, tail: null, reason: this.reason };
    return this.ended ? { complete: true, tail: this.taken() } : { complete: false, tail: null, reason: 'truncated' };
  }

  block(bytes: Buffer, start: number, end: number): boolean {
    const { data } = readSseBlock(bytes.toString('latin1', start, end));
    if (data === null || data.trim() === '[DONE]') return true;
    const json = Buffer.from(data, 'latin1');
    const body = readObject(json);
    this.seen = true;
    const type = body.ok ? typeOf(body) : undefined;
    if (!body.ok) this.reason = 'malformed_event';
    else if (type === undefined || tellsError(body)) this.reason = 'provider_error';
    else {
      if (type === this.form.last) this.finish(body);
      this.emit(eventBytes(type, body.bytes));
    }
    return !this.stopped;
  }

  private finish(body: JsonBody): void {
    this.ended = true;
    const usage = findMember(body.scan, 'usage');
    if (usage?.kind === 'object') this.tokens = readUsage(readMember(body.bytes, usage));
  }

  private emit(event: Buffer): void {
    if (this.onEvent === undefined) this.out.push(event);
    else this.onEvent(event);
  }

  private taken(): Buffer | null {
    const { out } = this;
    if (out.length === 0) return null;
    this.out = [];
    return Buffer.concat(out);
  }
}

function typeOf(body: JsonBody): string | undefined {
  const type = findMember(body.scan, 'type');
  return type?.kind === 'string' ? (readMember(body.bytes, type) as string) : undefined;
}
