import type { Fields } from '../../../../kernel/fields.js';
import { withoutSaid } from '../../../conversations/said-in-chat.js';

/**
 * An item as a provider gets it: without its id, which is the platform's and means nothing there, and with which a provider
 * would not recognise its own encrypted reasoning; without members of the platform.
 */
export function sentItem(item: Fields): Fields {
  const { id, ...rest } = withoutSaid(item);
  return id === undefined ? item : rest;
}

/** True for an item that goes on as it is. */
export function isSentAsGiven(item: Fields): boolean {
  return item['id'] === undefined;
}
