import { newId, randomBase62 } from '../../../../kernel/ids.js';
import { itemTypes } from '../../../conversations/item-types.js';

/**
 * The ids of one response and of its items: the platform's own, each made once, when the provider first names its item. A
 * provider's id is never shown.
 */
export class ResponseIds {
  private readonly items = new Map<string, string>();

  /** @param response the response's own, where it has one already. */
  constructor(readonly response = newResponseId()) {}

  /** Our id for the provider's. @param type the item's; unknown where only its id is told. */
  of(providerId: string, type?: string): string {
    let id = this.items.get(providerId);
    if (id === undefined) {
      id = newItemId(type ?? 'message');
      this.items.set(providerId, id);
    }
    return id;
  }
}

/** A new id for an item of this type. */
export function newItemId(type: string): string {
  return type === 'message' ? newId('message') : `${itemTypes[type]?.prefix ?? 'item_'}${randomBase62(24)}`;
}

/** A new id for a response. */
export function newResponseId(): string {
  return newId('response');
}
