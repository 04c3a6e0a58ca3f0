import { isScope, scopes, type Scope } from '../contracts/scopes.js';
import { routes, routeRow, type RouteId } from './routes.js';

/** Scopes of which one was enough for a call. */
export type Need = readonly Scope[];

const between = '|';

/** What calls of a route need, whatever they name: nothing where every live key may make them, or for what is no route. */
export function needsOfRoute(routeId: string): readonly Need[] {
  if (!Object.hasOwn(routes, routeId)) return [];
  const row = routeRow(routeId as RouteId);
  return row.scopes === 'any' ? [] : [row.scopes];
}

/** A need as one text, the same for the same scopes. */
export function needText(need: Need): string {
  return scopes.filter((scope) => need.includes(scope)).join(between);
}

/** What `needText` gave. Scopes of other releases are left out. */
export function readNeed(text: string): Need {
  return text.split(between).filter(isScope);
}
