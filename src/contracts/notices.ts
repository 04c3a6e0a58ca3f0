import { usualOutputTokens } from './agent-spec.js';
import type { BudgetObject, UpdateBudgetRequest } from './budgets.js';
import type { LimitsPatch } from './key-limits.js';
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

/** What a caller should know who sets a budget: what of it lets nothing through or says nothing. */
export function budgetNotices(
  { amount, unpriced }: Pick<UpdateBudgetRequest, 'amount' | 'unpriced'>,
  { hard, currency }: Pick<BudgetObject, 'hard' | 'currency'>,
): string[] {
  return [
    ...(amount === 0 && hard ? ['amount is 0: no call is let through.'] : []),
    ...(unpriced === 'allow' && currency === null
      ? ['unpriced has no effect: tokens are counted, whether they have a price or not.']
      : []),
  ];
}

/** What a caller should know who sets a prompt policy: raw models have no moderation model that could judge for them. */
export function policyNotices(policy: PromptPolicy | null, rawModels: readonly string[]): string[] {
  const moderations = (policy?.guardrails ?? []).filter((one) => one.module === 'moderation');
  if (moderations.length === 0 || rawModels.length === 0) return [];
  const passes = moderations.every((one) => one.on_failure === 'allow');
  return [
    `prompt_policy.guardrails: raw models have no moderation model, so ${passes ? 'inputs pass them unjudged' : 'their calls are refused'}.`,
  ];
}
