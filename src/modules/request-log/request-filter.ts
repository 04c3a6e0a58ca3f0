import type { ListRequestsQuery, TailRequestsQuery } from '../../contracts/requests.js';
import { Prisma } from '../../platform/database/generated/client.js';

/** Which rows; an absent field narrows nothing. */
export type RequestFilter = Omit<TailRequestsQuery, 'tenant'> & Pick<ListRequestsQuery, 'request'>;

/** What a row must have beside its status and its time. */
export function matching(tenantId: string, filter: RequestFilter): Prisma.Sql {
  const { key, endpoint, route, error_code: code, request, address } = filter;
  const all = [Prisma.sql`tenant_id = ${tenantId}`];
  if (key !== undefined) all.push(Prisma.sql`key_id = ${key}`);
  if (endpoint !== undefined) all.push(Prisma.sql`endpoint = ${endpoint}`);
  if (route !== undefined) all.push(Prisma.sql`route = ${route}`);
  if (code !== undefined) all.push(Prisma.sql`error_code = ${code}`);
  if (request !== undefined) all.push(Prisma.sql`id = ${request}`);
  if (address !== undefined) all.push(Prisma.sql`client_address = ${address}`);
  return Prisma.join(all, ' and ');
}

/** The statuses that are asked for: `404` is one, `4xx` a hundred; undefined: any. */
export function statusesOf({ status }: RequestFilter): { readonly first: number; readonly last: number } | undefined {
  if (status === undefined) return undefined;
  const isClass = status.endsWith('xx');
  const first = isClass ? Number(status[0]) * 100 : Number(status);
  return { first, last: isClass ? first + 99 : first };
}
