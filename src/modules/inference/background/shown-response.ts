import type { Fields } from '../../../kernel/fields.js';
import type { StoredEvent } from '../../responses/background/background-record.js';
import { readExact, printExact } from '../wire/exact-json.js';
import { eventBytes } from '../wire/typed-event.js';

/** The object of a response with other members, its numbers as they were written. */
export function changedObject(object: string, members: Fields): string {
  const bytes = Buffer.from(object);
  const fields = readExact(bytes, JSON.parse(object)) as Fields;
  return printExact({ ...fields, ...members });
}

/** An event that shows the response. */
export function responseEvent(type: string, number: number, object: string): StoredEvent {
  return { number, type, json: `{"type":${JSON.stringify(type)},"sequence_number":${number},"response":${object}}` };
}

/** A response that is cancelled, and the last event of its stream: `response.failed`, which every client knows as an end. */
export function cancelled(object: string, lastNumber: number): { readonly object: string; readonly event: StoredEvent } {
  const shown = changedObject(object, { status: 'cancelled', error: null });
  return { object: shown, event: responseEvent('response.failed', lastNumber + 1, shown) };
}

/** A stored event as it is streamed. */
export function streamedEvent({ type, json }: StoredEvent): Buffer {
  return eventBytes(type, json);
}
