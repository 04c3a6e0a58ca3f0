import { keepingOfChat, keptOfChat } from '../../../conversations/said-in-chat.js';
import { printExact, readExact } from '../../wire/exact-json.js';
import type { Fields } from '../../../../kernel/fields.js';

/**
 * What a stored item keeps of the chat message that it came from, so that a model is shown again exactly what was said:
 * numbers are kept as they were written, members in their order.
 */
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
  const isEmpty = Object.values(said).every((value) => value === undefined);
  return isEmpty ? {} : keepingOfChat({ connection, json: printExact(said) });
}

/** What an item keeps of its message. */
export function saidInChat(item: Fields): Partial<SaidInChat> {
  const kept = keptOfChat(item);
  if (kept === undefined) return {};
  const said = readExact(Buffer.from(kept.json), JSON.parse(kept.json)) as Omit<SaidInChat, 'connection'>;
  return { ...said, connection: kept.connection };
}
