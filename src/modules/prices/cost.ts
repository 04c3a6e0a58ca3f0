import { microsPerUnit, type PriceAmounts } from '../../contracts/price-amounts.js';

/** What a call took, as far as it is known. Cached, written and reasoning tokens are parts of the others. */
export interface MeasuredUse {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Tokens of input that were written to the provider's cache. Absent: none. */
  readonly cacheWriteTokens?: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Length of the sound that was read; null: there was none, or nobody knows. */
  readonly audioMs: number | null;
  /** Characters that were spoken. */
  readonly characters: number | null;
  readonly images: number | null;
  /** E.g. `1024x1024`. */
  readonly imageSize: string | null;
  /** It was made in a batch of the provider. */
  readonly providerBatch: boolean;
  /** It came to its end: it took something, even where nobody knows what. */
  readonly completed: boolean;
}

/** Fractions of a micro-unit are counted in these: each price of a single token, millisecond or character is a whole number of them. */
const parts = 18_000_000n;
const perMille = 1000n;
const ofMillion = parts / BigInt(microsPerUnit);
const ofHour = parts / 3_600_000n;

/**
 * What the provider takes for a call, in whole micro-units of the price's currency. Rounded once, and up: nothing becomes
 * free by rounding. Sums beyond 2^53 - 1 stay there.
 * @returns null when the call took what the price says nothing of: it has no cost, and that is not the same as none.
 */
export function costOf(use: MeasuredUse, amounts: PriceAmounts): number | null {
  return chargeOf(use, amounts, 0);
}

/**
 * The same with a mark-up, which is put on the exact cost: this too is rounded once.
 * @param markupPerMille thousandths of the cost, at least -1000.
 */
export function chargeOf(use: MeasuredUse, amounts: PriceAmounts, markupPerMille: number): number | null {
  const exact = exactCost(use, amounts);
  if (exact === null) return null;
  const discount = use.providerBatch ? (amounts.batch_discount ?? 0) : 0;
  if (discount === 0 && markupPerMille === 0) return rounded(exact, parts);
  const factor = (perMille - BigInt(discount)) * (perMille + BigInt(markupPerMille));
  return rounded(exact * factor, parts * perMille * perMille);
}

/** In `parts` of a micro-unit, before discount and mark-up. */
function exactCost(use: MeasuredUse, amounts: PriceAmounts): bigint | null {
  const costs = [costOfTokens(use, amounts), costOfSound(use, amounts), costOfSpeech(use, amounts), costOfImages(use, amounts)];
  let isTaken = false;
  let sum: bigint | undefined;
  for (const cost of costs) {
    if (cost === 'part without a price') return null;
    isTaken ||= cost !== 'not taken';
    if (typeof cost === 'bigint') sum = (sum ?? 0n) + cost;
  }
  if (isTaken) return sum ?? null;
  return use.completed && !isFree(amounts) ? null : 0n;
}

/**
 * One call is told in several measures, and a provider sells by one or two of them: a measure without a price costs nothing
 * beside one that has a price.
 */
type Cost = bigint | 'not taken' | 'no price' | 'part without a price';

function costOfTokens(use: MeasuredUse, amounts: PriceAmounts): Cost {
  const { inputTokens, outputTokens } = use;
  if (inputTokens === 0 && outputTokens === 0) return 'not taken';
  const { long_input: long } = amounts;
  const prices = long !== undefined && inputTokens > long.above ? { ...amounts, ...given(long) } : amounts;
  const { input, output } = prices;
  if (input === undefined && output === undefined) return 'no price';
  if ((inputTokens > 0 && input === undefined) || (outputTokens > 0 && output === undefined)) return 'part without a price';
  const cached = Math.min(use.cachedInputTokens, inputTokens);
  const written = Math.min(use.cacheWriteTokens ?? 0, inputTokens - cached);
  const reasoning = Math.min(use.reasoningTokens, outputTokens);
  return (
    ofMillion *
    (times(inputTokens - cached - written, input) +
      times(cached, prices.cached_input ?? input) +
      times(written, prices.cache_write ?? input) +
      times(outputTokens - reasoning, output) +
      times(reasoning, prices.reasoning ?? output))
  );
}

function costOfSound({ audioMs }: MeasuredUse, { audio_hour: price }: PriceAmounts): Cost {
  return measured(audioMs, price, ofHour);
}

function costOfSpeech({ characters }: MeasuredUse, { characters: price }: PriceAmounts): Cost {
  return measured(characters, price, ofMillion);
}

function costOfImages({ images, imageSize }: MeasuredUse, { image, image_sizes: sizes = {} }: PriceAmounts): Cost {
  const ofSize = imageSize !== null && Object.hasOwn(sizes, imageSize) ? sizes[imageSize] : undefined;
  const cost = measured(images, ofSize ?? image, parts);
  return cost === 'no price' && Object.keys(sizes).length > 0 ? 'part without a price' : cost;
}

function measured(taken: number | null, price: number | undefined, partsOfOne: bigint): Cost {
  if (taken === null || taken === 0) return 'not taken';
  return price === undefined ? 'no price' : partsOfOne * times(taken, price);
}

function times(count: number, price: number | undefined): bigint {
  return count === 0 || price === undefined ? 0n : BigInt(count) * BigInt(price);
}

/** Whether everything that is priced costs nothing. */
function isFree({ batch_discount: _discount, long_input: long, image_sizes: sizes = {}, ...rest }: PriceAmounts): boolean {
  const { above: _above, ...longPrices } = long ?? { above: 0 };
  return [rest, longPrices, sizes].flatMap((some): (number | undefined)[] => Object.values(some)).every((price) => !price);
}

/** Without the members that say nothing. */
function given<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

function rounded(numerator: bigint, denominator: bigint): number {
  const up = (numerator + denominator - 1n) / denominator;
  return up > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(up);
}
