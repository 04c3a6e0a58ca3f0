import { tokensOf } from './tokens.js';

/** One token with its made-up log probability, in the form of the chat API. */
interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

/** The log probabilities of a text, invented but always the same; each token's alternatives begin with the token itself. */
export function chatLogprobs(text: string, top: number): { readonly content: readonly object[]; readonly refusal: null } {
  const content = tokensOf(text).map((token) => {
    const alternatives = Array.from({ length: top }, (_unused, rank) =>
      tokenLogprob(rank === 0 ? token : `${token}~${rank}`, rank),
    );
    return { ...tokenLogprob(token, 0), top_logprobs: alternatives };
  });
  return { content, refusal: null };
}

/** The same in the form of the legacy completions API; `offset` is where the text begins in the whole. */
export function completionLogprobs(text: string, top: number, offset: number): object {
  const tokens = tokensOf(text);
  let at = offset;
  const offsets = tokens.map((token) => {
    const begin = at;
    at += token.length;
    return begin;
  });
  const alternatives = (token: string) =>
    Object.fromEntries(
      Array.from({ length: top }, (_unused, rank) => [rank === 0 ? token : `${token}~${rank}`, logprobOf(token, rank)]),
    );
  return {
    tokens,
    token_logprobs: tokens.map((token) => logprobOf(token, 0)),
    top_logprobs: top === 0 ? null : tokens.map(alternatives),
    text_offset: offsets,
  };
}

function tokenLogprob(token: string, rank: number): TokenLogprob {
  return { token, logprob: logprobOf(token, rank), bytes: [...Buffer.from(token)] };
}

function logprobOf(token: string, rank: number): number {
  return -((token.length % 7) + 1) / 100 - rank;
}
