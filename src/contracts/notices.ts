import { usualOutputTokens } from './agent-spec.js';
import type { BudgetObject, UpdateBudgetRequest } from './budgets.js';
import type { LimitsPatch } from './key-limits.js';
import { microsPerUnit, type PriceAmounts } from './price-amounts.js';
import type { PromptPolicy } from './prompt-policy.js';

/** What a caller should know who sets these limits: those that are below what one call needs. */
export function limitNotices(limits: Partial<LimitsPatch>, field = 'limits'): string[] {
  const none = (['requests_per_minute', 'parallel_requests'] as const).filter((name) => limits[name] === 0);
  const { tokens_per_minute: tokens } = limits;
  return [
    ...none.map((name) => `${field}.${name} is 0: no call is let through.`),
    ...(tokens == null || tokens >= usualOutputTokens
      ? []
      : [
          `${field}.tokens_per_minute is below the ${usualOutputTokens} tokens that an answer is taken to have where neither the request (max_tokens) nor its agent (max_output_tokens) says less: such a call takes all of it.`,
        ]),
  ];
}

/**
 * What a caller should know who sets a budget: what of it lets nothing through or says nothing. @param currencies those in which
 * the tenant's calls have prices, where that is known.
 */
export function budgetNotices(
  { amount, unpriced }: Pick<UpdateBudgetRequest, 'amount' | 'unpriced'>,
  budget: Pick<BudgetObject, 'hard' | 'currency' | 'unpriced'>,
  currencies?: ReadonlySet<string>,
): string[] {
  const { hard, currency } = budget;
  return [
    ...(amount === 0 && hard ? ['amount is 0: no call is let through.'] : []),
    ...(currency !== null && amount !== undefined && amount > 0 && amount < leastUsual
      ? [`amount is ${amount} micro-units, less than a hundredth of a ${currency}: ${microsPerUnit} are one ${currency}.`]
      : []),
    ...(currency !== null && currencies?.has(currency) === false
      ? [
          `No model of the tenant's connections has a price in ${currency}: ${hard && budget.unpriced === 'refuse' ? 'every call is refused' : 'no call counts'} until one has.`,
        ]
      : []),
    ...(unpriced === 'allow' && currency === null
      ? ['unpriced has no effect: tokens are counted, whether they have a price or not.']
      : []),
  ];
}

/** Below a hundredth of its currency somebody has mistaken units for micro-units. */
const leastUsual = microsPerUnit / 100;

/** What a caller should know who sets a price: where units were taken for micro-units, and what has no cost by it. */
export function priceNotices(amounts: PriceAmounts | null): string[] {
  const { input, output } = amounts ?? {};
  const low = [input, output].filter((price) => price !== undefined && price > 0 && price < leastPrice);
  return [
    ...(low.length === 0
      ? []
      : [
          `amounts are in micro-units: ${low.join(' and ')} for 1,000,000 tokens is next to nothing, ${microsPerUnit} are one unit.`,
        ]),
    ...(input !== undefined && output === undefined
      ? ['amounts has no output: calls that are answered in text have no cost, and budgets in money refuse them.']
      : []),
    ...(output !== undefined && input === undefined
      ? ['amounts has no input: calls with a text have no cost, and budgets in money refuse them.']
      : []),
  ];
}

/** A thousandth of a unit for a million tokens: whoever sets less has mistaken units for micro-units. */
const leastPrice = microsPerUnit / 1000;

/** What a caller should know who sets a prompt policy: raw models have no moderation model that could judge for them. */
export function policyNotices(policy: PromptPolicy | null, rawModels: readonly string[]): string[] {
  const moderations = (policy?.guardrails ?? []).filter((one) => one.module === 'moderation');
  if (moderations.length === 0 || rawModels.length === 0) return [];
  const passes = moderations.every((one) => one.on_failure === 'allow');
  return [
    `prompt_policy.guardrails: raw models have no moderation model, so ${passes ? 'inputs pass them unjudged' : 'their calls are refused'}.`,
  ];
}

/** A key that ends within so many days is told of. */
const soonDays = 14;

/** What a caller should know who makes or changes a key: that it ends soon, or has ended. @param nowMs milliseconds since 1970. */
export function endNotices(expiresAt: Date | null, nowMs: number): string[] {
  if (expiresAt === null) return [];
  const leftMs = expiresAt.getTime() - nowMs;
  if (leftMs > soonDays * 86_400_000) return [];
  const when = expiresAt.toISOString().replace(/\.\d+Z$/, 'Z');
  return [
    leftMs <= 0 ? `expires_at: the key has ended at ${when}.` : `expires_at: the key ends at ${when}, within ${soonDays} days.`,
  ];
}
