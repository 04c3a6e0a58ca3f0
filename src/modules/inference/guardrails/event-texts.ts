import { isFields, type Fields } from '../../../kernel/fields.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import { changedTexts, type Path } from './changed-texts.js';
import { chunkSaying, deltaSaying, type Rest } from './said-rests.js';

/** Changes a text that comes in pieces; what may go on is given, the rest held back. */
export interface TextFilter {
  push(piece: string): string;
  /** The text has ended; gives the rest. */
  end(): string;
}

/** Whose a text is: a choice, by its index, or the place that a typed event names. */
type Owner = number | string;

/** A text that comes in pieces. */
interface Channel {
  readonly owner: Owner;
  /** Its place in the choice, or in the typed event. */
  readonly path: Path;
  readonly filter: TextFilter;
  /** Of a typed event that said a piece of it: what tells its place. */
  readonly event: Fields;
}

/** How long the names of all texts that are open at once may be together. A response says a few hundred at the most. */
const mostNamed = 1024 * 1024;

const isDelta = /\.delta$/;
/** Sound, in pieces of base64. */
const isSound = /audio\.delta$/;
/** Behind these nothing more is said. */
const isEnd = /^response\.(?:completed|incomplete|failed)$/;
/** These end all texts of their place, whatever their type. */
const isWholePlace = /(?:output_item|_part)\.done$/;
/** What a response says once more of the request, and not for its model. */
const repeated = new Set(['input', 'instructions', 'metadata', 'prompt', 'text', 'tool_choice', 'tools']);

/**
 * Changes what a stream of events says, also where it is said in several events. All texts of a choice's `delta` and its `text`,
 * and those of a typed event's `delta`, are pieces: each is one text over all events. What stands in any other member is
 * changed whole. What a filter holds back is said before the event that ends its text.
 */
export class EventTexts {
  private readonly channels = new Map<string, Channel>();
  /** How long their names are together. */
  private named = 0;
  /** The newest chunk that said a piece of a text. */
  private newest: Fields = {};

  /**
   * @param open makes the filter of a text.
   * @param hidesTokens logprobs, which tell a text once more in tokens, are left out.
   */
  constructor(
    private readonly open: () => TextFilter,
    private readonly hidesTokens: boolean,
  ) {}

  /** The events in place of one. */
  take(event: Fields): Fields[] {
    const { type, delta, choices } = event;
    const kind = typeof type === 'string' ? type : '';
    const rests = this.said(this.endedBy(event, kind));
    const isPiece = delta !== undefined && (kind === '' || isDelta.test(kind));
    const isHeard = isSound.test(kind) && typeof delta === 'string';
    const others = { ...event };
    if (isPiece) delete others['delta'];
    if (Array.isArray(choices)) delete others['choices'];
    const now: Fields = { ...event, ...this.whole(others) };
    const changed = isPiece && !isHeard ? { ...now, delta: this.pieces(placeOf(event, kind), 'delta', event) } : now;
    return Array.isArray(choices)
      ? [...rests, ...this.chunk(changed, (choices as unknown[]).filter(isFields))]
      : [...rests, changed];
  }

  /** The stream has ended: what is still held. */
  end(): Fields[] {
    return this.said([...this.channels.values()]);
  }

  /** A value with all that it says changed, each text as a whole. What a response repeats of its request stays. */
  whole(value: Fields): Fields {
    const { object, response } = value;
    if (isFields(response)) return { ...this.changed(value), response: this.whole({ object: 'response', ...response }) };
    if (object !== 'response') return this.changed(value);
    const said = Object.fromEntries(Object.entries(value).filter(([name]) => !repeated.has(name)));
    return { ...value, ...this.changed(said) };
  }

  private changed(value: Fields): Fields {
    const change = (text: string): string => {
      const filter = this.open();
      return filter.push(text) + filter.end();
    };
    return changedTexts(value, change, this.hidesTokens) as Fields;
  }

