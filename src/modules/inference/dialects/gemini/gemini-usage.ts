import { givenMembers, type Fields } from '../../../../kernel/fields.js';
import { numberOf } from '../../wire/exact-json.js';

/**
 * `usageMetadata` as the usage of a chat: what tools of the provider read counts as prompt, thoughts count as completion. What
 * was not told is absent. An answer without a word has no count of its own: the total tells it.
 * @returns undefined where nothing is counted.
 */
export function chatUsage(told: Fields | undefined): Fields | undefined {
  if (told === undefined) return undefined;
  const { promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount } = told;
  const prompt = sum(promptTokenCount, toolUsePromptTokenCount);
  const total = numberOf(told['totalTokenCount']);
  const completion = sum(candidatesTokenCount, thoughtsTokenCount) ?? difference(total, prompt);
  const cached = numberOf(told['cachedContentTokenCount']);
  const reasoning = numberOf(thoughtsTokenCount);
  const usage = givenMembers({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: total ?? (prompt === undefined || completion === undefined ? undefined : prompt + completion),
    prompt_tokens_details: cached === undefined ? undefined : { cached_tokens: cached },
    completion_tokens_details: reasoning === undefined ? undefined : { reasoning_tokens: reasoning },
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

function sum(first: unknown, second: unknown): number | undefined {
  const [one, other] = [numberOf(first), numberOf(second)];
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}

function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : Math.max(total - part, 0);
}
