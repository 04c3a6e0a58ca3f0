import type { PriceAmounts } from '../../contracts/price-amounts.js';
import { chargeOf } from './cost.js';
import type { Terms } from './price-terms.js';

/** A record tells no more exactly. */
const mostTold = Number.MAX_SAFE_INTEGER;

/**
 * What a call that is yet to be made is charged by its tokens at most: as if all of the input were new and the answer as long as
 * it may be. In micro-units of the currency of its terms.
 * @param use tokens of what is sent and, at most, of the answer; both 0: it is not known, or not sold by tokens.
 * @returns 0 where only something else than tokens has a price; undefined where the price says nothing of what the call takes.
 */
export function expectedCharge(
  { prompt, output }: { readonly prompt: number; readonly output: number },
  { amounts, markupPerMille }: Pick<Terms, 'amounts' | 'markupPerMille'>,
): number | undefined {
  const use = {
    inputTokens: Math.min(prompt, mostTold),
    cachedInputTokens: 0,
    outputTokens: Math.min(output, mostTold),
    reasoningTokens: 0,
    ...{ audioMs: null, characters: null, images: null, imageSize: null },
    providerBatch: false,
    completed: true,
  };
  const charge = chargeOf(use, amounts, markupPerMille);
  if (charge !== null) return charge;
  const isOfTokens = output > 0 || (prompt > 0 && !hasOtherPrices(amounts));
  return isOfTokens ? undefined : 0;
}

/** Sound, spoken characters and images: what a call takes of them is known when it is over. */
function hasOtherPrices({ audio_hour: sound, characters, image, image_sizes: sizes }: PriceAmounts): boolean {
  return [sound, characters, image, sizes].some((price) => price !== undefined);
}
