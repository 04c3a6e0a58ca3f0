import type { Fields } from '../../../../kernel/fields.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { printExact } from '../../wire/exact-json.js';
import { findMember, readMember, textOf, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { scanObjectAt, type ScannedMember } from '../../wire/json-scan.js';
import { eventsOfItem, failures } from '../../wire/response-events.js';
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
/** Events behind which nothing is said any more. */
const ends: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete']);
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
  /** Events of ours stand between the provider's, whose own numbers mean nothing then. */
  private isMixed = false;
  private hasLed = false;
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
    if (failures.has(type)) {
      this.fail('provider_error');
      return;
    }
    const tellsResponse = findMember(body.scan, 'response')?.kind === 'object';
    if (!tellsResponse || ends.has(type)) this.lead();
    const sequence = this.sequenceOf(body);
    if (tellsResponse) this.takeResponse(type, sequence, body);
    else if (findMember(body.scan, 'item')?.kind === 'object') this.takeItem(type, body, sequence);
    else this.takePiece(type, body, sequence);
  }

  /** Tells the items of ours with which the output begins, before anything of the provider's. */
  private lead(): void {
    if (this.hasLed) return;
    this.hasLed = true;
    this.isMixed = this.said.leading.length > 0;
    this.said.lead().forEach((item, place) => {
      for (const event of eventsOfItem(item, place)) this.tell(event);
    });
  }

  /** Tells an event of ours. */
  private tell(event: Fields): void {
    const { type, ...members } = event;
    this.newest += 1;
    this.send(eventBytes(String(type), printExact({ type, sequence_number: this.newest, ...members })));
  }

  private takeResponse(type: string, sequence: number, body: JsonBody): void {
    const member = findMember(body.scan, 'response');
    if (member === undefined) return;
    const given = this.read(body.bytes.subarray(member.valueStart, member.valueEnd));
    if (given === undefined) return;
    const own = ownResponse(given, this.said);
    this.shown = own.object;
    if (ends.has(type)) {
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
    const place = this.placeOf(body);
    const given = this.read(body.bytes.subarray(member.valueStart, member.valueEnd));
    if (given === undefined) return;
    const item = this.said.own(place, given);
    const shown = type === 'response.output_item.done' ? this.said.keep(place, item) : this.said.shown(item);
    const edits: Edit[] = [{ op: 'set', key: 'item', value: Buffer.from(printExact(shown)) }, ...this.placed(body)];
    this.send(eventBytes(type, spliceBody(body.bytes, body.scan, [...edits, ...numbered(body, sequence)])));
  }

  private takePiece(type: string, body: JsonBody, sequence: number): void {
    const edits = [...numbered(body, sequence), ...this.placed(body)];
    const name = pieces.get(type);
    const member = name === undefined ? undefined : findMember(body.scan, name);
    const { citations } = this.said;
    if (name !== undefined && member?.kind === 'object' && (citations.areWanted || mayName(body, member))) {
      const given = this.read(body.bytes.subarray(member.valueStart, member.valueEnd));
      if (given === undefined) return;
      edits.push(...this.ownPiece(body, name, this.said.ownPiece(given, name)));
    }
    this.send(eventBytes(type, this.withOwnIds(body, edits)));
    if (type === 'response.output_text.delta' && citations.areWanted) this.cite(body);
  }

  /** A part or an annotation as the client gets it. */
  private ownPiece(body: JsonBody, name: 'part' | 'annotation', piece: Fields): Edit[] {
    const { citations } = this.said;
    const { item, part } = this.textOf(body);
    const value = Buffer.from(printExact(name === 'part' ? citations.part(item, part, piece) : piece));
    const own: Edit[] = [{ op: 'set', key: name, value }];
    if (name === 'annotation' && citations.areWanted)
      own.push({ op: 'set', key: 'annotation_index', value: Buffer.from(String(citations.given(item, part))) });
    return own;
  }

  /** Tells the citations that are whole with this piece of a text. */
  private cite(body: JsonBody): void {
    const { item, part } = this.textOf(body);
    const place = { item_id: item, output_index: this.placeOf(body), content_index: part };
    for (const { annotation, index } of this.said.citations.take(item, part, textOf(body, 'delta') ?? '')) {
      this.isMixed = true;
      this.tell({ type: 'response.output_text.annotation.added', ...place, annotation_index: index, annotation });
    }
  }

  /** Which text an event speaks of. */
  private textOf(body: JsonBody): { readonly item: string; readonly part: number } {
    const id = textOf(body, 'item_id');
    return { item: id === undefined ? '' : this.said.ids.of(id), part: numberMember(body, 'content_index') ?? 0 };
  }

  /** The place in the output that an event speaks of, behind the items of ours. */
  private placeOf(body: JsonBody): number {
    return this.said.leading.length + (numberMember(body, 'output_index') ?? 0);
  }

  private placed(body: JsonBody): readonly Edit[] {
    if (this.said.leading.length === 0 || findMember(body.scan, 'output_index') === undefined) return [];
    return [{ op: 'set', key: 'output_index', value: Buffer.from(String(this.placeOf(body))) }];
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
    const given = this.isMixed ? undefined : numberMember(body, 'sequence_number');
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
