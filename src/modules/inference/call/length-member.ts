import { usualOutputTokens } from '../../../contracts/agent-spec.js';
import type { CallPlan } from './call-plan.js';

/**
 * The member of a body in which its provider is told how long the answer may be; undefined where the path knows none. Providers of
 * chat other than OpenAI know the older name, and some refuse the newer one.
 */
export function lengthMember({ path, target: { paths, connection } }: Pick<CallPlan, 'path' | 'target'>): string | undefined {
  if (path === paths.responses) return 'max_output_tokens';
  if (path === paths.completions) return 'max_tokens';
  if (path !== paths.chat) return undefined;
  return connection.wire === 'chat' && connection.dialect === undefined ? 'max_tokens' : 'max_completion_tokens';
}

/** How many tokens an answer is taken to have at most where the request does not say. */
export function usualLength({ endpoint }: Pick<CallPlan, 'endpoint'>): number {
  return endpoint.agent?.max_output_tokens ?? usualOutputTokens;
}

let lastLength = usualOutputTokens;
let lastEncoded = Buffer.from(String(usualOutputTokens));

/** A length as it stands in a body. It is mostly the same as that of the call before. */
export function encodedLength(tokens: number): Buffer {
  if (tokens !== lastLength) {
    lastLength = tokens;
    lastEncoded = Buffer.from(String(tokens));
  }
  return lastEncoded;
}
