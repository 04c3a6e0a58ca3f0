/** What calls in one currency add up to, in its micro-units. */
export interface AmountTotals {
  readonly currency: string;
  readonly calls: number;
  readonly cost: number;
  readonly charge: number;
}

/** How many of so many calls have no price. */
export function unpricedOf(calls: number, amounts: readonly AmountTotals[]): number {
  return calls - amounts.reduce((sum, one) => sum + one.calls, 0);
}
