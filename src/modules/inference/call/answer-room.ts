/** What is left for the answer where the request does not say how long it may be. */
const usualTokens = 4_096;

/**
 * How many tokens of a context are left for the answer; never more than half of it.
 * @param longest how long the request says that it may be.
 */
export function tokensForAnswer(context: number, longest: number | undefined): number {
  return Math.min(longest ?? Math.min(usualTokens, context / 4), context / 2);
}
