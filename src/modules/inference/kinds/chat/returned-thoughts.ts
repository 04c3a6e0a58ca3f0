import type { Fields } from '../../../../kernel/fields.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { withPiece } from '../../wire/further-members.js';
import { keepingSaid, saidInChat, type SaidInChat } from './said-in-chat.js';
import type { CallThoughts, ThoughtContent } from './thoughts.js';

/** An item, or what the model thought before the next one. */
type Told = StoredItem | ThoughtContent;

/** The items of one message of the assistant. */
interface Group {
  readonly items: StoredItem[];
  /** The item that opened the newest message of the assistant. */
  holder: number | undefined;
  pending: Fields | undefined;
  readonly calls: Map<string, CallThoughts>;
}

/**
 * Puts thoughts where a chat provider has told them: into the message of the assistant that followed them, or into the one
 * that holds the call that followed them.
 * @param connection the one whose provider's words they are.
 */
export function withThoughts(told: readonly Told[], connection: string): readonly StoredItem[] {
  if (!told.some(isThought)) return told as readonly StoredItem[];
  const done: StoredItem[] = [];
  let group = emptyGroup();
  const close = (): void => {
    hold(group, connection);
    done.push(...group.items.map((item) => withCallThoughts(item, group.calls, connection)));
    group = emptyGroup();
  };
  for (const item of told) {
    if (isThought(item)) {
      group.pending = withPiece(group.pending, item.message);
      for (const [id, thoughts] of Object.entries(item.calls ?? {})) group.calls.set(id, thoughts);
    } else if (isCall(item) || item['role'] === 'assistant') {
      if (group.holder === undefined || !isCall(item)) group.holder = group.items.length;
      group.items.push(item);
      hold(group, connection);
    } else {
      close();
      done.push(item);
    }
  }
  close();
  return done;
}

function emptyGroup(): Group {
  return { items: [], holder: undefined, pending: undefined, calls: new Map() };
}

function isThought(item: Told): item is ThoughtContent {
  return item['type'] === undefined;
}

function isCall({ type }: StoredItem): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}

/** Gives what was thought to the open message, where there is one. */
function hold(group: Group, connection: string): void {
  const { holder, pending } = group;
  const item = holder === undefined ? undefined : group.items[holder];
  if (holder === undefined || item === undefined || pending === undefined) return;
  group.pending = undefined;
  group.items[holder] = withSaid(item, connection, ({ message }) => ({ message: withPiece(message, pending) }));
}

function withCallThoughts(item: StoredItem, calls: ReadonlyMap<string, CallThoughts>, connection: string): StoredItem {
  const found = isCall(item) ? calls.get(String(item['call_id'])) : undefined;
  if (found === undefined) return item;
  return withSaid(item, connection, ({ call, tool }) => ({
    call: withPiece(call, found.call),
    tool: withPiece(tool, found.tool),
  }));
}

/** The item with further members of its message. What it keeps for another connection goes. */
function withSaid(item: StoredItem, connection: string, change: (said: Partial<SaidInChat>) => Partial<SaidInChat>): StoredItem {
  const { connection: of, ...kept } = saidInChat(item);
  const said: Partial<SaidInChat> =
    of === connection ? kept : { parts: kept.parts, ...(kept.content === '' ? { content: '' } : {}) };
  return { ...item, ...keepingSaid(connection, { ...said, ...change(said) }) };
}
