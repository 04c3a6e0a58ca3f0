import type { Fields } from '../../../../kernel/fields.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { printExact } from '../../wire/exact-json.js';
import { findMember, readMember, textOf, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { scanObjectAt, type ScannedMember } from '../../wire/json-scan.js';
import { failures } from '../../wire/response-events.js';
import { eventBytes } from '../../wire/typed-event.js';
import { WatchedNames } from '../../wire/watched-names.js';
import { endResponse, ownResponse } from './response-object.js';
import { EventReader } from '../typed-events/event-reader.js';
import type { ResponseSaid } from './response-said.js';

/** Events that tell a piece of an item in which containers and files may be named, and the member that is the piece. */
const pieces: ReadonlyMap<string, 'part' | 'annotation'> = new Map([
  ['response.content_part.added', 'part'],
  ['response.content_part.done', 'part'],
  ['response.output_text.annotation.added', 'annotation'],
]);
const naming = new WatchedNames(['container_id', 'file_id']);

/**
 * A stream of typed events from a provider that speaks Responses itself. Deltas pass as bytes, with the id of their item
 * replaced; only events that hold an item or the response are parsed, and pieces of an item that name containers or files. The
 * last event is held until it is known whether the provider has told its usage: without it, `usageEvent` of the answer gives it
 * with counted tokens.
 */
export class ResponsesStream extends EventReader {
  private last: { readonly type: string; readonly sequence: number; readonly object: Fields } | undefined;
  private newest = -1;
  /** The response as its newest event showed it. */
  private shown: Fields | undefined;

  constructor(
    private readonly said: ResponseSaid,
    limits: EventLimits,
    onEvent: ((event: Buffer) => void) | undefined,
  ) {
    super(limits, onEvent);
  }

  get finished(): boolean {
    return this.last !== undefined;
  }

  /** The highest `sequence_number` so far; -1 before the first event. */
  get sequence(): number {
    return this.newest;
  }

  /** The response as the client has seen it last. */
  get response(): Fields | undefined {
    return this.shown;
  }

  /** The event that ends the response, with this usage. */
  lastEvent(usage: unknown): Buffer {
    const { last, said } = this;
    if (last === undefined) throw new Error('The response has not ended.');
    const object: Fields = { ...last.object, usage };
    const text = endResponse({ object, status: object['status'], tokens: null }, said);
    return eventBytes(last.type, `{"type":${JSON.stringify(last.type)},"sequence_number":${last.sequence},"response":${text}}`);
  }

  protected override conclude(): boolean {
    const { last } = this;
    if (last !== undefined && this.tokens !== null) this.send(this.lastEvent(last.object['usage']));
    return last !== undefined;
  }

  protected override pass(body: JsonBody, type: string): void {
    const sequence = this.sequenceOf(body);
    if (failures.has(type)) this.fail('provider_error');
    else if (findMember(body.scan, 'response')?.kind === 'object') this.takeResponse(type, sequence, body);
    else if (findMember(body.scan, 'item')?.kind === 'object') this.takeItem(type, body, sequence);
    else this.takePiece(type, body, sequence);
  }

  private takeResponse(type: string, sequence: number, body: JsonBody): void {
    const member = findMember(body.scan, 'response');
    if (member === undefined) return;
    const given = this.read(body.bytes.subarray(member.valueStart, member.valueEnd));
    if (given === undefined) return;
    const own = ownResponse(given, this.said);
    this.shown = own.object;
    if (type === 'response.completed' || type === 'response.incomplete') {
      this.tokens = own.tokens;
      this.last = { type, sequence, object: own.object };
      return;
    }
    const edits: Edit[] = [{ op: 'set', key: 'response', value: Buffer.from(printExact(own.object)) }];
    this.send(eventBytes(type, spliceBody(body.bytes, body.scan, [...edits, ...numbered(body, sequence)])));
  }

  private takeItem(type: string, body: JsonBody, sequence: number): void {
    const member = findMember(body.scan, 'item');
    if (member === undefined) return;
    const place = numberMember(body, 'output_index') ?? 0;
    const given = this.read(body.bytes.subarray(member.valueStart, member.valueEnd));
    if (given === undefined) return;
    const item = this.said.own(place, given);
    const shown = type === 'response.output_item.done' ? this.said.keep(place, item) : this.said.shown(item);
    const edits: Edit[] = [{ op: 'set', key: 'item', value: Buffer.from(printExact(shown)) }];
    this.send(eventBytes(type, spliceBody(body.bytes, body.scan, [...edits, ...numbered(body, sequence)])));
  }

  private takePiece(type: string, body: JsonBody, sequence: number): void {
    const name = pieces.get(type);
    const member = name === undefined ? undefined : findMember(body.scan, name);
    if (name === undefined || member?.kind !== 'object' || !mayName(body, member)) {
      this.send(eventBytes(type, this.withOwnIds(body, numbered(body, sequence))));
      return;
    }
    const given = this.read(body.bytes.subarray(member.valueStart, member.valueEnd));
    if (given === undefined) return;
    const value = Buffer.from(printExact(this.said.ownPiece(given, name)));
    this.send(eventBytes(type, this.withOwnIds(body, [...numbered(body, sequence), { op: 'set', key: name, value }])));
  }

  private withOwnIds(body: JsonBody, changes: readonly Edit[]): Buffer {
    const id = textOf(body, 'item_id');
    const edits: Edit[] = [...changes];
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
}

/** Looks at the names of members alone. What cannot be read so is parsed, which judges it. */
function mayName({ bytes }: JsonBody, { valueStart }: ScannedMember): boolean {
  const scan = scanObjectAt(bytes, valueStart, { watch: naming });
  return !scan.ok || scan.watchedNameSeen || scan.members.some(({ key }) => key === 'container_id' || key === 'file_id');
}

function numbered(body: JsonBody, sequence: number): readonly Edit[] {
  if (numberMember(body, 'sequence_number') === sequence) return [];
  return [{ op: 'set', key: 'sequence_number', value: Buffer.from(String(sequence)) }];
}

function numberMember(body: JsonBody, name: string): number | undefined {
  const member = findMember(body.scan, name);
  return member?.kind === 'number' ? (readMember(body.bytes, member) as number) : undefined;
}
