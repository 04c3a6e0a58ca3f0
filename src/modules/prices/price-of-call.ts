import type { CallEnd, CallPrice } from '../../platform/journal/call-record.js';
import { whole } from '../../platform/journal/record-columns.js';
import { chargeOf, costOf, type MeasuredUse } from './cost.js';
import type { Terms } from './price-terms.js';

/**
 * What a call that has ended cost and what its tenant is charged, of the figures that its record has.
 * @returns undefined when no price applies, when the price says nothing of what the call took, and when nobody knows what it took.
 */
export function priceOfCall(end: CallEnd, terms: Terms | undefined): CallPrice | undefined {
  if (terms === undefined) return undefined;
  const { amounts, markupPerMille, currency } = terms;
  const use = measuredUse(end);
  const cost = costOf(use, amounts);
  const charge = markupPerMille === 0 ? cost : chargeOf(use, amounts, markupPerMille);
  return cost === null || charge === null ? undefined : { cost, charge, currency };
}

function measuredUse(end: CallEnd): MeasuredUse {
  const { audioSeconds, characters, images, imageSize } = end;
  return {
    inputTokens: whole(end.inputTokens),
    cachedInputTokens: whole(end.cachedInputTokens),
    cacheWriteTokens: whole(end.cacheWriteTokens ?? 0),
    outputTokens: whole(end.outputTokens),
    reasoningTokens: whole(end.reasoningTokens),
    audioMs: audioSeconds === undefined ? null : whole(Math.round(audioSeconds * 1000)),
    characters: characters === undefined ? null : whole(characters),
    images: images === undefined ? null : whole(images),
    imageSize: imageSize ?? null,
    providerBatch: end.providerBatch === true,
    // A call that its provider failed took nothing but what was told. Of one that was left, nobody knows.
    completed: end.state !== 'upstream_failed',
  };
}
