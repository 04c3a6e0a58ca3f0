import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scopes, type Scope } from '../../contracts/scopes.js';
import { reachesRow } from '../decide.js';
import { routeIds, routeRow, type RouteId } from '../routes.js';
import { unusedScopes } from './reach.js';

const reached = (held: ReadonlySet<Scope>, routes: readonly RouteId[]): RouteId[] =>
  routes.filter((id) => reachesRow({ effectiveScopes: held }, routeRow(id)));

describe('unusedScopes', () => {
  it('can all be taken away with every route still in reach, and no further one can', () => {
    fc.assert(
      fc.property(fc.subarray([...scopes]), fc.subarray([...routeIds]), (held, routes) => {
        const unused = unusedScopes(new Set(held), routes);
        const left = held.filter((scope) => !unused.includes(scope));
        const before = reached(new Set(held), routes);
        expect(reached(new Set(left), routes)).toEqual(before);
        for (const scope of left)
          expect([scope, reached(new Set(left.filter((one) => one !== scope)), routes)]).not.toEqual([scope, before]);
      }),
    );
  });
});
