import { Prisma } from '../../platform/database/generated/client.js';

/** Which periods of a tenant's budgets are looked at, in milliseconds since 1970. */
export interface PeriodFilter {
  readonly budgetId?: string | undefined;
  /** Those that began then or later, and before. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** The condition of it, for each of the tables that name a period. */
export function inPeriods(tenantId: string, { budgetId, sinceMs, untilMs }: PeriodFilter): Prisma.Sql {
  const conditions = [Prisma.sql`tenant_id = ${tenantId}`];
  if (budgetId !== undefined) conditions.push(Prisma.sql`budget_id = ${budgetId}`);
  if (sinceMs !== undefined) conditions.push(Prisma.sql`starts_at >= ${new Date(sinceMs)}`);
  if (untilMs !== undefined) conditions.push(Prisma.sql`starts_at < ${new Date(untilMs)}`);
  return Prisma.join(conditions, ' and ');
}
