import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import { parseCounted } from '../../wire/counted-json.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { findMember, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { readUsage, type UsageTokens } from '../../wire/usage-tokens.js';
import { eventBytes } from '../../wire/typed-event.js';
import { EventReader } from './event-reader.js';

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

/** The stream of a kind whose events pass as they came, with the model's name replaced. */
export class TypedEvents extends EventReader {
  private readonly published: Buffer;
  private ended = 0;
  private newest: JsonBody | undefined;

  constructor(
    publishedName: string,
    private readonly form: TypedEventsForm,
    limits: EventLimits,
    onEvent: ((event: Buffer) => void) | undefined,
  ) {
    super(limits, onEvent);
    this.published = Buffer.from(JSON.stringify(publishedName));
  }

  get measures(): CallMeasures | undefined {
    return this.form.measures({ begun: this.firstEventSeen, ended: this.ended, newest: this.newest });
  }

  get finished(): boolean {
    return this.ended >= this.form.parts;
  }

  protected override conclude(): boolean {
    return this.ended > 0;
  }

  protected override pass(body: JsonBody, type: string): void {
    const { last, withheld, required } = this.form;
    const needed = required?.[type];
    if (needed !== undefined && !saysText(body, needed)) {
      this.fail('malformed_event');
      return;
    }
    if (last.has(type)) {
      this.ended += 1;
      this.newest = body;
      this.tokens = added(this.tokens, usageOf(body));
    }
    const edits: Edit[] = withheld.map((key) => ({ op: 'remove', key }));
    if (findMember(body.scan, 'model')?.kind === 'string') edits.push({ op: 'set', key: 'model', value: this.published });
    this.send(eventBytes(type, spliceBody(body.bytes, body.scan, edits)));
  }
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
    cacheWriteTokens: before.cacheWriteTokens + now.cacheWriteTokens,
    outputTokens: before.outputTokens + now.outputTokens,
    reasoningTokens: before.reasoningTokens + now.reasoningTokens,
    totalTokens: before.totalTokens + now.totalTokens,
  };
}
