import { isFields, type Fields } from '../../../kernel/fields.js';
import { changedTexts, type Path } from './changed-texts.js';
import { chunkSaying, type Rest } from './said-rests.js';

/** Changes a text that comes in pieces; what may go on is given, the rest held back. */
export interface TextFilter {
  push(piece: string): string;
  /** The text has ended; gives the rest. */
  end(): string;
}

/** A text that comes in deltas: whose it is, and its place in the delta. */
interface Channel {
  readonly owner: string;
  readonly path: Path;
  readonly filter: TextFilter;
}

const isDelta = /\.delta$/;
/** Sound, in pieces of base64. */
const isSound = /audio\.delta$/;

/**
 * Changes what a stream of events says, also where it is said in several events: deltas of a chat's choices, legacy
 * completions, and typed events (`….delta`, `….done`). Each delta text is one text over all its events; what is said whole is
 * changed whole. What a filter holds back is said before the event that ends its text.
 */
export class EventTexts {
  private readonly channels = new Map<string, Channel>();
  /** The newest event that says a piece of a text, for rests that nothing ends. */
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
    if (Array.isArray(choices)) return this.takeChunk(event, (choices as unknown[]).filter(isFields));
    if (typeof type !== 'string') return [this.whole(event)];
    if (isDelta.test(type) && typeof delta === 'string')
      return isSound.test(type) ? [event] : [this.takeDelta(event, type, delta)];
    const rest = type.endsWith('.done') ? this.restOf(event, `${type.slice(0, -'done'.length)}delta`) : [];
    return [...rest, this.whole(event)];
  }

  /** The stream has ended: what is still held. */
  end(): Fields[] {
    const owners = new Set([...this.channels.values()].map(({ owner }) => owner));
    return [...owners].flatMap((owner) => {
      const rests = this.ended(owner);
      const [rest] = rests;
      if (rest === undefined) return [];
      return [
        Array.isArray(this.newest['choices']) ? chunkSaying(this.newest, owner, rests) : { ...this.newest, delta: rest.text },
      ];
    });
  }

  /** A value with all that it says changed, each text as a whole. What a response repeats of its request stays. */
  whole(value: Fields): Fields {
    const { object, response, output } = value;
    if (object === 'response') return { ...value, output: this.changed(output) };
    return isFields(response) ? { ...value, response: this.whole({ object: 'response', ...response }) } : this.changed(value);
  }

  private changed<T>(value: T): T {
    const change = (text: string): string => {
      const filter = this.open();
      return filter.push(text) + filter.end();
    };
    return changedTexts(value, change, this.hidesTokens) as T;
  }

  private takeChunk(event: Fields, choices: readonly Fields[]): Fields[] {
    if (choices.some((choice) => isFields(choice['message']))) return [this.whole(event)];
    this.newest = event;
    const before: Fields[] = [];
    const changed = choices.map((choice) => {
      const owner = ownerOf(choice);
      const now = this.changedChoice(choice, owner);
      if (typeof choice['finish_reason'] !== 'string') return now;
      const rests = this.ended(owner);
      if (rests.length === 0) return now;
      // What it says itself comes before what was held of it.
      before.push({ ...event, choices: [{ ...now, finish_reason: null }], usage: undefined }, chunkSaying(event, owner, rests));
      return choice['delta'] === undefined ? { ...now, text: '' } : { ...now, delta: {} };
    });
    return [...before, { ...event, choices: changed }];
  }

  private changedChoice(choice: Fields, owner: string): Fields {
    const name = choice['delta'] === undefined ? 'text' : 'delta';
    const first: Path = name === 'text' ? ['text'] : [];
    const change = (text: string, at: Path): string => this.channel(owner, [...first, ...at]).filter.push(text);
    const hidden = this.hidesTokens && choice['logprobs'] !== undefined ? { logprobs: null } : {};
    return { ...choice, [name]: changedTexts(choice[name], change, this.hidesTokens), ...hidden };
  }

  private takeDelta(event: Fields, type: string, delta: string): Fields {
    this.newest = event;
    const { filter } = this.channel(placeOf(event, type), []);
    const hidden = this.hidesTokens && Array.isArray(event['logprobs']) ? { logprobs: [] } : {};
    return { ...event, delta: filter.push(delta), ...hidden };
  }

  private restOf(done: Fields, type: string): Fields[] {
    const [rest] = this.ended(placeOf(done, type));
    if (rest === undefined) return [];
    const { item_id, output_index, content_index, summary_index } = done;
    const logprobs = type === 'response.output_text.delta' ? { logprobs: [] } : {};
    return [{ type, item_id, output_index, content_index, summary_index, delta: rest.text, ...logprobs }];
  }

  /** Ends the texts of an owner; gives the rests that there are. */
  private ended(owner: string): readonly Rest[] {
    return [...this.channels].flatMap(([key, channel]) => {
      if (channel.owner !== owner) return [];
      this.channels.delete(key);
      const text = channel.filter.end();
      return text === '' ? [] : [{ path: channel.path, text }];
    });
  }

  private channel(owner: string, path: Path): Channel {
    const key = `${owner} ${path.join('.')}`;
    let channel = this.channels.get(key);
    if (channel === undefined) this.channels.set(key, (channel = { owner, path, filter: this.open() }));
    return channel;
  }
}

function ownerOf(choice: Fields): string {
  return String(typeof choice['index'] === 'number' ? choice['index'] : 0);
}

/** Which text a typed event says a piece of. */
function placeOf({ item_id, output_index, content_index, summary_index }: Fields, type: string): string {
  return JSON.stringify([type, item_id, output_index, content_index, summary_index]);
}
