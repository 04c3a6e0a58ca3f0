import type { Fields } from '../../../kernel/fields.js';
import { estimateTokens } from './token-estimate.js';

/**
 * The items without as many of the oldest as must go for the others to fit (`truncation: auto`). A call and its output go
 * together, and what was thought goes with what it led to. Messages of the system and the developer stay, and so do a
 * compaction and the newest message of the user. Where even the newest do not fit, they are given all the same: the provider
 * says so.
 * @param room for so many tokens.
 */
export function fittingItems<T extends Fields>(items: readonly T[], room: number): readonly T[] {
  const weights = items.map(estimateTokens);
  let tokens = weights.reduce((sum, weight) => sum + weight, 0);
  if (tokens <= room) return items;
  const question = items.findLastIndex(({ role }) => role === 'user');
  const stays = (item: T, at: number): boolean => at === question || isLasting(item);
  const cuts = cutsOf(items);
  let from = 0;
  for (const [at, item] of items.entries()) {
    if (cuts.has(at)) {
      from = at;
      if (tokens <= room) break;
    }
    if (!stays(item, at)) tokens -= weights[at] ?? 0;
  }
  return items.filter((item, at) => at >= from || stays(item, at));
}

/** Places before which a cut parts nothing that belongs together. */
function cutsOf(items: readonly Fields[]): ReadonlySet<number> {
  const outputs = countBy(items.filter(isOutput));
  const open = new Map<unknown, number>();
  const cuts = new Set<number>();
  items.forEach((item, at) => {
    if (open.size === 0 && !isOutput(item) && items[at - 1]?.['type'] !== 'reasoning') cuts.add(at);
    const id = item['call_id'];
    if (id === undefined) return;
    const count = (open.get(id) ?? 0) + (isOutput(item) ? -1 : outputs.has(id) ? 1 : 0);
    if (isOutput(item)) take(outputs, id);
    if (count > 0) open.set(id, count);
    else open.delete(id);
  });
  return cuts;
}

function countBy(items: readonly Fields[]): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { call_id: id } of items) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function take(counts: Map<unknown, number>, id: unknown): void {
  const left = (counts.get(id) ?? 0) - 1;
  if (left > 0) counts.set(id, left);
  else counts.delete(id);
}

function isLasting({ type, role }: Fields): boolean {
  return role === 'system' || role === 'developer' || type === 'compaction';
}

/** True for the result of a tool. */
export function isOutput({ type }: Fields): boolean {
  return typeof type === 'string' && type.endsWith('_call_output');
}
