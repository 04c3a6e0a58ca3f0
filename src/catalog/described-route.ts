import type { RouteRow } from './route-row.js';
import { routeRow, type RouteId } from './routes.js';
import { routeShapes, type RouteShape } from './shapes/route-shapes.js';

/** A row with everything that there is to say of its bodies. */
export type DescribedRoute = RouteRow & RouteShape;

/** The row of an id, for documents. Whoever only serves calls has no need of it, and of what is loaded with it. */
export function describedRoute(id: RouteId): DescribedRoute {
  return { ...routeRow(id), ...routeShapes[id] };
}
