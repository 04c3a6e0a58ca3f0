import type { LimitsPatch } from './key-limits.js';
import type { PromptPolicy } from './prompt-policy.js';

/** Limits that are stored and not enforced yet. A name leaves this list when its limit is enforced. */
const unenforcedLimits = ['requests_per_minute', 'tokens_per_minute', 'parallel_requests'] as const;

/** What a caller should know who sets these limits; empty when all of them are enforced. */
export function limitNotices(limits: LimitsPatch): string[] {
  return notEnforced(unenforcedLimits.filter((name) => limits[name] != null).map((name) => `limits.${name}`));
}

/** The same for the budgets of a tenant: none of them is enforced yet. */
export function budgetNotices(budgets: Readonly<Record<string, unknown>>): string[] {
  return notEnforced(Object.keys(budgets).flatMap((name) => (budgets[name] == null ? [] : [`budgets.${name}`])));
}

/** The same for a prompt policy: raw models have no moderation model that could judge for them. */
export function policyNotices(policy: PromptPolicy | null, rawModels: readonly string[]): string[] {
  const moderations = (policy?.guardrails ?? []).filter((one) => one.module === 'moderation');
  if (moderations.length === 0 || rawModels.length === 0) return [];
  const passes = moderations.every((one) => one.on_failure === 'allow');
  return [
    `prompt_policy.guardrails: raw models have no moderation model, so ${passes ? 'inputs pass them unjudged' : 'their calls are refused'}.`,
  ];
}

function notEnforced(fields: readonly string[]): string[] {
  if (fields.length === 0) return [];
  return [`${fields.join(', ')} ${fields.length === 1 ? 'is' : 'are'} stored and not enforced yet.`];
}
