import { isFields, type Fields } from '../../../../../kernel/fields.js';

/** Log probabilities in the legacy form, and where the next token begins. */
interface ReadLogprobs {
  readonly logprobs: Fields;
  readonly end: number;
}

/**
 * The log probabilities of a chat choice in the legacy form; undefined where it tells none.
 * @param alternatives how many were asked for; the token that was said always stands among them.
 * @param start where the first token begins in the text, in characters.
 */
export function legacyLogprobs(given: unknown, alternatives: number, start: number): ReadLogprobs | undefined {
  if (!isFields(given)) return undefined;
  const told = [...listOf(given['content']), ...listOf(given['refusal'])];
  if (told.length === 0) return undefined;
  let end = start;
  const offsets = told.map(({ token }) => {
    const begin = end;
    end += typeof token === 'string' ? [...token].length : 0;
    return begin;
  });
  const logprobs = {
    tokens: told.map(({ token }) => token),
    token_logprobs: told.map(({ logprob }) => logprob),
    top_logprobs: alternatives === 0 ? null : told.map(alternativesOf),
    text_offset: offsets,
  };
  return { logprobs, end };
}

function alternativesOf(told: Fields): Fields {
  const all = [...listOf(told['top_logprobs']), told];
  return Object.fromEntries(all.map(({ token, logprob }) => [String(token), logprob]));
}

function listOf(told: unknown): Fields[] {
  return Array.isArray(told) ? (told as unknown[]).filter(isFields) : [];
}
