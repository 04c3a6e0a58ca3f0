import type { Fields } from '../../../../kernel/fields.js';
import type { AnswerStream, AnswerStreamEnd } from '../../call/answer.js';
import { printExact } from '../../wire/exact-json.js';
import { findMember, readMember, readObject, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { readSseBlock } from '../../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../../wire/sse-framer.js';
import { eventBytes } from '../../wire/typed-event.js';
import type { UsageTokens } from '../../wire/usage-tokens.js';
import { endResponse, ownResponse } from './response-object.js';
import { readProvider } from '../../call/provider-json.js';
import type { ResponseSaid } from './response-said.js';

/**
 * A stream of typed events from a provider that speaks Responses itself. Deltas pass as bytes, with the id of their item
 * replaced; only events that hold an item or the response are parsed. The last event is held until it is known whether the
 * provider has told its usage: without it, `usageEvent` of the answer gives it with counted tokens.
 */
export class ResponsesStream implements AnswerStream, SseBlockSink {
  private readonly framer = new SseFramer();
  private readonly out: Buffer[] = [];
  private seen = false;
  private reason: AnswerStreamEnd['reason'];
  private last: { readonly type: string; readonly sequence: number; readonly object: Fields } | undefined;
  private tokens: UsageTokens | null = null;
  private newest = -1;
  /** The response as its newest event showed it. */
  private shown: Fields | undefined;

  constructor(
    private readonly said: ResponseSaid,
    private readonly maxEventBytes: number,
    private readonly onEvent: ((event: Buffer) => void) | undefined,
  ) {}

  get usage(): UsageTokens | null {
    return this.tokens;
  }

  get finished(): boolean {
    return this.last !== undefined;
  }

  get failed(): boolean {
    return this.reason !== undefined;
  }

  get stopped(): boolean {
    return this.finished || this.failed;
  }

  get firstEventSeen(): boolean {
    return this.seen;
  }

  /** The highest `sequence_number` so far; -1 before the first event. */
  get sequence(): number {
    return this.newest;
  }

  /** The response as the client has seen it last. */
  get response(): Fields | undefined {
    return this.shown;
  }

  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    this.framer.push(chunk, this);
    if (this.framer.pendingBytes > this.maxEventBytes) this.reason = 'event_too_large';
    return this.taken();
  }

  end(): AnswerStreamEnd {
    const { last } = this;
    if (this.reason !== undefined) return { complete: false, tail: this.taken(), reason: this.reason };
    if (last === undefined) return { complete: false, tail: this.taken(), reason: 'truncated' };
    if (this.tokens !== null) this.emit(this.lastEvent(last.object['usage']));
    return { complete: true, tail: this.taken() };
  }

  /** The event that ends the response, with this usage. */
  lastEvent(usage: unknown): Buffer {
    const { last, said } = this;
    if (last === undefined) throw new Error('The response has not ended.');
    const object: Fields = { ...last.object, usage };
    const text = endResponse({ object, status: object['status'], tokens: null }, said);
    return eventBytes(last.type, `{"type":${JSON.stringify(last.type)},"sequence_number":${last.sequence},"response":${text}}`);
  }

  block(bytes: Buffer, start: number, end: number): boolean {
    const { data } = readSseBlock(bytes.toString('latin1', start, end));
    if (data === null || data.trim() === '[DONE]') return true;
    this.take(Buffer.from(data, 'latin1'));
    return !this.stopped;
  }

  private take(json: Buffer): void {
    const body = readObject(json);
    if (!body.ok) {
      this.reason = 'malformed_event';
      return;
    }
    this.seen = true;
    const type = textOf(body, 'type');
    const sequence = this.sequenceOf(body);
    if (type === undefined || type === 'error' || type === 'response.failed' || type === 'response.cancelled') {
      this.reason = 'provider_error';
      return;
    }
    if (findMember(body.scan, 'response')?.kind === 'object') this.takeResponse(type, sequence, body);
    else if (findMember(body.scan, 'item')?.kind === 'object') this.takeItem(type, body, sequence);
    else this.emit(eventBytes(type, this.withOwnIds(body, sequence)));
  }

  private takeResponse(type: string, sequence: number, body: JsonBody): void {
    const member = findMember(body.scan, 'response');
    if (member === undefined) return;
    const own = ownResponse(readProvider(body.bytes.subarray(member.valueStart, member.valueEnd)), this.said);
    this.shown = own.object;
    if (type === 'response.completed' || type === 'response.incomplete') {
      this.tokens = own.tokens;
      this.last = { type, sequence, object: own.object };
      return;
    }
    const edits: Edit[] = [{ op: 'set', key: 'response', value: Buffer.from(printExact(own.object)) }];
    this.emit(eventBytes(type, spliceBody(body.bytes, body.scan, [...edits, ...numbered(body, sequence)])));
  }

  private takeItem(type: string, body: JsonBody, sequence: number): void {
    const member = findMember(body.scan, 'item');
    if (member === undefined) return;
    const item = this.said.own(readProvider(body.bytes.subarray(member.valueStart, member.valueEnd)));
    const place = Number(numberMember(body, 'output_index') ?? 0);
    const shown = type === 'response.output_item.done' ? this.said.keep(place, item) : this.said.shown(item);
    const edits: Edit[] = [{ op: 'set', key: 'item', value: Buffer.from(printExact(shown)) }];
    this.emit(eventBytes(type, spliceBody(body.bytes, body.scan, [...edits, ...numbered(body, sequence)])));
  }

  private withOwnIds(body: JsonBody, sequence: number): Buffer {
    const id = textOf(body, 'item_id');
    const edits: Edit[] = [...numbered(body, sequence)];
    if (id !== undefined) edits.push({ op: 'set', key: 'item_id', value: Buffer.from(JSON.stringify(this.said.ids.of(id))) });
    if (findMember(body.scan, 'obfuscation') !== undefined) edits.push({ op: 'remove', key: 'obfuscation' });
    return spliceBody(body.bytes, body.scan, edits);
  }

  /** The event's own number where it rises, else the next one. */
  private sequenceOf(body: JsonBody): number {
    const given = numberMember(body, 'sequence_number');
    this.newest = given !== undefined && given > this.newest ? given : this.newest + 1;
    return this.newest;
  }

  private emit(event: Buffer): void {
    if (this.onEvent === undefined) this.out.push(event);
    else this.onEvent(event);
  }

  private taken(): Buffer | null {
    const [first] = this.out;
    if (first === undefined) return null;
    const events = this.out.splice(0);
    return events.length === 1 ? first : Buffer.concat(events);
  }
}

function numbered(body: JsonBody, sequence: number): readonly Edit[] {
  if (numberMember(body, 'sequence_number') === sequence) return [];
  return [{ op: 'set', key: 'sequence_number', value: Buffer.from(String(sequence)) }];
}

function textOf(body: JsonBody, name: string): string | undefined {
  const member = findMember(body.scan, name);
  return member?.kind === 'string' ? (readMember(body.bytes, member) as string) : undefined;
}

function numberMember(body: JsonBody, name: string): number | undefined {
  const member = findMember(body.scan, name);
  return member?.kind === 'number' ? (readMember(body.bytes, member) as number) : undefined;
}
