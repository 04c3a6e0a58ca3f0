import { Prisma } from '../../platform/database/generated/client.js';

/** Which calls; an absent field narrows nothing. `sinceMs` is inclusive, `untilMs` is not; both since 1970. */
export interface UsageFilter {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly keyId?: string | undefined;
  /** Any of these keys. */
  readonly keyIds?: readonly string[] | undefined;
  readonly endpoint?: string | undefined;
  readonly route?: string | undefined;
  readonly state?: string | undefined;
}

/** Which page of them: the ids of the calls between which it lies. */
export interface UsagePaging {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** What a row of calls, or of their sums, must have, its time apart. */
export function matching(tenantId: string, filter: UsageFilter): Prisma.Sql {
  const all = [Prisma.sql`tenant_id = ${tenantId}`];
  if (filter.keyId !== undefined) all.push(Prisma.sql`key_id = ${filter.keyId}`);
  if (filter.keyIds !== undefined) all.push(Prisma.sql`key_id = any(${[...filter.keyIds]}::text[])`);
  if (filter.endpoint !== undefined) all.push(Prisma.sql`endpoint = ${filter.endpoint}`);
  if (filter.route !== undefined) all.push(Prisma.sql`route = ${filter.route}`);
  if (filter.state !== undefined) all.push(Prisma.sql`state = ${filter.state}`);
  return Prisma.join(all, ' and ');
}

/** The column of a row's time: of a call, of an hour's sums or of a day's. */
export type Moment = 'created_at' | 'hour' | 'day';

/** That the column's time lies in a span. */
export function within(column: Moment, { sinceMs, untilMs }: Pick<UsageFilter, 'sinceMs' | 'untilMs'>): Prisma.Sql {
  const all = [Prisma.sql`true`];
  if (sinceMs !== undefined) all.push(Prisma.sql`${Prisma.raw(column)} >= ${new Date(sinceMs)}`);
  if (untilMs !== undefined) all.push(Prisma.sql`${Prisma.raw(column)} < ${new Date(untilMs)}`);
  return Prisma.join(all, ' and ');
}
