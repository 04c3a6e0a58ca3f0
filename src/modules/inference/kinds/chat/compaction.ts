import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { invalid } from '../../call/request-body.js';
import { isOutput } from '../../call/fitting-items.js';
import { estimateTokens } from '../../call/token-estimate.js';

const triggerType = 'compaction_trigger';

/** What a chat model is told at the end of a conversation that a summary is to stand for. */
export const summaryInstruction =
  'Summarise this conversation so that it can go on without its earlier messages. Write down what was asked and why, what ' +
  'was found out, decided and done (with names, numbers, paths, identifiers and results of tools exactly as they are), what ' +
  'is still open, and what was about to be done next. Leave out greetings and repetitions. Call no tool and answer nothing: ' +
  'reply with the summary alone.';

/** Stands before a summary when the model is given it. */
const summaryLead = 'Summary of the conversation so far:\n\n';

/** What a sealed compaction holds. */
export function summaryContent(summary: string): Fields {
  return { summary };
}

/** The summary of an opened compaction, as a message of the developer or in another role. */
export function summaryMessage(id: string, content: Fields, role: 'developer' | 'system' = 'developer'): StoredItem {
  const text = summaryLead + String(content['summary']);
  return { id, type: 'message', status: 'completed', role, content: [{ type: 'input_text', text }] };
}

/** The question that a summary answers, as the last message. */
export function summaryQuestion(): StoredItem {
  const content = [{ type: 'input_text', text: summaryInstruction }];
  return { id: '', type: 'message', status: 'completed', role: 'user', content };
}

/** True for the item that asks for a compaction in place of an answer. */
export function isTrigger({ type }: Fields): boolean {
  return type === triggerType;
}

/** Says whether the input asks for a compaction. @throws AppError invalid_value where the item that does is not the last. */
export function asksCompaction(given: readonly Fields[]): boolean {
  const at = given.findIndex(isTrigger);
  if (at === -1) return false;
  if (at < given.length - 1) throw invalid(`input[${at}]`, `an item of type '${triggerType}' must be the last one`);
  return true;
}

/**
 * What still counts of items that stand before a compaction, whose summary is for the rest: messages of the user, the
 * developer and the system, and calls of tools whose output comes only later.
 */
export function keptBefore<T extends Fields>(items: readonly T[], after: readonly Fields[]): readonly T[] {
  const outputs = new Set(after.filter(isOutput).map((item) => item['call_id']));
  for (const item of items.filter(isOutput)) outputs.delete(item['call_id']);
  return items.filter((item) => isAsked(item) || (isCall(item) && outputs.has(item['call_id'])));
}

/**
 * The items with a compaction of all of them. What was asked last stands behind it word by word, with what has been done
 * for it since, where that is not the greater part itself.
 */
export function withCompaction(items: readonly StoredItem[], compaction: StoredItem, threshold: number): readonly StoredItem[] {
  const at = items.findLastIndex(({ type, role }) => type === 'message' && role === 'user');
  if (at === -1) return [...keptBefore(items, []), compaction];
  const since = items.slice(at).filter(({ type }) => type !== 'compaction');
  const tail = estimateTokens(since) < threshold / 2 ? since : since.slice(0, 1);
  return [...items.slice(0, at), compaction, ...tail];
}

/** True for a message that is not the assistant's. */
export function isAsked({ type, role }: Fields): boolean {
  return (type === 'message' || type === undefined) && typeof role === 'string' && role !== 'assistant';
}

function isCall({ type }: Fields): boolean {
  return typeof type === 'string' && type.endsWith('_call');
}

const leastThreshold = 1_000;

/**
 * From how many tokens of input on a compaction is wanted (`context_management`); undefined where none is.
 * @throws AppError invalid_value.
 */
export function compactionThreshold(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) throw invalid('context_management', 'expected an array');
  let threshold: number | undefined;
  (given as unknown[]).forEach((rule, at) => {
    const param = `context_management[${at}]`;
    if (!isFields(rule) || rule['type'] !== 'compaction') throw invalid(`${param}.type`, "expected 'compaction'");
    const { compact_threshold: tokens = null } = rule;
    if (tokens === null) return;
    if (typeof tokens !== 'number' || !Number.isInteger(tokens) || tokens < leastThreshold)
      throw invalid(`${param}.compact_threshold`, `expected a whole number of at least ${leastThreshold}`);
    threshold = Math.min(threshold ?? tokens, tokens);
  });
  return threshold;
}
