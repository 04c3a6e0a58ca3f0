import { isFields, type Fields } from '../../kernel/fields.js';

/** The member of a stored item that is never shown: what was said in a chat beyond the item's own form, or who sealed it. */
const member = 'gt_chat';

/** What a stored item keeps of the chat message that it came from. */
export interface KeptOfChat {
  /** The connection whose provider understands it. */
  readonly connection: string;
  /** JSON. Kept as a text, since `jsonb` sorts members and changes numbers. */
  readonly json: string;
}

/** The member that keeps this, for an item. */
export function keepingOfChat(kept: KeptOfChat): Fields {
  return { [member]: kept };
}

/** What an item keeps of its message; undefined when there is nothing. */
export function keptOfChat(item: Fields): KeptOfChat | undefined {
  const kept = item[member];
  if (!isFields(kept)) return undefined;
  const { connection, json } = kept;
  return typeof connection === 'string' && typeof json === 'string' ? { connection, json } : undefined;
}

/** The member that keeps which model sealed what an item holds. */
export function keepingOrigin(origin: string): Fields {
  return { [member]: { origin } };
}

/** Which model sealed what a stored item holds; undefined where nobody noted it. */
export function originOf(item: Fields): string | undefined {
  const kept = item[member];
  return isFields(kept) && typeof kept['origin'] === 'string' ? kept['origin'] : undefined;
}

/** The item as its owner may see it, and as a client may give it. */
export function withoutSaid<T extends Fields>(item: T): T {
  return member in item ? (Object.fromEntries(Object.entries(item).filter(([name]) => name !== member)) as T) : item;
}

/** The same for an item that is JSON text; one that keeps nothing stays as it was written. */
export function shownJson(json: string): string {
  return json.includes(`"${member}"`) ? JSON.stringify(withoutSaid(JSON.parse(json) as Fields)) : json;
}
