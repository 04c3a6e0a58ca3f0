import { routeRow } from '../routes.js';
import type { Fault } from './lint-finding.js';
import { grantedScopes, presetFor, presetReaches, unusedScopes } from './reach.js';
import type { RouteUse, RunbookRow } from './runbook-row.js';

/**
 * The preset that a row recommends grants what the product always calls. What it calls besides is granted by that preset
 * or by one that the row names for it. No scope of the recommended preset is of no use to the product, and no other preset
 * is named for nothing.
 */
export function lintGrants({ preset, alternatives, routes }: RunbookRow): Fault[] {
  if (preset === null) return [];
  const named = [preset, ...alternatives.map((alternative) => alternative.preset)];
  const idle = alternatives.filter((alternative) => isIdle(preset, alternative.preset, routes));
  const outOfReach = routes.filter(({ route }) => presetFor(named, route) === undefined);
  return [
    ...routes
      .filter(({ use, route }) => use === 'always' && !presetReaches(preset, route))
      .map((use) => fault('always_not_granted', use, `is always called, and ${preset} does not grant it`)),
    ...outOfReach
      .filter(({ verdict }) => verdict === 'native')
      .map((use) => fault('native_not_granted', use, `is native, and none of ${named.join(', ')} grants it`)),
    ...outOfReach
      .filter(({ verdict }) => verdict === 'gt_extension')
      .map((use) => fault('extension_out_of_reach', use, `is an extension, and none of ${named.join(', ')} grants it`)),
    ...unusedScopes(
      grantedScopes(preset),
      routes.map(({ route }) => route),
    ).map((scope) => ({ rule: 'unused_scope', detail: `${preset} grants ${scope}, which no route of this product needs.` })),
    ...idle.map((alternative) => ({
      rule: 'idle_alternative',
      detail: `${alternative.preset} is named, grants no further route of this product, and is not narrower.`,
    })),
  ];
}

function isIdle(preset: string, alternative: string, routes: readonly RouteUse[]): boolean {
  const recommended = grantedScopes(preset);
  const isNarrower = [...grantedScopes(alternative)].every((scope) => recommended.has(scope));
  return !isNarrower && routes.every(({ route }) => presetReaches(preset, route) || !presetReaches(alternative, route));
}

function fault(rule: string, { route }: RouteUse, what: string): Fault {
  const { method, path } = routeRow(route);
  return { rule, detail: `${method} ${path} ${what}.` };
}
