import type { PlacedItem, StoredItem } from '../../conversations/conversation-record.js';
import { estimateTokens } from '../call/token-estimate.js';

/** How a history is read back: items before a position, the newest first. */
export interface HistorySource {
  newestItems(before: bigint, limit: number, maxBytes: number): Promise<readonly PlacedItem[]>;
}

const pageSize = 100;
/** More is not read, whatever the model's context: images may weigh much and count little. */
const maxHistoryBytes = 8 * 1024 * 1024;
const end = 2n ** 62n;

/** The newest whole turns of a conversation that fit into so many tokens. */
export async function newestTurns(source: HistorySource, budgetTokens: number): Promise<StoredItem[]> {
  return budgetTokens <= 0 ? [] : wholeTurns(await readBack(source, budgetTokens), budgetTokens);
}

/** The newest items, the oldest first; where not all were read, from the beginning of a turn on. */
async function readBack(source: HistorySource, budgetTokens: number): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  let tokens = 0;
  let bytes = 0;
  for (let before = end; ;) {
    const page = await source.newestItems(before, pageSize, maxHistoryBytes - bytes);
    for (const { item } of page) {
      items.push(item);
      tokens += estimateTokens(item);
      bytes += JSON.stringify(item).length;
    }
    const last = page.at(-1);
    if (last === undefined || last.position === 1n) return items.reverse();
    if (tokens > budgetTokens || bytes >= maxHistoryBytes) return fromTurnOn(items.reverse());
    before = last.position;
  }
}

/** Without the rest of a turn whose beginning is not there. */
function fromTurnOn(items: readonly StoredItem[]): StoredItem[] {
  const first = items.findIndex((_item, at) => at > 0 && beginsTurn(items, at));
  return first === -1 ? [] : items.slice(first);
}

/**
 * The newest turns that fit together. A turn begins with a message of the user (or system, developer) that does not
 * follow another such one; calls of tools, their results and the answer belong to it, however many requests they took.
 */
export function wholeTurns(items: readonly StoredItem[], budgetTokens: number): StoredItem[] {
  let from = items.length;
  let tokens = 0;
  for (let at = items.length - 1; at >= 0; at -= 1) {
    tokens += estimateTokens(items[at]);
    if (tokens > budgetTokens) break;
    if (at === 0 || beginsTurn(items, at)) from = at;
  }
  return items.slice(from);
}

/** A compaction stands for all before it: it is not lost because the turn that it ends does not fit. */
function beginsTurn(items: readonly StoredItem[], at: number): boolean {
  return items[at]?.type === 'compaction' || (isAsked(items[at]) && !isAsked(items[at - 1]));
}

function isAsked(item: StoredItem | undefined): boolean {
  return item?.type === 'message' && item['role'] !== 'assistant';
}
