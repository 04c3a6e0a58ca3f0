import type { AnswerStream, AnswerStreamEnd } from '../call/answer.js';
import { providerObject } from '../call/provider-json.js';
import type { Fields } from '../../../kernel/fields.js';
import type { EventLimits } from '../wire/event-limits.js';
import { printExact } from '../wire/exact-json.js';
import { readSseBlock } from '../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../wire/sse-framer.js';
import type { UsageTokens } from '../wire/usage-tokens.js';
import type { ChatReader } from '../dialects/dialect.js';

const done = Buffer.from('data: [DONE]\n\n');

/** A provider's stream in its own wire, read as that of a provider of chat. */
export class DialectStream implements AnswerStream, SseBlockSink {
  private readonly framer: SseFramer;
  private chunks: Buffer[] = [];
  private count = 0;
  private reason: AnswerStreamEnd['reason'];

  /**
   * @param chat what reads a stream of chat.
   * @param reader says the provider's events in chat.
   * @param head the members that stand before what is said.
   * @param isTold the answer has come in one piece and was said in chat: its events are those of chat.
   */
  constructor(
    private readonly chat: AnswerStream,
    private readonly reader: ChatReader,
    private readonly head: Fields,
    private readonly limits: EventLimits,
    private readonly isTold: () => boolean,
  ) {
    this.framer = new SseFramer(limits);
  }

  get usage(): UsageTokens | null {
    return this.chat.usage;
  }

  get finished(): boolean {
    return this.reader.finished || this.chat.finished;
  }

  get failed(): boolean {
    return this.reason !== undefined || this.chat.failed;
  }

  get stopped(): boolean {
    return this.failed || this.chat.stopped;
  }

  get firstEventSeen(): boolean {
    return this.chat.firstEventSeen;
  }

  get events(): number {
    return this.isTold() ? this.chat.events : this.count;
  }

  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    if (this.isTold()) return this.chat.push(chunk);
    this.framer.push(chunk, this);
    if (this.framer.refused) this.reason ??= 'no_room';
    else if (this.framer.pendingBytes > this.limits.maxEventBytes) this.reason ??= 'event_too_large';
    if (!this.failed && this.reader.ended) this.conclude();
    return this.passed();
  }

  end(): AnswerStreamEnd {
    if (!this.stopped && !this.isTold()) {
      const pending = this.framer.takePending();
      // The blank line behind the last event may be missing; what is no whole JSON is not taken.
      if (pending.length > 0 && endsAnObject(pending)) this.block(pending, 0, pending.length);
      if (!this.failed) this.conclude();
    }
    const last = this.passed();
    const { complete, tail, reason } = this.chat.end();
    const bytes = [last, tail].filter((some) => some !== null);
    const all = bytes.length === 0 ? null : Buffer.concat(bytes);
    if (this.reason !== undefined) return { complete: false, tail: all, reason: this.reason };
    return reason === undefined ? { complete, tail: all } : { complete, tail: all, reason };
  }

  /** For the framer. */
  block(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > this.limits.maxEventBytes) {
      this.reason ??= 'event_too_large';
      return false;
    }
    const text = bytes.toString('latin1', start, end);
    const { data } = readSseBlock(text);
    // An error may stand in a stream as plain JSON, of which no line is an event's.
    try {
      const event = providerObject(Buffer.from(data ?? text, 'latin1'));
      if (event === undefined) return true;
      this.count += 1;
      for (const said of this.reader.take(event)) this.say(said);
    } catch {
      // What nests without end cannot be printed either.
      this.reason ??= 'malformed_event';
    }
    return !this.failed;
  }

  /** The provider says nothing more: what is still due, where its answer is whole. */
  private conclude(): void {
    const rest = this.reader.end();
    if (rest === undefined) return;
    for (const said of rest) this.say(said);
    this.chunks.push(done);
  }

  private say(said: Fields): void {
    this.chunks.push(Buffer.from(`data: ${printExact({ ...this.head, ...said })}\n\n`));
  }

  /** What was said goes through the reading of chat. */
  private passed(): Buffer | null {
    const { chunks } = this;
    if (chunks.length === 0) return null;
    this.chunks = [];
    const [only] = chunks;
    return this.chat.push(chunks.length === 1 ? (only as Buffer) : Buffer.concat(chunks));
  }
}

function endsAnObject(bytes: Buffer): boolean {
  return bytes
    .toString('latin1', Math.max(0, bytes.length - 16))
    .trimEnd()
    .endsWith('}');
}
