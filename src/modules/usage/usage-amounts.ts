import { Prisma } from '../../platform/database/generated/client.js';
import type { Sums } from './usage-parts.js';

/** What calls in one currency add up to, in its micro-units. */
export interface AmountTotals {
  readonly currency: string;
  readonly calls: number;
  readonly cost: number;
  readonly charge: number;
}

/** What priced calls cost and what is charged for them. */
export const amountSums: Sums = {
  tables: [Prisma.sql`usage_amounts`, Prisma.sql`usage_amounts_open`],
  stored: Prisma.sql`key_id, endpoint, connection_id, model, currency, calls, cost, charge`,
  counted: Prisma.sql`key_id, endpoint, connection_id, model, currency, 1::bigint as calls, cost, charge`,
  having: Prisma.sql`currency is not null`,
};

/** How many of so many calls have no price. */
export function unpricedOf(calls: number, amounts: readonly AmountTotals[]): number {
  return calls - amounts.reduce((sum, one) => sum + one.calls, 0);
}
