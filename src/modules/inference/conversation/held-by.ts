import type { ConversationTurn } from '../../conversations/conversation-turn.js';
import { holdsNothing, type Contribution, type HeldContributions } from '../call/contributions.js';

/**
 * What the conversation holds already of what a request says. Most requests give nothing back and are not asked about.
 * @param isClients its client keeps the history: results of calls may stand anywhere in it.
 */
export async function heldBy(
  turn: Pick<ConversationTurn, 'held'>,
  contributions: readonly Contribution[],
  isClients: boolean,
): Promise<HeldContributions> {
  const ids = contributions.flatMap(({ id }) => id ?? []);
  const asksCalls = isClients && contributions.some(({ resultOf }) => resultOf !== undefined);
  if (ids.length === 0 && !asksCalls) return holdsNothing;
  const held = await turn.held(ids, asksCalls);
  return { ids: held.ids, calls: new Set(held.calls.map(({ callId }) => callId)), openCalls: openOf(held.calls) };
}

/** Calls without a result. An id may be used again: a result belongs to a call before it that has none yet. */
function openOf(calls: readonly { readonly callId: string; readonly isResult: boolean }[]): ReadonlySet<string> {
  const open = new Map<string, number>();
  for (const { callId, isResult } of calls) {
    const waiting = open.get(callId) ?? 0;
    open.set(callId, isResult ? Math.max(waiting - 1, 0) : waiting + 1);
  }
  return new Set([...open].filter(([, waiting]) => waiting > 0).map(([callId]) => callId));
}
