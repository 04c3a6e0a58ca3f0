import type { FastifyRequest } from 'fastify';
import type { z, ZodType } from 'zod';
import { adminRouteRow, type adminRoutes, type AdminRouteId } from '../../catalog/admin-routes.js';
import { routeRow, type routes, type RouteId } from '../../catalog/routes.js';
import { parseBody } from '../body/parse-input.js';

/** The ids of those rows of a table that say which body they take. */
type Bodied<Table> = { [Id in keyof Table]: Table[Id] extends { readonly request: ZodType } ? Id : never }[keyof Table];

type RequestOf<Row> = Row extends { readonly request: infer Request extends ZodType } ? Request : never;

/** Rows of the data plane that say which body, or which fields of a form, they parse. */
export type BodiedRouteId = Bodied<typeof routes>;

/**
 * The body of a call, checked by what its row says: a row that says nothing cannot be asked. So what is parsed is what the
 * documents describe.
 * @param id the row of the handler that asks.
 * @throws AppError as `parseBody`.
 */
export function bodyOf<Id extends BodiedRouteId>(request: FastifyRequest, id: Id): z.output<RequestOf<(typeof routes)[Id]>> {
  return parseBody(request, requestOf(id, request.routeOptions.config.gtRoute)) as z.output<RequestOf<(typeof routes)[Id]>>;
}

/** The same for a row of the admin plane. */
export function adminBodyOf<Id extends Bodied<typeof adminRoutes>>(
  request: FastifyRequest,
  id: Id,
): z.output<RequestOf<(typeof adminRoutes)[Id]>> {
  const schema = known(id, request.routeOptions.config.gtAdminRoute, adminRouteRow(id).request);
  return parseBody(request, schema) as z.output<RequestOf<(typeof adminRoutes)[Id]>>;
}

/** The fields that a row's form has beside its file. What the table's type says is lost in its general form and given back. */
export function formFieldsOf<Id extends BodiedRouteId>(request: FastifyRequest, id: Id): RequestOf<(typeof routes)[Id]> {
  return requestOf(id, request.routeOptions.config.gtRoute) as RequestOf<(typeof routes)[Id]>;
}

/** The body of a call before its handler, checked by what its row says; undefined where the row says nothing. @throws AppError as `parseBody`. */
export function bodyAhead(request: FastifyRequest, id: RouteId): unknown {
  const { request: schema } = routeRow(id);
  return schema === undefined ? undefined : parseBody(request, schema);
}

function requestOf(id: RouteId, matched: RouteId | undefined): ZodType {
  return known(id, matched, routeRow(id).request);
}

function known(id: RouteId | AdminRouteId, matched: RouteId | AdminRouteId | undefined, schema: ZodType | undefined): ZodType {
  if (id !== matched || schema === undefined)
    throw new Error(`The handler of ${matched ?? 'no row'} asks for the body of ${id}.`);
  return schema;
}
