import { chargeOf } from '../prices/cost.js';
import type { KnownTerms } from '../prices/call-pricing.js';

/** What a call is expected to take, as far as it is known before it is made. */
export interface ExpectedUse {
  /** Tokens of what is sent. */
  readonly prompt: number;
  /** The most tokens of the answer. */
  readonly output: number;
}

/**
 * What a call is expected to be charged, in whole micro-units: as if all of its input were new and its answer as long as it may
 * be.
 * @returns null where its price says nothing of tokens; undefined where there is no price in the currency.
 */
export function expectedCharge({ prompt, output }: ExpectedUse, terms: KnownTerms, currency: string): number | null | undefined {
  if (terms?.currency !== currency) return undefined;
  const { amounts, markupPerMille } = terms;
  const use = {
    inputTokens: prompt,
    cachedInputTokens: 0,
    outputTokens: output,
    reasoningTokens: 0,
    ...{ audioMs: null, characters: null, images: null, imageSize: null },
    providerBatch: false,
    completed: true,
  };
  return chargeOf(use, amounts, markupPerMille);
}
