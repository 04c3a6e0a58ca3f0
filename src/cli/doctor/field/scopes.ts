import { missingScopes, reachesRow } from '../../../catalog/decide.js';
import { routeRow, type RouteId } from '../../../catalog/routes.js';
import { found, well, type Check } from '../check.js';
import type { Visit } from './visit.js';
import type { OwnKeyObject } from '../../../contracts/keys.js';

const check = 'scopes';

/** Whether the key has what the wished routes need; without wishes, that it has anything. */
export function examineScopes({ wish }: Visit, own: OwnKeyObject): Check[] {
  if (own.effective_scopes.length === 0)
    return [
      found(check, 'scope-missing', 'The key has no scope; one of the kind conversation has those of the keys that it links.'),
    ];
  const missing = wish.routes.filter((id) => !own.routes.includes(id)).map((id) => lacking(id, own));
  return missing.length > 0 ? missing : [well(check, `the key has ${own.effective_scopes.join(', ')}.`)];
}

function lacking(id: RouteId, { effective_scopes }: OwnKeyObject): Check {
  const row = routeRow(id);
  const call = `${row.method} ${row.path}`;
  // With the scope it is the tenant's switch that keeps the route away.
  if (row.scopes === 'any' || reachesRow({ effectiveScopes: new Set(effective_scopes) }, row))
    return found(check, 'api-switched-off', `${call} is of the group ${row.group}.`);
  return found(check, 'scope-missing', `${call}: ${missingScopes(row.scopes)}`);
}
