import { microsPerUnit, type PriceAmounts } from '../../contracts/price-amounts.js';
import type { ProviderId } from '../../contracts/providers.js';

/** What one provider takes for its models, as its public list has it. */
export interface ListedPrices {
  readonly provider: ProviderId;
  /** The provider's own page that says so. Nobody here calls it. */
  readonly source: string;
  /**
   * The day on which the prices were last compared with the page by the public table that they were found in; where that does
   * not say, the day on which it was read.
   */
  readonly checked: string;
  readonly rows: readonly ListedRow[];
}

export interface ListedRow {
  /** Models at these prices, as the provider names them. */
  readonly models: readonly string[];
  /** The first day at these prices, where they changed. */
  readonly since?: string;
  readonly amounts: PriceAmounts;
}

/** Prices in US dollars: of a million tokens, an hour, a million characters or an image. */
type Dollars = Omit<PriceAmounts, 'image_sizes'>;

/** A row whose prices are said in US dollars. `batch_discount` and `above` are no prices and stay as they are. */
export function listed(models: readonly string[], dollars: Dollars, since?: string): ListedRow {
  const { batch_discount, long_input: long, ...prices } = dollars;
  const amounts: PriceAmounts = {
    ...inMicros(prices),
    ...(long === undefined ? {} : { long_input: { ...inMicros(long), above: long.above } }),
    ...(batch_discount === undefined ? {} : { batch_discount }),
  };
  return since === undefined ? { models, amounts } : { models, since, amounts };
}

function inMicros<T extends Readonly<Record<string, number | undefined>>>(dollars: T): T {
  const entries = Object.entries(dollars).map(([name, price]) => [
    name,
    price === undefined ? undefined : Math.round(price * microsPerUnit),
  ]);
  return Object.fromEntries(entries) as T;
}
