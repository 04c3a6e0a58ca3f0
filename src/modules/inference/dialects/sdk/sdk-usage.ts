import { givenMembers, isFields, type Fields } from '../../../../kernel/fields.js';
import { numberOf } from '../../wire/exact-json.js';

/** The usage of a model's call as that of a chat. What was not told is absent; undefined where nothing was. */
export function sdkUsage(told: unknown): Fields | undefined {
  const { inputTokens, outputTokens } = isFields(told) ? told : {};
  const { total: input, cacheRead, cacheWrite } = isFields(inputTokens) ? inputTokens : {};
  const { total: output, reasoning } = isFields(outputTokens) ? outputTokens : {};
  const prompt = numberOf(input);
  const completion = numberOf(output);
  const usage = givenMembers({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt === undefined || completion === undefined ? undefined : prompt + completion,
    prompt_tokens_details: details({ cached_tokens: numberOf(cacheRead), cache_write_tokens: numberOf(cacheWrite) }),
    completion_tokens_details: details({ reasoning_tokens: numberOf(reasoning) }),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

function details(members: Fields): Fields | undefined {
  const given = givenMembers(members);
  return Object.keys(given).length === 0 ? undefined : given;
}
