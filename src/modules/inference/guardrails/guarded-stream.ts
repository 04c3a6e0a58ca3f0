import type { Fields } from '../../../kernel/fields.js';
import type { AnswerStream, AnswerStreamEnd } from '../call/answer.js';
import { providerObject } from '../call/provider-json.js';
import type { CallMeasures } from '../../../platform/journal/call-record.js';
import type { EventLimits } from '../wire/event-limits.js';
import { printExact } from '../wire/exact-json.js';
import { readSseBlock } from '../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../wire/sse-framer.js';
import type { UsageTokens } from '../wire/usage-tokens.js';
import type { EventTexts } from './event-texts.js';

const doneEvent = Buffer.from('data: [DONE]\n\n');

/**
 * A provider's stream whose texts are judged before anything is made of it. What is refused is thrown by `push` and `end`.
 * Only what was judged goes on: the objects of events, the end of a stream and a provider's own word of an error. All else
 * that a stream may hold, such as comments, is dropped.
 */
export class GuardedStream implements AnswerStream, SseBlockSink {
  private readonly framer: SseFramer;
  private chunks: Buffer[] = [];
  private count = 0;
  private reason: AnswerStreamEnd['reason'];

  /** @param isJudged the answer has come in one piece and was judged: its events are those of what was left of it. */
  constructor(
    private readonly inner: AnswerStream,
    private readonly texts: EventTexts,
    private readonly limits: EventLimits,
    private readonly isJudged: () => boolean,
  ) {
    this.framer = new SseFramer(limits);
  }

  get usage(): UsageTokens | null {
    return this.inner.usage;
  }

  get measures(): CallMeasures | undefined {
    return this.inner.measures;
  }

  get finished(): boolean {
    return this.inner.finished;
  }

  get failed(): boolean {
    return this.reason !== undefined || this.inner.failed;
  }

  get stopped(): boolean {
    return this.failed || this.inner.stopped;
  }

  get firstEventSeen(): boolean {
    return this.inner.firstEventSeen;
  }

  get events(): number {
    return this.isJudged() ? this.inner.events : this.count;
  }

  /** @throws AppError content_policy. */
  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    if (this.isJudged()) return this.inner.push(chunk);
    this.framer.push(chunk, this);
    if (this.framer.refused) this.reason ??= 'no_room';
    else if (this.framer.pendingBytes > this.limits.maxEventBytes) this.reason ??= 'event_too_large';
    return this.passed();
  }

  /** @throws AppError content_policy. */
  end(): AnswerStreamEnd {
    if (!this.stopped && !this.isJudged()) {
      const pending = this.framer.takePending();
      // The blank line behind the last event may be missing.
      if (pending.length > 0) this.block(pending, 0, pending.length);
      this.say(this.texts.end());
    }
    const last = this.passed();
    const { complete, tail, reason } = this.inner.end();
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
    const { data, event, error } = readSseBlock(bytes.toString('latin1', start, end));
    if (error !== null || (event === 'error' && data === null)) {
      // This ends the stream.
      this.chunks.push(Buffer.from(error === null ? 'event: error\n\n' : `error: ${error}\n\n`, 'latin1'));
    } else if (data?.trimStart().startsWith('[DONE]') === true) {
      this.say(this.texts.end());
      this.chunks.push(doneEvent);
    } else if (data !== null) {
      const said = this.read(data);
      this.count += 1;
      if (said !== undefined) this.say(this.texts.take(typed(said, event)));
    }
    return !this.failed;
  }

  private read(data: string): Fields | undefined {
    try {
      return providerObject(Buffer.from(data, 'latin1'));
    } catch {
      this.reason ??= 'malformed_event';
      return undefined;
    }
  }

  private say(events: ReturnType<EventTexts['take']>): void {
    for (const event of events) {
      const { type } = event;
      const name = typeof type === 'string' ? `event: ${type}\n` : '';
      this.chunks.push(Buffer.from(`${name}data: ${printExact(event)}\n\n`));
    }
  }

  private passed(): Buffer | null {
    const { chunks } = this;
    if (chunks.length === 0) return null;
    this.chunks = [];
    return this.inner.push(Buffer.concat(chunks));
  }
}

/** The event with the type that its `event:` line tells, where it tells none itself. Chunks of a chat have none. */
function typed(said: Fields, name: string | null): Fields {
  return name === null || said['type'] !== undefined || Array.isArray(said['choices']) ? said : { type: name, ...said };
}
