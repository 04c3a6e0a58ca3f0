import type { Scope } from '../../contracts/scopes.js';
import { reachesRow } from '../decide.js';
import { coverOf } from '../narrowing.js';
import { needsOfRoute } from '../needs.js';
import { builtInPreset } from '../presets.js';
import { routeRow, type RouteId } from '../routes.js';
import type { RunbookRow } from './runbook-row.js';

/** What a key of this preset grants, with what it has through the keys that it links. Nothing for an unknown preset. */
export function grantedScopes(slug: string): ReadonlySet<Scope> {
  const preset = builtInPreset(slug);
  if (preset === undefined) return new Set();
  const links = preset.links === null ? [] : [preset.links.inference, preset.links.upload];
  return new Set([...preset.scopes, ...links.flatMap((link) => [...grantedScopes(link)])]);
}

/** True when a key of this preset may call the route. */
export function presetReaches(slug: string, route: RouteId): boolean {
  return reachesRow({ effectiveScopes: grantedScopes(slug) }, routeRow(route));
}

/** The presets of the keys with which a runbook is verified: its own, and those that the uploads of the product need. */
export function presetsToVerify({
  preset,
  alternatives,
  routes,
}: Pick<RunbookRow, 'alternatives' | 'routes'> & { preset: string }) {
  const others = alternatives
    .map((alternative) => alternative.preset)
    .filter((other) => routes.some(({ route, verdict }) => verdict === 'gt_extension' && presetReaches(other, route)));
  return [...new Set([preset, ...others])];
}

/** The first of the presets that reaches the route. */
export function presetFor(presets: readonly string[], route: RouteId): string | undefined {
  return presets.find((slug) => presetReaches(slug, route));
}

/** The scopes of these beyond the fewest that reach all of the routes that they reach: without them, a key can do as much. */
export function unusedScopes(scopes: ReadonlySet<Scope>, routes: readonly RouteId[]): Scope[] {
  const needed = coverOf(routes.flatMap(needsOfRoute), { effective: scopes, held: scopes });
  return [...scopes].filter((scope) => !needed.has(scope));
}
