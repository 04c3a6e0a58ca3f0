import { isFields, type Fields } from '../../kernel/fields.js';
import type { StoredEvent } from '../responses/background/background-record.js';
import { AnswerPart } from '../inference/call/answer-part.js';
import { printExact } from '../inference/wire/exact-json.js';
import { readObject, textOf } from '../inference/wire/json-body.js';
import { spliceBody } from '../inference/wire/json-edit.js';

/** The response is begun by the events with which it was queued. */
const begun: ReadonlySet<string> = new Set(['response.created', 'response.queued']);
const isDelta = /\.delta$/;
/** An event ends with a blank line, and its JSON has no line breaks. */
const blankLine = '\n\n';

/** A delta that has come and may grow. */
interface OpenDelta {
  readonly event: Fields;
  readonly type: string;
  readonly place: string;
  number: number;
  text: string;
}

/**
 * The events of a run in the order of their numbers, until they are stored. Deltas of one text that come before they are
 * stored are put together, under the number of the last one.
 */
export class EventLog {
  private events: StoredEvent[] = [];
  private delta: OpenDelta | undefined;
  private size = 0;

  /** @param number that of the newest event that is stored. */
  constructor(private number: number) {}

  /** Bytes that wait. */
  get bytes(): number {
    return this.size;
  }

  get isEmpty(): boolean {
    return this.events.length === 0 && this.delta === undefined;
  }

  /** Takes what is sent to the client of a stream: whole events, and comments, which say nothing. */
  add(bytes: Buffer): void {
    for (const text of bytes.toString('utf8').split(blankLine)) {
      const at = text.indexOf('event: ');
      if (at === 0 || (at > 0 && text[at - 1] === '\n')) this.take(Buffer.from(`${text.slice(at)}${blankLine}`));
    }
  }

  /** Adds an event of ours. @param make is given its number. */
  append(make: (number: number) => StoredEvent): void {
    this.close();
    this.number += 1;
    this.push(make(this.number));
  }

  /** All that wait; they wait no more. */
  taken(): StoredEvent[] {
    this.close();
    const { events } = this;
    this.events = [];
    this.size = 0;
    return events;
  }

  /** They could not be stored: they wait again, before all others. */
  putBack(events: readonly StoredEvent[]): void {
    this.events.unshift(...events);
    this.size += sizeOf(events);
  }

  private take(event: Buffer): void {
    const part = new AnswerPart(event);
    const body = readObject(Buffer.from(part.json.toString('utf8').trim()));
    if (!body.ok) return;
    const type = textOf(body, 'type') ?? '';
    if (begun.has(type)) return;
    this.number += 1;
    if (isDelta.test(type) && this.takeDelta(type, part.exact)) return;
    this.close();
    const number = Buffer.from(String(this.number));
    const json = spliceBody(body.bytes, body.scan, [{ op: 'set', key: 'sequence_number', value: number }]).toString('utf8');
    this.push({ number: this.number, type, json });
  }

  /** @returns false for a delta that is no text, or tells more than its text. */
  private takeDelta(type: string, event: unknown): boolean {
    if (!isFields(event)) return false;
    const { delta, logprobs, item_id, output_index, content_index, summary_index } = event;
    if (typeof delta !== 'string' || (Array.isArray(logprobs) && logprobs.length > 0)) return false;
    const place = JSON.stringify([type, item_id, output_index, content_index, summary_index]);
    this.size += Buffer.byteLength(delta);
    if (this.delta?.place === place) {
      this.delta.number = this.number;
      this.delta.text += delta;
      return true;
    }
    this.close();
    this.delta = { event, type, place, number: this.number, text: delta };
    return true;
  }

  private close(): void {
    const { delta: open } = this;
    if (open === undefined) return;
    this.delta = undefined;
    this.size -= Buffer.byteLength(open.text);
    const { type, number, text } = open;
    this.push({ number, type, json: printExact({ ...open.event, sequence_number: number, delta: text }) });
  }

  private push(event: StoredEvent): void {
    this.events.push(event);
    this.size += sizeOf([event]);
  }
}

function sizeOf(events: readonly StoredEvent[]): number {
  return events.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
}
