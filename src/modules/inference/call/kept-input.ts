import type { StoredItem } from '../../conversations/conversation-record.js';
import { withNewId, type NewItem } from '../../conversations/item-form.js';
import type { PrintedItem } from '../../responses/response-record.js';

/** What a request adds, as it is kept with its response. */
export function keptInput(asked: readonly NewItem[]): PrintedItem[] {
  return asked.map((item) => {
    const own = withOwnId(item);
    return { id: own.id, json: JSON.stringify(own) };
  });
}

/** Items of a response have their ids already, and keep them. */
export function withOwnId(item: NewItem): StoredItem {
  return typeof item['id'] === 'string' ? (item as StoredItem) : withNewId(item);
}
