import type { StoredItem } from '../../conversations/conversation-record.js';
import { awaitedCalls, bringsHistory, type Contribution } from '../call/contributions.js';
import type { Dialogue } from '../call/dialogue.js';
import { newestTurns, type HistorySource } from './newest-turns.js';

/** True where the client keeps the history. Where the request itself names its conversation, that comes first in any case. */
export function keepsHistory({ conversation }: Dialogue, contributions: readonly Contribution[]): boolean {
  return conversation === undefined && bringsHistory(contributions);
}

/** What a request is given of its conversation: as many turns as fit into so many tokens, where its client keeps none. */
export async function historyFor(
  source: HistorySource | undefined,
  dialogue: Dialogue,
  contributions: readonly Contribution[],
  tokens: number,
): Promise<StoredItem[]> {
  if (source === undefined || keepsHistory(dialogue, contributions)) return [];
  return newestTurns(source, tokens, awaitedCalls(contributions));
}
