import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchRoute, reachableRoutes } from './match-route.js';
import { routeIds, routeRow } from './routes.js';

/** The row's path with a value in the place of each parameter. */
function filled(path: string): string {
  return path.replace(/\{model\}/g, 'vendor%2Fm').replace(/\{[a-z_]+\}/g, 'x_1');
}

const prefixes = [
  '',
  '/',
  '/v1',
  '/api/tenant',
  '/api/tenant/v1',
  '/api/tenant/v1/v1',
  'https://api.example.com/api/tenant/v1',
  '//api//tenant',
];

describe('matchRoute', () => {
  it('finds every row of the table in every spelling of the base URL', () => {
    for (const id of routeIds) {
      for (const prefix of prefixes) {
        for (const suffix of ['', '/', '?limit=2', '#top']) {
          const { method, path } = routeRow(id);
          const route = filled(path);
          expect([
            prefix,
            suffix,
            matchRoute(method, (prefix === '' || prefix === '/' ? prefix + route.slice(1) : prefix + route) + suffix),
          ]).toMatchObject([prefix, suffix, { kind: 'row', id }]);
        }
      }
    }
  });

  it('gives the parameters of the path as the router does, with slashes in model names', () => {
    expect(matchRoute('GET', '/models/vendor/m-1')).toMatchObject({ id: 'models.get', parameters: { model: 'vendor/m-1' } });
    expect(matchRoute('GET', '/models/vendor%2Fm-1')).toMatchObject({ parameters: { model: 'vendor/m-1' } });
    expect(matchRoute('POST', '/datasets/handbook/search')).toMatchObject({
      id: 'datasets.search',
      parameters: { dataset_id: 'handbook' },
    });
    expect(matchRoute('GET', '/models/%ff')).toMatchObject({ parameters: { model: '%ff' } });
  });

  it('prefers what is written out to a parameter, and a parameter to the rest of the path', () => {
    for (const id of routeIds) {
      const { method, path } = routeRow(id);
      if (!path.includes('{')) expect([path, matchRoute(method, path)]).toMatchObject([path, { id, parameters: {} }]);
    }
  });

  it('knows the base URL in all spellings, and no path that only looks like it', () => {
    expect(matchRoute('GET', 'http://host/models')).toMatchObject({ id: 'models.list' });
    expect(matchRoute('GET', 'HTTPS://host/models')).toMatchObject({ id: 'models.list' });
    expect(matchRoute('GET', '/api/tenantx/models')).toEqual({ kind: 'unknown' });
    expect(matchRoute('GET', '/api/tenant')).toEqual({ kind: 'unknown' });
    expect(matchRoute('GET', '/models/http://host/m')).toMatchObject({ parameters: { model: 'http:/host/m' } });
    expect(matchRoute('GET', '/v1/v1/v1/models')).toEqual({ kind: 'unknown' });
  });

  it('tells a wrong method from an unknown route', () => {
    expect(matchRoute('DELETE', '/embeddings')).toEqual({ kind: 'wrong_method', methods: ['POST'] });
    for (const path of ['/nothing', '/api/admin/v1/keys', '', '/v1', '/chat', '/chat/completions/more/still'])
      expect(matchRoute('GET', path)).toEqual({ kind: 'unknown' });
  });

  it('takes any text for a path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (path) =>
        expect(['row', 'unknown', 'wrong_method']).toContain(matchRoute('GET', path).kind),
      ),
    );
  });
});

describe('reachableRoutes', () => {
  it('holds what the scopes reach, without groups that are off', () => {
    const key = { effectiveScopes: new Set(['inference:chat' as const]) };
    const on = reachableRoutes(key, { apiEnabled: true, groupsOff: new Set() });
    expect(on).toEqual(expect.arrayContaining(['chat.completions.create', 'models.list', 'key.get']));
    expect(on).not.toContain('embeddings.create');
    expect(reachableRoutes(key, { apiEnabled: true, groupsOff: new Set(['chat']) })).not.toContain('chat.completions.create');
    expect(reachableRoutes(key, { apiEnabled: false, groupsOff: new Set() })).toEqual([]);
  });
});
