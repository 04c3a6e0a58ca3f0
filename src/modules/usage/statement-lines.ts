import { unpricedOf, type AmountTotals } from './usage-amounts.js';

/** What calls of one key, published name, connection, model and currency add up to; those without a price have no amounts. */
export interface StatementLineRecord {
  readonly key: string | null;
  readonly key_name: string | null;
  readonly endpoint: string | null;
  readonly connection: string | null;
  readonly model: string | null;
  readonly currency: string | null;
  readonly calls: number;
  readonly cost: number | null;
  readonly charge: number | null;
}

const nameless = { key: null, key_name: null, endpoint: null, connection: null, model: null };

/** The lines, and a nameless one for each currency, and for calls without a price, of which they do not tell everything. */
export function completed(
  lines: readonly StatementLineRecord[],
  totals: { readonly calls: number; readonly amounts: readonly AmountTotals[] },
): StatementLineRecord[] {
  const told = (currency: string | null, of: (line: StatementLineRecord) => number | null): number =>
    lines.reduce((sum, line) => (line.currency === currency ? sum + (of(line) ?? 0) : sum), 0);
  const rest = totals.amounts.map(({ currency, calls, cost, charge }) => ({
    ...{ ...nameless, currency, calls: calls - told(currency, (line) => line.calls) },
    cost: cost - told(currency, (line) => line.cost),
    charge: charge - told(currency, (line) => line.charge),
  }));
  const calls = unpricedOf(totals.calls, totals.amounts) - told(null, (line) => line.calls);
  const unpriced = { ...nameless, currency: null, calls, cost: null, charge: null };
  return [...lines, ...[...rest, unpriced].filter((line) => line.calls > 0)];
}
