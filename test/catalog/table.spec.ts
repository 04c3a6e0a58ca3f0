import { describe, expect, it } from '@jest/globals';
import { builtInPresets } from '../../src/catalog/presets.js';
import { routeGroups } from '../../src/catalog/route-row.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { scopes } from '../../src/contracts/scopes.js';
import { contractPresets, contractRows, contractScopes, scopesOf } from '../support/contract-table.js';

const rows = routeIds.map((id) => ({ id, row: routeRow(id) }));
const place = (row: { readonly method: string; readonly path: string }): string => `${row.method} ${row.path}`;
const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** Actions that the first Harbor integration imports, slug and route: they keep their names for good. */
const harborActions = `
list-models GET /models
get-model GET /models/{model}
get-response GET /responses/{response_id}
list-response-input-items GET /responses/{response_id}/input_items
list-files GET /files
get-file GET /files/{file_id}
get-file-content GET /files/{file_id}/content
list-batches GET /batches
get-batch GET /batches/{batch_id}
list-vector-stores GET /vector_stores
get-vector-store GET /vector_stores/{vector_store_id}
list-fine-tuning-jobs GET /fine_tuning/jobs
get-fine-tuning-job GET /fine_tuning/jobs/{fine_tuning_job_id}
list-fine-tuning-events GET /fine_tuning/jobs/{fine_tuning_job_id}/events
list-fine-tuning-checkpoints GET /fine_tuning/jobs/{fine_tuning_job_id}/checkpoints
delete-fine-tuned-model DELETE /models/{model}
create-response POST /responses
delete-response DELETE /responses/{response_id}
cancel-response POST /responses/{response_id}/cancel
compact-response POST /responses/compact
count-response-input-tokens POST /responses/input_tokens
create-embedding POST /embeddings
create-image POST /images/generations
create-speech POST /audio/speech
create-moderation POST /moderations
create-completion POST /completions
delete-file DELETE /files/{file_id}
create-batch POST /batches
cancel-batch POST /batches/{batch_id}/cancel
create-upload POST /uploads
complete-upload POST /uploads/{upload_id}/complete
cancel-upload POST /uploads/{upload_id}/cancel
create-vector-store POST /vector_stores
update-vector-store POST /vector_stores/{vector_store_id}
delete-vector-store DELETE /vector_stores/{vector_store_id}
search-vector-store POST /vector_stores/{vector_store_id}/search
create-fine-tuning-job POST /fine_tuning/jobs
cancel-fine-tuning-job POST /fine_tuning/jobs/{fine_tuning_job_id}/cancel
pause-fine-tuning-job POST /fine_tuning/jobs/{fine_tuning_job_id}/pause
resume-fine-tuning-job POST /fine_tuning/jobs/{fine_tuning_job_id}/resume
`
  .trim()
  .split('\n')
  .map((line) => {
    const [slug = '', ...route] = line.split(' ');
    return [slug, route.join(' ')] as const;
  });

describe('the route table', () => {
  it("holds the contract's routes and no others", () => {
    expect(rows.map(({ row }) => place(row)).sort(byText)).toEqual(contractRows.map(place).sort(byText));
  });

  it.each(contractRows.map((row) => [place(row), row] as const))(
    '%s has the group, scopes, verdict and access of the contract',
    (name, expected) => {
      const [found, ...others] = rows.filter(({ row }) => place(row) === name).map(({ row }) => row);
      expect(others).toEqual([]);
      expect({
        group: found?.group,
        scopes: found === undefined || found.scopes === 'any' ? undefined : [...found.scopes].sort(byText),
        verdict: `${found?.verdict}${found?.superset === true ? ', superset' : ''}`,
        access: found?.access,
      }).toEqual({
        group: expected.group,
        scopes: scopesOf(expected) === undefined ? undefined : [...(scopesOf(expected) ?? [])].sort(byText),
        verdict: expected.verdict,
        access: expected.access,
      });
    },
  );

  it('says `any` only where the contract does: no list of scopes is empty', () => {
    expect(rows.filter(({ row }) => row.scopes !== 'any' && row.scopes.length === 0)).toEqual([]);
    expect(
      rows
        .filter(({ row }) => row.scopes === 'any')
        .map(({ row }) => place(row))
        .sort(byText),
    ).toEqual(
      contractRows
        .filter((row) => row.scopes === 'any')
        .map(place)
        .sort(byText),
    );
  });

  it('has no two rows on one method and path, whatever their parameters are called', () => {
    const places = rows.map(({ row }) => place(row).replace(/\{[a-z_]+\}/g, '{}'));
    expect(places.filter((text, at) => places.indexOf(text) !== at)).toEqual([]);
  });

  it('knows exactly the scopes of the contract, and every scope but the override opens a route', () => {
    expect([...scopes].sort(byText)).toEqual([...contractScopes].sort(byText));
    const opening = new Set(rows.flatMap(({ row }) => (row.scopes === 'any' ? [] : row.scopes)));
    expect(scopes.filter((scope) => !opening.has(scope))).toEqual(['inference:override']);
  });

  it('uses every route group', () => {
    expect([...new Set(rows.map(({ row }) => row.group))].sort(byText)).toEqual([...routeGroups].sort(byText));
  });

  it('lets only reads run without approval', () => {
    expect(rows.filter(({ row }) => row.access === 'R' && row.method !== 'GET')).toEqual([]);
  });
});

describe('the built-in presets', () => {
  it("are the contract's, with its scopes, links counted in", () => {
    const bySlug = new Map(builtInPresets.map((preset) => [preset.slug, preset]));
    const found = builtInPresets.map((preset) => {
      const linked = preset.links === null ? [] : [preset.links.inference, preset.links.upload];
      return [preset.slug, [...preset.scopes, ...linked.flatMap((slug) => bySlug.get(slug)?.scopes ?? [])].sort(byText)];
    });
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(contractPresets).map(([slug, list]) => [slug, [...list].sort(byText)])),
    );
  });

  it('never grant the override', () => {
    expect(builtInPresets.filter((preset) => preset.scopes.includes('inference:override'))).toEqual([]);
  });
});

describe('the Harbor actions', () => {
  const actions = rows.flatMap(({ row }) => ('action' in row.harbor ? [[row.harbor.action, place(row)] as const] : []));

  it('have unique slugs of lower-case words', () => {
    const slugs = actions.map(([slug]) => slug);
    expect(new Set(slugs).size).toBe(slugs.length);
    expect(slugs.filter((slug) => !/^[a-z]+(-[a-z]+)*$/.test(slug))).toEqual([]);
  });

  it.each(harborActions)('%s still leads to %s', (slug, route) => {
    expect(Object.fromEntries(actions)[slug]).toBe(route);
  });

  it('leave out multipart, and say so', () => {
    for (const { row } of rows.filter(({ row: { body } }) => body === 'multipart'))
      expect(row.harbor).toEqual({ leftOut: 'multipart' });
  });
});

describe('the typed list of Harbor actions', () => {
  it('names each action once', () => {
    expect(new Set(harborActions.map(([slug]) => slug)).size).toBe(harborActions.length);
  });
});
