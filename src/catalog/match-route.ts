import { canonicalUrl } from './base-url.js';
import { reachesRow } from './decide.js';
import type { KeyFacts, TenantFacts } from './facts.js';
import type { RouteRow } from './route-row.js';
import { routeIds, routeRow, type RouteId } from './routes.js';

/** Where a call would arrive in the route table. */
export type RouteMatch =
  | { readonly kind: 'row'; readonly id: RouteId; readonly row: RouteRow; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong_method'; readonly methods: readonly string[] }
  | { readonly kind: 'unknown' };

interface Pattern {
  readonly id: RouteId;
  readonly row: RouteRow;
  readonly expression: RegExp;
  /** Like the router, prefer fixed segments to parameters, from the left: `0` fixed, `1` parameter, `2` the rest. */
  readonly rank: string;
}

const patterns: readonly Pattern[] = routeIds
  .map((id) => ({ id, row: routeRow(id), expression: expressionOf(routeRow(id).path), rank: rankOf(routeRow(id).path) }))
  .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));

/**
 * The row that a method and path lead to. The path may be spelt with or without base URL, host, `/v1` and query:
 * `chat/completions`, `/v1/chat/completions` and `https://host/api/tenant/chat/completions` are one.
 */
export function matchRoute(method: string, path: string): RouteMatch {
  const route = routePath(path);
  const fitting = patterns.filter(({ expression }) => expression.test(route));
  const found = fitting.find(({ row }) => row.method === method);
  if (found !== undefined) {
    const groups = found.expression.exec(route)?.groups ?? {};
    return { kind: 'row', id: found.id, row: found.row, parameters: decoded(groups) };
  }
  return fitting.length === 0
    ? { kind: 'unknown' }
    : { kind: 'wrong_method', methods: [...new Set(fitting.map(({ row }) => row.method))] };
}

/** Ids of the rows that the key's scopes reach and its tenant has not switched off: what `GET /key` tells. */
export function reachableRoutes(
  key: Pick<KeyFacts, 'effectiveScopes'>,
  tenant: Pick<TenantFacts, 'apiEnabled' | 'groupsOff'>,
): RouteId[] {
  if (!tenant.apiEnabled) return [];
  return routeIds.filter((id) => !tenant.groupsOff.has(routeRow(id).group) && reachesRow(key, routeRow(id)));
}

const plane = '/api/tenant';

/** The path below `/api/tenant/v1`, as the table writes it. */
function routePath(given: string): string {
  const path = given.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? '';
  const absolute = `/${path}`.replace(/\/{2,}/g, '/');
  const canonical = canonicalUrl(absolute === plane || absolute.startsWith(`${plane}/`) ? absolute : plane + absolute);
  return canonical.slice(`${plane}/v1`.length);
}

function expressionOf(path: string): RegExp {
  const text = path
    .replace(/[.]/g, '\\.')
    .replace(/\{(model)\}$/, '(?<$1>.+)')
    .replace(/\{([a-z_]+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${text}$`);
}

function rankOf(path: string): string {
  return path
    .slice(1)
    .split('/')
    .map((segment) => (segment === '{model}' ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('');
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
