import type { PlacedItem, StoredItem } from '../../conversations/conversation-record.js';
import { fittingItems, isOutput } from '../call/fitting-items.js';
import { estimateTokens } from '../call/token-estimate.js';

/** How a history is read back: items before a position, the newest first. */
export interface HistorySource {
  newestItems(before: bigint, limit: number, maxBytes: number): Promise<readonly PlacedItem[]>;
}

const pageSize = 100;
/** A page is parsed in one step. */
const pageBytes = 1024 * 1024;
/** More is not read, whatever the model's context: images may weigh much and count little. */
const maxHistoryBytes = 8 * 1024 * 1024;
const end = 2n ** 62n;

/**
 * The newest whole turns of a conversation that fit into so many tokens.
 * @param awaited calls whose results the request brings. They are given, fit or not: of a turn that is too long for itself
 *   what was asked, and the newest of its calls with their results.
 */
export async function newestTurns(
  source: HistorySource,
  budgetTokens: number,
  awaited: ReadonlySet<string> = new Set(),
): Promise<StoredItem[]> {
  if (budgetTokens <= 0 && awaited.size === 0) return [];
  const { items, isWhole } = await readBack(source, budgetTokens, awaited);
  const turns = wholeTurns(isWhole ? items : fromTurnOn(items), budgetTokens);
  return awaited.size === 0 ? turns : withAwaited(items, turns, budgetTokens, awaited);
}

/** The newest items, the oldest first; whether that is all of them. */
async function readBack(
  source: HistorySource,
  budgetTokens: number,
  awaited: ReadonlySet<string>,
): Promise<{ readonly items: StoredItem[]; readonly isWhole: boolean }> {
  const items: StoredItem[] = [];
  const unseen = new Set<unknown>(awaited);
  let tokens = 0;
  let bytes = 0;
  for (let before = end; ;) {
    const page = await source.newestItems(before, pageSize, Math.min(pageBytes, maxHistoryBytes - bytes));
    for (const { item } of page) {
      items.push(item);
      tokens += estimateTokens(item);
      bytes += JSON.stringify(item).length;
      if (!isOutput(item)) unseen.delete(item['call_id']);
    }
    const last = page.at(-1);
    if (last === undefined || last.position === 1n) return { items: items.reverse(), isWhole: true };
    if ((tokens > budgetTokens && unseen.size === 0) || bytes >= maxHistoryBytes)
      return { items: items.reverse(), isWhole: false };
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

/** The turns with the calls that are awaited, where those are not in them. */
function withAwaited(
  items: readonly StoredItem[],
  turns: readonly StoredItem[],
  budgetTokens: number,
  awaited: ReadonlySet<string>,
): StoredItem[] {
  const open = items.slice(
    Math.max(
      items.findLastIndex((_item, at) => beginsTurn(items, at)),
      0,
    ),
  );
  const waiting = new Set(open.filter((item) => isAwaited(item, awaited)).map((item) => item['call_id']));
  const results = [...waiting].map(resultOf);
  const given =
    turns.length > 0 || results.length === 0
      ? turns
      : fittingItems([...open, ...results], budgetTokens + estimateTokens(results)).slice(0, -results.length);
  const missing = new Set(awaited);
  for (const item of given) if (isAwaited(item, awaited)) missing.delete(String(item['call_id']));
  const there = new Set(given);
  return [
    ...callsIn(
      items.filter((item) => !there.has(item)),
      missing,
    ),
    ...given,
  ];
}

/** The newest call of each of these ids, with the thoughts that led to it. */
function callsIn(items: readonly StoredItem[], wanted: Set<string>): StoredItem[] {
  const found: StoredItem[] = [];
  for (let at = items.length - 1; at >= 0 && wanted.size > 0; at -= 1) {
    const item = items[at];
    if (item === undefined || !isAwaited(item, wanted)) continue;
    wanted.delete(String(item['call_id']));
    let first = at;
    while (items[first - 1]?.type === 'reasoning') first -= 1;
    found.unshift(...items.slice(first, at + 1));
  }
  return found;
}

function isAwaited(item: StoredItem, awaited: ReadonlySet<string>): boolean {
  return typeof item['call_id'] === 'string' && awaited.has(item['call_id']) && !isOutput(item);
}

/** Stands for the result that comes with the request. */
function resultOf(call_id: unknown): StoredItem {
  return { id: '', type: 'function_call_output', call_id };
}

/** A compaction stands for all before it: it is not lost because the turn that it ends does not fit. */
function beginsTurn(items: readonly StoredItem[], at: number): boolean {
  return items[at]?.type === 'compaction' || (isAsked(items[at]) && !isAsked(items[at - 1]));
}

function isAsked(item: StoredItem | undefined): boolean {
  return item?.type === 'message' && item['role'] !== 'assistant';
}
