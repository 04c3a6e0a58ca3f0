import type { Guardrail, PersonalDataKind, PromptPolicy } from '../../../contracts/prompt-policy.js';
import { personalDataKinds } from '../../../contracts/prompt-policy.js';
import { PatternFinder, type DataPattern } from './pattern-finder.js';
import { TermMatcher } from './term-matcher.js';

/** What the texts of one side of a call are judged by. */
export interface TextRules {
  /** Finds blocked terms. */
  readonly terms: TermMatcher | undefined;
  /** What becomes of personal data, by its kind; a kind that is not there is not looked for. */
  readonly data: ReadonlyMap<PersonalDataKind, 'mask' | 'block'>;
  /** Finds what the tenant's own patterns match. */
  readonly patterns: PatternFinder | undefined;
}

/** The guardrails of a policy, put together by what they do. */
export interface PolicyRules {
  readonly input: TextRules;
  /** Undefined where the policy says nothing of what the model says. */
  readonly output: TextRules | undefined;
  /** The most tokens of an input. */
  readonly mostTokens: number | undefined;
  /** Masked values are put back for the client that has sent them. */
  readonly restores: boolean;
  /** What happens to an input that moderation cannot judge; undefined where nothing is moderated. */
  readonly moderation: 'refuse' | 'allow' | undefined;
}

type Side = 'input' | 'output';

const made = new WeakMap<PromptPolicy, Promise<PolicyRules>>();

/** The rules of a policy, made once for each. */
export function rulesOf(policy: PromptPolicy): Promise<PolicyRules> {
  let rules = made.get(policy);
  if (rules === undefined) made.set(policy, (rules = rulesFrom(policy.guardrails ?? [])));
  return rules;
}

/** True for policies that judge alike. */
export function judgeAlike(one: PromptPolicy, other: PromptPolicy): boolean {
  return one === other || JSON.stringify(one.guardrails) === JSON.stringify(other.guardrails);
}

async function rulesFrom(guardrails: readonly Guardrail[]): Promise<PolicyRules> {
  const limits = guardrails.flatMap((one) => (one.module === 'max_input_tokens' ? [one.tokens] : []));
  const moderations = guardrails.filter((one) => one.module === 'moderation');
  const isForAll = moderations.every((one) => one.on_failure === 'allow');
  const output = await textRules(guardrails, 'output');
  return {
    input: await textRules(guardrails, 'input'),
    output: isEmpty(output) ? undefined : output,
    mostTokens: limits.length === 0 ? undefined : Math.min(...limits),
    restores: guardrails.some((one) => one.module === 'pii' && one.restore === true),
    moderation: moderations.length === 0 ? undefined : isForAll ? 'allow' : 'refuse',
  };
}

async function textRules(guardrails: readonly Guardrail[], side: Side): Promise<TextRules> {
  const terms: string[] = [];
  const data = new Map<PersonalDataKind, 'mask' | 'block'>();
  const patterns: DataPattern[] = [];
  for (const one of guardrails) {
    if (one.module === 'blocked_terms' && isOn(one, side)) terms.push(...one.terms);
    else if (one.module === 'pii' && isOn(one, side)) {
      for (const kind of one.kinds ?? personalDataKinds) if (data.get(kind) !== 'block') data.set(kind, one.action);
      for (const { name, pattern } of one.patterns ?? []) patterns.push({ name, pattern, action: one.action });
    }
  }
  return {
    terms: terms.length === 0 ? undefined : await TermMatcher.of(terms),
    data,
    patterns: patterns.length === 0 ? undefined : await PatternFinder.of(patterns),
  };
}

function isEmpty({ terms, data, patterns }: TextRules): boolean {
  return terms === undefined && data.size === 0 && patterns === undefined;
}

function isOn({ on = 'input' }: { readonly on?: Side | 'both' | undefined }, side: Side): boolean {
  return on === side || on === 'both';
}