  private chunk(event: Fields, choices: readonly Fields[]): Fields[] {
    const before: Fields[] = [];
    const changed = choices.map((choice) => {
      const index = indexOf(choice);
      const now = this.choice(choice, event);
      const { finish_reason: reason } = choice;
      if (typeof reason !== 'string' || reason === '') return now;
      const rests = this.said([...this.channels.values()].filter(({ owner }) => owner === index));
      if (rests.length === 0) return now;
      // What it says itself comes before what was held of it.
      const said = Object.fromEntries(Object.entries(now).filter(([name]) => name !== 'message'));
      before.push({ ...event, choices: [{ ...said, finish_reason: null }], usage: undefined }, ...rests);
      return {
        ...now,
        ...(choice['text'] === undefined ? {} : { text: '' }),
        ...(choice['delta'] === undefined ? {} : { delta: {} }),
      };
    });
    return [...before, { ...event, choices: changed }];
  }

  private choice(choice: Fields, event: Fields): Fields {
    const pieces = ['delta', 'text'].filter((name) => choice[name] !== undefined);
    const others = Object.fromEntries(Object.entries(choice).filter(([name]) => !pieces.includes(name)));
    const said = pieces.map((name) => [name, this.pieces(indexOf(choice), name, choice, event)]);
    return { ...choice, ...this.changed(others), ...(Object.fromEntries(said) as Fields) };
  }

  /** The member with its texts changed as pieces. */
  private pieces(owner: Owner, name: string, of: Fields, event: Fields = of): unknown {
    const change = (text: string, path: Path): string => {
      if (typeof owner === 'number') this.newest = event;
      return this.channel(owner, path, event).filter.push(text);
    };
    return changedTexts(of[name], change, this.hidesTokens, [name]);
  }

  private endedBy(event: Fields, type: string): Channel[] {
    if (isEnd.test(type)) return [...this.channels.values()];
    if (!type.endsWith('.done')) return [];
    const delta = `${type.slice(0, -'done'.length)}delta`;
    return [...this.channels.values()].filter((channel) => {
      const { event: said, owner } = channel;
      if (typeof owner === 'number' || (said['type'] !== delta && !isWholePlace.test(type))) return false;
      return ['output_index', 'content_index', 'summary_index'].every(
        (name) => event[name] === undefined || event[name] === said[name],
      );
    });
  }

  /** Ends these texts: the events that say what was held of them. */
  private said(ended: readonly Channel[]): Fields[] {
    const byOwner = new Map<Owner, Rest[]>();
    for (const { owner, path, filter, event } of ended) {
      this.close(keyOf(owner, path));
      const text = filter.end();
      if (text === '') continue;
      const rest = { path, text, event: typeof owner === 'number' ? this.newest : event };
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), rest]);
    }
    return [...byOwner].map(([owner, rests]) => (typeof owner === 'number' ? chunkSaying(owner, rests) : deltaSaying(rests)));
  }

  private channel(owner: Owner, path: Path, event: Fields): Channel {
    const key = keyOf(owner, path);
    const known = this.channels.get(key);
    if (known !== undefined) return known;
    this.named += sizeOf(key);
    if (this.named > mostNamed) throw wrongAnswer('it says too many texts at once');
    const channel = { owner, path, filter: this.open(), event: typeof owner === 'number' ? {} : placeIn(event) };
    this.channels.set(key, channel);
    return channel;
  }

  private close(key: string): void {
    if (this.channels.delete(key)) this.named -= sizeOf(key);
  }
}

function keyOf(owner: Owner, path: Path): string {
  return JSON.stringify([owner, ...path]);
}

/** What is held of a text counts with its name. */
function sizeOf(key: string): number {
  return key.length + 512;
}

/** What is kept of a typed event, of whatever size that is. */
function placeIn({ type, item_id, output_index, content_index, summary_index, logprobs }: Fields): Fields {
  const hidden = Array.isArray(logprobs) ? { logprobs: [] } : {};
  return { type, item_id, output_index, content_index, summary_index, ...hidden };
}

function indexOf(choice: Fields): number {
  return typeof choice['index'] === 'number' ? choice['index'] : 0;
}

/** Which text a typed event says a piece of. */
function placeOf({ item_id, output_index, content_index, summary_index }: Fields, type: string): string {
  return JSON.stringify([type, item_id, output_index, content_index, summary_index]);
}
