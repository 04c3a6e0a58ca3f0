import type { FastifyRequest } from 'fastify';
import type { z, ZodType } from 'zod';
import { adminRouteRow, type adminRoutes, type AdminRouteId } from '../../catalog/admin-routes.js';
import { routeRow, type routes, type RouteId } from '../../catalog/routes.js';
import { parseQuery } from '../body/parse-input.js';

/** The ids of those rows of a table that say which query they take. */
type Queried<Table> = { [Id in keyof Table]: Table[Id] extends { readonly query: ZodType } ? Id : never }[keyof Table];

type QueryOf<Row> = Row extends { readonly query: infer Query extends ZodType } ? z.output<Query> : never;

/** Rows of the data plane that say which query they take: `noQuery` is one too. */
export type QueriedRouteId = Queried<typeof routes>;

/**
 * The query parameters of a call, checked by what its row says: a row that says nothing cannot be asked. So what is parsed
 * is what the documents describe and the tests call.
 * @param id the row of the handler that asks.
 * @throws AppError unsupported_parameter, missing_required_parameter or invalid_value.
 */
export function queryOf<Id extends QueriedRouteId>(request: FastifyRequest, id: Id): QueryOf<(typeof routes)[Id]> {
  return parsed(request, id, request.routeOptions.config.gtRoute, routeRow(id).query);
}

/** The same for a row of the admin plane. */
export function adminQueryOf<Id extends Queried<typeof adminRoutes>>(
  request: FastifyRequest,
  id: Id,
): QueryOf<(typeof adminRoutes)[Id]> {
  return parsed(request, id, request.routeOptions.config.gtAdminRoute, adminRouteRow(id).query);
}

/** Checks the query of a call before its handler, where its row says which it takes. @throws AppError as `queryOf`. */
export function judgeQueryAhead(request: FastifyRequest, id: RouteId): void {
  const { query } = routeRow(id);
  if (query !== undefined) parseQuery(request, query);
}

/** What the table's type says of the row is lost in its general form and given back here. */
function parsed<Query>(
  request: FastifyRequest,
  id: RouteId | AdminRouteId,
  matched: RouteId | AdminRouteId | undefined,
  schema: ZodType | undefined,
): Query {
  if (id !== matched || schema === undefined)
    throw new Error(`The handler of ${matched ?? 'no row'} asks for the query of ${id}.`);
  return parseQuery(request, schema) as Query;
}
