import type { Fields } from '../../../../kernel/fields.js';
import { withoutSaid } from '../../../conversations/said-in-chat.js';
import type { PrintedItem, ResponseStatus } from '../../../responses/response-record.js';
import { printExact } from '../../wire/exact-json.js';
import { withOrigin } from '../chat/opened-items.js';
import { withoutToolSecrets } from '../../../conversations/tool-secrets.js';
import { withoutNamingTools } from '../tools/named-objects.js';
import type { ProviderNames } from './provider-names.js';
import { ResponseIds } from './response-ids.js';

/** What a response says of its request, whatever its provider echoes. */
export interface ResponseFrame {
  /** The published name. */
  readonly model: string;
  /** The client's own; never the agent's. */
  readonly instructions: string | null;
  readonly previousResponseId: string | null;
  readonly conversationId: string | null;
  readonly store: boolean;
  /** What is too long is cut here; the provider is told nothing of it. */
  readonly truncates?: boolean;
  /** The client may see encrypted reasoning. */
  readonly showsEncrypted: boolean;
  /** Which model answers: noted with what its provider seals, which means nothing to another one. */
  readonly origin?: string;
  /** Of a response that was queued: under which id, and since when. */
  readonly queued?: { readonly id: string; readonly createdAt: number } | undefined;
}

/** What has been said of one response so far: under which ids, with which items, and how it ended. */
export class ResponseSaid {
  readonly ids: ResponseIds;
  /** Items that are whole, by their place in the output, with everything that a later request needs of them. */
  private readonly whole = new Map<number, PrintedItem>();
  /** The object as the client gets it at the end. */
  private ended: { readonly status: ResponseStatus; readonly object: string } | undefined;
  private size = 0;

  /** @param names of what the provider's tools have used and made; needed where it may run any. */
  constructor(
    readonly frame: ResponseFrame,
    private readonly names?: ProviderNames,
  ) {
    this.ids = new ResponseIds(frame.queued?.id);
  }

  /** Characters of all whole items. */
  get characters(): number {
    return this.size;
  }

  get end(): { readonly status: ResponseStatus; readonly object: string } | undefined {
    return this.ended;
  }

  /** The whole items in the order of the output. */
  get items(): readonly PrintedItem[] {
    return [...this.whole.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
  }

  /** An item with an id of ours. A provider that gives an item no id means the one in this place. */
  own(place: number, item: Fields): Fields {
    const { id, type } = item;
    const named = typeof id === 'string' && id !== '' ? id : `place ${place}`;
    const shown = withoutNamingTools(withoutToolSecrets(this.names?.shown(item) ?? item));
    return { ...shown, id: this.ids.of(named, typeof type === 'string' ? type : undefined) };
  }

  /** A piece of an item, as an event of its own tells it, with the names that the client may know. */
  ownPiece(piece: Fields, naming: 'part' | 'annotation'): Fields {
    return this.names?.shown(piece, naming) ?? piece;
  }

  /** An item of ours is whole. @returns as the client gets it. */
  keep(place: number, item: Fields): Fields {
    const { origin } = this.frame;
    const json = printExact(origin === undefined ? item : withOrigin(item, origin));
    this.size += json.length - (this.whole.get(place)?.json.length ?? 0);
    this.whole.set(place, { id: String(item['id']), json });
    return this.shown(item);
  }

  /** The item as the client gets it. */
  shown(item: Fields): Fields {
    const own = withoutSaid(item);
    if (this.frame.showsEncrypted || own['type'] !== 'reasoning' || own['encrypted_content'] === undefined) return own;
    const { encrypted_content: _kept, ...rest } = own;
    return rest;
  }

  finish(status: ResponseStatus, object: string): void {
    this.ended = { status, object };
  }
}
