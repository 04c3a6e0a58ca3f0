import { mapInSlices } from '../../../../kernel/breather.js';
import type { Fields } from '../../../../kernel/fields.js';
import { normaliseItem, type NewItem } from '../../../conversations/item-form.js';
import type { Contribution } from '../../call/contributions.js';
import type { ReferencedItems } from '../../call/dialogue.js';
import { plainOf } from '../../wire/exact-json.js';
import { isTrigger } from '../chat/compaction.js';
import { withOrigin } from '../chat/opened-items.js';
import { contributionOfItem } from './item-contributions.js';
import { referenceOf } from './responses-request.js';

/** So many items may be brought into the platform's form at one go. */
const atOnce = 500;

/** The items of a request's own input, and what the platform keeps of them. */
export class GivenItems {
  private readonly normalised = new Map<Fields, NewItem>();

  /**
   * @param all as the client wrote them.
   * @param origin the connection and the model that they are sent to.
   */
  constructor(
    readonly all: readonly Fields[],
    private readonly origin: string,
  ) {}

  /** Ids of the kept items that are only referred to. */
  get references(): readonly string[] {
    return this.all.flatMap((item) => referenceOf(item) ?? []);
  }

  contributions(referenced: ReferencedItems): readonly Contribution[] {
    return this.all.map((item) => contributionOfItem(item, referenced));
  }

  /** The items with those that they refer to in their places, as JSON text. */
  resolved(referenced: ReferencedItems | undefined): readonly (Fields | string)[] {
    return this.all.map((item) => referenced?.get(referenceOf(item) ?? '')?.json ?? item);
  }

  /**
   * Where there are many, brings them into the platform's form in slices, between which others go first: to be done before
   * `kept`. Undefined where they are few. Rejects as `kept` throws.
   */
  get ready(): (() => Promise<unknown>) | undefined {
    return this.all.length > atOnce ? () => this.normaliseAll() : undefined;
  }

  private normaliseAll(): Promise<unknown> {
    return mapInSlices(this.all, (item, at) => {
      if (referenceOf(item) === undefined && !isTrigger(item)) this.normalise(item, at);
    });
  }

  /** In the platform's form. @throws AppError invalid_value for an item that is none. */
  kept(referenced: ReferencedItems, isMeant: (place: number) => boolean): NewItem[] {
    return this.all.flatMap((item, at): NewItem[] => {
      if (!isMeant(at)) return [];
      const id = referenceOf(item);
      if (id === undefined) return isTrigger(item) ? [] : [this.normalise(item, at)];
      const kept = referenced.get(id);
      return kept === undefined ? [] : [JSON.parse(kept.json) as NewItem];
    });
  }

  /**
   * An item in the platform's form, once: its id stays the same. What a provider has sealed is noted as the model's that it
   * is sent to: where the item is kept and the endpoint leads elsewhere by then, it is not sent there.
   */
  private normalise(item: Fields, at: number): NewItem {
    let known = this.normalised.get(item);
    if (known === undefined) {
      known = withOrigin(normaliseItem(plainOf(item), `input[${at}]`), this.origin);
      this.normalised.set(item, known);
    }
    return known;
  }
}
