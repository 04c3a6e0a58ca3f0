import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { AnswerStream, AnswerStreamEnd } from '../../call/answer.js';
import { tellsError } from '../../wire/chat-event.js';
import { parseCounted } from '../../wire/counted-json.js';
import { findMember, readMember, readObject, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { readSseBlock } from '../../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../../wire/sse-framer.js';
import { readUsage, type UsageTokens } from '../../wire/usage-tokens.js';
import { eventBytes } from '../../wire/typed-event.js';

/** How far a stream has come. */
export interface TypedEventsState {
  /** An event has come. */
  readonly begun: boolean;
  /** How many of the events that end a part have come, and the newest of them. */
  readonly ended: number;
  readonly newest: JsonBody | undefined;
}

/** What tells one kind's events from another's. */
export interface TypedEventsForm {
  /** Types of the events that end a part of the answer. */
  readonly last: ReadonlySet<string>;
  /** So many of them end the whole. A provider that ends its stream after fewer, but one, has said all. */
  readonly parts: number;
  /** Members that no client sees. */
  readonly withheld: readonly string[];
  /** Members that an event of a type must have, as a text that is not empty. */
  readonly required?: Readonly<Record<string, string>>;
  /** What the stream has taken so far beside tokens. */
  measures(state: TypedEventsState): CallMeasures | undefined;
}

/**
 * A provider's stream of typed events: each is judged by the top level of its JSON, which is not parsed, and goes on with
 * the model's name replaced. Comments, what is no JSON object and `[DONE]` are dropped; an error ends the stream.
 */
export class TypedEvents implements AnswerStream, SseBlockSink {
  private readonly framer = new SseFramer();
  private readonly published: Buffer;
  private out: Buffer[] = [];
  private begun = false;
  private ended = 0;
  private newest: JsonBody | undefined;
  private reason: AnswerStreamEnd['reason'];
  private tokens: UsageTokens | null = null;

  constructor(
    publishedName: string,
    private readonly form: TypedEventsForm,
    private readonly maxEventBytes: number,
    private readonly onEvent: ((event: Buffer) => void) | undefined,
  ) {
    this.published = Buffer.from(JSON.stringify(publishedName));
  }

  get usage(): UsageTokens | null {
    return this.tokens;
  }

  get measures(): CallMeasures | undefined {
    return this.form.measures({ begun: this.begun, ended: this.ended, newest: this.newest });
  }

  get finished(): boolean {
    return this.ended >= this.form.parts;
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

  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    this.framer.push(chunk, this);
    if (!this.stopped && this.framer.pendingBytes > this.maxEventBytes) this.reason = 'event_too_large';
    return this.taken();
  }

  end(): AnswerStreamEnd {
    const rest = this.stopped ? undefined : this.framer.takePending();
    // The blank line behind the last event may be missing; what is no whole JSON is not taken.
    if (rest !== undefined && rest.length > 0) this.take(rest.toString('latin1'), true);
    const tail = this.taken();
    if (this.reason !== undefined) return { complete: false, tail, reason: this.reason };
    return this.ended > 0 ? { complete: true, tail } : { complete: false, tail, reason: 'truncated' };
  }

  /** For the framer. */
  block(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > this.maxEventBytes) this.reason = 'event_too_large';
    else this.take(bytes.toString('latin1', start, end), false);
    return !this.stopped;
  }

  private take(block: string, mayBeCut: boolean): void {
    const { data, event, error } = readSseBlock(block.startsWith('\xef\xbb\xbf') ? block.slice(3) : block);
    if (error !== null || event === 'error') {
      this.reason = 'provider_error';
      return;
    }
    if (data === null || !data.trimStart().startsWith('{')) return;
    const body = readObject(Buffer.from(data, 'latin1'));
    if (!body.ok) {
      if (!mayBeCut) this.reason = 'malformed_event';
    } else if (tellsError(body)) this.reason = 'provider_error';
    else this.pass(body, textOf(body, 'type') ?? event);
  }

  private pass(body: JsonBody, type: string | null): void {
    // Without a type it is nothing that was asked for.
    if (type === null) return;
    const { last, withheld, required } = this.form;
    const needed = required?.[type];
    if (needed !== undefined && !saysText(body, needed)) {
      this.reason = 'malformed_event';
      return;
    }
    this.begun = true;
    if (last.has(type)) {
      this.ended += 1;
      this.newest = body;
      this.tokens = added(this.tokens, usageOf(body));
    }
    const edits: Edit[] = withheld.map((key) => ({ op: 'remove', key }));
    if (findMember(body.scan, 'model')?.kind === 'string') edits.push({ op: 'set', key: 'model', value: this.published });
    const sent = eventBytes(type, spliceBody(body.bytes, body.scan, edits));
    if (this.onEvent === undefined) this.out.push(sent);
    else this.onEvent(sent);
  }

  private taken(): Buffer | null {
    if (this.out.length === 0) return null;
    const events = this.out;
    this.out = [];
    return events.length === 1 ? (events[0] ?? null) : Buffer.concat(events);
  }
}

/** A member that is a text; undefined where it is none. */
export function textOf(body: JsonBody, name: string): string | undefined {
  const member = findMember(body.scan, name);
  return member?.kind === 'string' ? (readMember(body.bytes, member) as string) : undefined;
}

function saysText(body: JsonBody, name: string): boolean {
  const member = findMember(body.scan, name);
  return member?.kind === 'string' && member.valueEnd - member.valueStart > 2;
}

function usageOf(body: JsonBody): UsageTokens | null {
  const usage = findMember(body.scan, 'usage');
  return usage === undefined ? null : readUsage(parseCounted(body.bytes, usage.valueStart, usage.valueEnd));
}

/** Each part tells its own usage. */
function added(before: UsageTokens | null, now: UsageTokens | null): UsageTokens | null {
  if (before === null || now === null) return now ?? before;
  return {
    inputTokens: before.inputTokens + now.inputTokens,
    cachedInputTokens: before.cachedInputTokens + now.cachedInputTokens,
    outputTokens: before.outputTokens + now.outputTokens,
    reasoningTokens: before.reasoningTokens + now.reasoningTokens,
    totalTokens: before.totalTokens + now.totalTokens,
  };
}
