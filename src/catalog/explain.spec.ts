import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainFacts } from '../../test/support/explain-facts.js';
import { errorTable } from '../kernel/error-codes.js';
import { decide, decideDataset, decideModel, isListed } from './decide.js';
import { explain } from './explain.js';
import { routeIds, routeRow } from './routes.js';

describe('explain', () => {
  it('says for every route, key and tenant what the guard says', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom(...routeIds), (given, id) => {
        const row = routeRow(id);
        const refusal = decide({ ...given, row, ip: undefined, hostTenantId: undefined });
        const { allowed, status, code, steps } = explain({ method: row.method, path: row.path }, given);
        expect([allowed, status, code]).toEqual(
          refusal === undefined ? [true, 200, null] : [false, errorTable[refusal.code].status, refusal.code],
        );
        expect(steps.map(({ ok }) => ok).lastIndexOf(false)).toBe(allowed ? -1 : steps.length - 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('says for every model what the routes say that take one', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom('a', 'b', 'absent', 'default', 'openclaw/b'), (given, model) => {
        const row = routeRow('embeddings.create');
        fc.pre(decide({ ...given, row, ip: undefined, hostTenantId: undefined }) === undefined);
        const meantName = model === 'default' ? 'a' : model.replace('openclaw/', '');
        const meant = given.endpoints.find(({ name }) => name === meantName);
        const refusal = decideModel(given.key, meant, model, 'embed');
        expect(explain({ method: 'POST', path: '/embeddings', model }, given).code).toBe(refusal?.code ?? null);
      }),
      { numRuns: 500 },
    );
  });

  it('says of a listed model that the list may be asked for it', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom('a', 'b'), (given, name) => {
        fc.pre(decide({ ...given, row: routeRow('models.get'), ip: undefined, hostTenantId: undefined }) === undefined);
        const listed = given.endpoints.some((known) => known.name === name && isListed(given.key, known));
        expect(explain({ method: 'GET', path: `/models/${name}` }, given).allowed).toBe(listed);
      }),
    );
  });

  it('says for every dataset what the guard of targets says, and not_found behind it', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom('a', 'ds_1', 'b'), (given, dataset) => {
        fc.pre(decide({ ...given, row: routeRow('models.list'), ip: undefined, hostTenantId: undefined }) === undefined);
        const known = dataset === 'b' ? undefined : { id: 'ds_1', alias: 'a' };
        const refusal = decideDataset(given.key, known ?? { id: dataset, alias: dataset });
        const expected = refusal?.code ?? (known === undefined ? 'not_found' : null);
        expect(explain({ method: 'GET', path: '/models', dataset }, given).code).toBe(expected);
      }),
    );
  });
});
