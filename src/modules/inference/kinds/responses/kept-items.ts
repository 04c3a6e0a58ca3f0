import { mapInSlices } from '../../../../kernel/breather.js';
import type { Fields } from '../../../../kernel/fields.js';
import type { PrintedItem } from '../../../responses/response-record.js';
import { readExact } from '../../wire/exact-json.js';

/** So many are read at one go. */
const atOnce = 500;

/** Kept items that stand before those of a request, read once for it. */
export class KeptItems {
  private readonly known = new Map<PrintedItem, Fields>();

  /** Reads many of them in slices, between which others go first; undefined where they are few. */
  prepare(items: readonly PrintedItem[]): Promise<unknown> | undefined {
    return items.length > atOnce ? mapInSlices(items, (item) => this.read(item)) : undefined;
  }

  /** The item with its numbers as they were written. It must not be changed. */
  read(kept: PrintedItem): Fields {
    let item = this.known.get(kept);
    if (item === undefined) {
      const { json } = kept;
      item = readExact(Buffer.from(json), JSON.parse(json)) as Fields;
      this.known.set(kept, item);
    }
    return item;
  }
}
