import { canonicalUrl } from '../catalog/base-url.js';
import { filled, unfilled } from '../catalog/runbooks/filling.js';
import type { RunbookRow } from '../catalog/runbooks/runbook-row.js';
import { routeRow, type RouteId } from '../catalog/routes.js';

const plane = '/api/tenant';

/**
 * What stands before `/api/tenant` in an address of the platform, however it is spelt.
 * @param address with or without `/api/tenant`, `/v1` or the path of a route.
 */
export function originOf(address: string): string {
  const url = new URL(address);
  const at = `${url.pathname}/`.indexOf(`${plane}/`);
  const before = at === -1 ? url.pathname.replace(/\/v1\/?$/, '') : url.pathname.slice(0, at);
  return url.origin + before.replace(/\/+$/, '');
}

/** The address of a route as the documents give it. */
export function documentedUrl(origin: string, route: RouteId, parameters: Readonly<Record<string, string>> = {}): string {
  const path = routeRow(route).path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(parameters[name] ?? name));
  return `${origin}${plane}/v1${path}`;
}

/** What the runbook says that the product is configured with. */
export function configuredValue({ baseUrl }: RunbookRow, origin: string): string {
  return filled(baseUrl.value ?? '', { ...unfilled, origin });
}

/** The route of which the runbook's base URL is the address, where it is one. */
export function configuredRouteOf({ baseUrl, routes }: RunbookRow): RouteId | undefined {
  return routes.map(({ route }) => route).find((route) => baseUrl.value === documentedUrl('{{origin}}', route));
}

/** True when both addresses lead to the same route of this platform. */
export function leadsTo(url: string, documented: string, origin: string): boolean {
  const pathOf = (address: string): string => (address.startsWith(origin) ? canonicalUrl(address.slice(origin.length)) : address);
  return pathOf(url) === pathOf(documented);
}
