import type { Fields } from '../../../../kernel/fields.js';
import { eventsOfItem } from '../../wire/response-events.js';
import type { OpenItem } from './open-items.js';
import { newItemId } from './response-ids.js';
import type { ResponseSaid } from './response-said.js';

/** The events of a response that the platform makes, numbered in their order. What was told waits until it is taken. */
export class MadeEvents {
  private waiting: Fields[] = [];
  private sequence = -1;
  private places = 0;

  /** @param frame the response before anything is said. */
  constructor(
    private readonly said: ResponseSaid,
    private readonly frame: Fields,
  ) {}

  /** The number of the newest event; -1 before the first. */
  get newest(): number {
    return this.sequence;
  }

  /** The response as its first event shows it. */
  get started(): Fields {
    return { ...this.frame, status: 'in_progress', output: [], usage: null };
  }

  /** Tells that the response has begun, and the items of ours with which it does, where that was not told before. */
  begin(): void {
    if (this.sequence >= 0) return;
    this.tell('response.created', { response: this.started });
    this.tell('response.in_progress', { response: this.started });
    for (const item of this.said.lead())
      for (const { type, ...members } of eventsOfItem(item, this.places++)) this.tell(String(type), members);
  }

  tell(type: string, members: Fields): void {
    this.sequence += 1;
    this.waiting.push({ type, sequence_number: this.sequence, ...members });
  }

  /** The place and the id of a new item of the output. */
  open(type: string, id = newItemId(type)): OpenItem {
    return { place: this.places++, id };
  }

  added({ place }: OpenItem, item: Fields): void {
    this.tell('response.output_item.added', { output_index: place, item });
  }

  /** Tells an item that is whole, and keeps it. */
  whole({ place }: OpenItem, item: Fields): void {
    this.tell('response.output_item.done', { output_index: place, item: this.said.keep(place, item) });
  }

  /** What was told since this was last asked. */
  taken(): Fields[] {
    const told = this.waiting;
    this.waiting = [];
    return told;
  }
}
