import { isFields, type Fields } from '../../kernel/fields.js';

/** The member of a stored item that is never shown: what was said in a chat beyond the item's own form. */
const member = 'gt_chat';

/** What a stored item keeps of the chat message that it came from, so that a model is shown again exactly what was said. */
export interface SaidInChat {
  /** The connection whose provider understands the further members. */
  readonly connection: string;
  /** Further members of the message. On a call of a tool: of the message that holds the call. */
  readonly message?: Fields;
  /** The assistant's content, where it was no plain text. */
  readonly content?: unknown;
  /** The content was a list of parts: for each of them what its form as an item does not hold, null where that is all. */
  readonly parts?: readonly (Fields | null)[];
  /** Further members of a call of a tool, and of the function or custom tool within it. */
  readonly call?: Fields;
  readonly tool?: Fields;
}

/** The member that keeps this, for an item; none where there is nothing to keep. */
export function keepingSaid(connection: string, said: Omit<SaidInChat, 'connection'>): Fields {
  return Object.values(said).every((value) => value === undefined) ? {} : { [member]: { connection, ...said } };
}

/** What an item keeps of its message. */
export function saidInChat(item: Fields): Partial<SaidInChat> {
  const said = item[member];
  return isFields(said) ? said : {};
}

/** The item as its owner may see it, and as a client may give it. */
export function withoutSaid<T extends Fields>(item: T): T {
  return member in item ? (Object.fromEntries(Object.entries(item).filter(([name]) => name !== member)) as T) : item;
}
