import { isFields, isGiven, type Fields } from '../../../../kernel/fields.js';
import { invalid } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';
import type { ModelTraits } from './model-traits.js';
import type { Message } from './request-messages.js';
import { isThought } from './thought-blocks.js';

/** What of a request decides whether the model may be asked to think. */
export interface ThinkingAsked {
  readonly traits: ModelTraits;
  readonly maxTokens: unknown;
  readonly messages: readonly Message[];
  /** The model has to call a tool: this wire has it do so without thinking. */
  readonly isForced: boolean;
}

export interface ThinkingMembers {
  readonly thinking?: unknown;
  readonly effort?: string;
  readonly leftOut: readonly string[];
}

/** Tokens for thinking, by effort. */
const budgets: ReadonlyMap<unknown, number> = new Map([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 6144],
  ['high', 12_288],
  ['xhigh', 24_576],
  ['max', 49_152],
]);
const leastBudget = 1024;
const name = 'reasoning_effort';

/**
 * How much the model shall think. A `thinking` of the client's own goes on as it is. An effort is a hint: where the model
 * cannot think in this request it is left out.
 * @throws AppError invalid_value for an effort that is none.
 */
export function thinkingMembers(chat: Fields, asked: ThinkingAsked): ThinkingMembers {
  const { thinking, reasoning_effort: effort } = chat;
  if (isGiven(thinking)) return { thinking, leftOut: isGiven(effort) ? [name] : [] };
  if (!isGiven(effort)) return { leftOut: [] };
  if (effort === 'none') return withoutThinking(asked.traits);
  if (typeof effort !== 'string' || !budgets.has(effort)) throw invalid(name, 'expected an effort');
  if (asked.traits.thinking === 'effort') return byEffort(effort, asked);
  const tokens = asked.traits.thinking === 'none' || asked.isForced ? undefined : budgetOf(effort, asked);
  return tokens === undefined ? { leftOut: [name] } : { thinking: { type: 'enabled', budget_tokens: tokens }, leftOut: [] };
}

/** Whether the model thinks as it is asked to: then it takes no sampling. */
export function isThinking({ thinking }: ThinkingMembers): boolean {
  return isFields(thinking) && (thinking['type'] === 'enabled' || thinking['type'] === 'adaptive');
}

function withoutThinking({ off }: ModelTraits): ThinkingMembers {
  if (off === 'never') return { effort: 'low', leftOut: [] };
  return off === 'absent' ? { leftOut: [] } : { thinking: { type: off }, leftOut: [] };
}

function byEffort(effort: string, { traits, isForced }: ThinkingAsked): ThinkingMembers {
  const said = effort === 'minimal' ? 'low' : effort === 'xhigh' && !traits.hasExtraHigh ? 'max' : effort;
  // Newer models keep their thoughts to themselves unless they are asked for them.
  return { ...(isForced ? {} : { thinking: { type: 'adaptive', display: 'summarized' } }), effort: said, leftOut: [] };
}

/** Tokens below the length of the answer, a quarter of which is left for words; undefined where there is no room. */
function budgetOf(effort: string, { maxTokens, messages }: ThinkingAsked): number | undefined {
  const length = numberOf(maxTokens);
  if (length === undefined || length <= leastBudget || lacksThought(messages)) return undefined;
  return Math.max(leastBudget, Math.min(budgets.get(effort) ?? leastBudget, Math.floor((length * 3) / 4)));
}

/** The model is in the middle of its turn and has no thoughts of its beginning: then it cannot begin to think. */
function lacksThought(messages: readonly Message[]): boolean {
  const last = messages.at(-1);
  if (last === undefined) return false;
  const isMiddle = last.role === 'assistant' || last.content[0]?.['type'] === 'tool_result';
  const [first] = (last.role === 'assistant' ? last : messages.at(-2))?.content ?? [];
  return isMiddle && (first === undefined || !isThought(first));
}
