import type { Fields } from '../../../../kernel/fields.js';
import { withoutSaid } from '../../../conversations/said-in-chat.js';
import type { PrintedItem, ResponseStatus } from '../../../responses/response-record.js';
import { printExact } from '../../wire/exact-json.js';
import { withOrigin } from '../chat/opened-items.js';
import { withoutToolSecrets } from '../../../conversations/tool-secrets.js';
import { withoutNamingTools } from '../tools/named-objects.js';
import { Citations } from './citations.js';
import { nothingOwn, type OwnOutput } from './own-output.js';
import type { ProviderNames } from './provider-names.js';
import type { ResponseFrame } from './response-frame.js';
import { ResponseIds } from './response-ids.js';

/** What has been said of one response so far: under which ids, with which items, and how it ended. */
export class ResponseSaid {
  readonly ids: ResponseIds;
  /** Of files, in the texts of the response. */
  readonly citations: Citations;
  /** Items that are whole, by their place in the output, with everything that a later request needs of them. */
  private readonly whole = new Map<number, PrintedItem>();
  /** The object as the client gets it at the end. */
  private ended: { readonly status: ResponseStatus; readonly object: string } | undefined;
  private size = 0;

  /**
   * @param names of what the provider's tools have used and made; needed where it may run any.
   * @param before what the platform says itself, before the provider's output and in it.
   */
  constructor(
    readonly frame: ResponseFrame,
    private readonly names?: ProviderNames,
    private readonly before: OwnOutput = nothingOwn,
  ) {
    this.ids = new ResponseIds(frame.queued?.id);
    this.citations = new Citations(before.cited);
  }

  /** Items of ours with which the output begins. The provider's come in the places behind them. */
  get leading(): readonly Fields[] {
    return this.before.items;
  }

  /** Keeps the items of ours, once. @returns them as the client gets them. */
  lead(): Fields[] {
    return this.leading.map((item, place) => this.keep(place, item));
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

  /** An item with an id of ours, and with its citations. A provider that gives an item no id means the one in this place. */
  own(place: number, item: Fields): Fields {
    const { id, type } = item;
    const named = typeof id === 'string' && id !== '' ? id : `place ${place}`;
    const shown = withoutNamingTools(withoutToolSecrets(this.names?.shown(item) ?? item));
    return this.citations.message({ ...shown, id: this.ids.of(named, typeof type === 'string' ? type : undefined) });
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
