import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explain } from '../../src/catalog/explain.js';
import { decide } from '../../src/catalog/decide.js';
import { actionSet } from '../../src/catalog/harbor/action-set.js';
import { harborActions, harborManifest, harborPort } from '../../src/catalog/harbor/manifest.js';
import { hashOf, materialOf } from '../../src/catalog/harbor/material.js';
import { currentActionSet } from '../../src/catalog/harbor/version.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { harborManifest as manifestForm } from '../../src/contracts/harbor.js';
import { explainFacts } from '../support/explain-facts.js';

const rows = routeIds.map(routeRow);
const whole = harborManifest('https://api.acme.example/api/tenant/v1', () => true);
const place = ({ method, path }: { readonly method: string; readonly path: string }): string => `${method} ${path}`;

describe('the Harbor manifest', () => {
  it('has its own form', () => {
    expect(manifestForm.parse(structuredClone(whole))).toEqual(whole);
    expect(whole.port).toMatchObject({
      kind: 'http_api',
      baseUrl: 'https://api.acme.example/api/tenant/v1/',
      authMode: 'header_token',
      authHeaderName: 'Authorization',
      authTokenPrefix: 'Bearer',
    });
  });

  it('has each route of the table once, as an action or as left out with the reason', () => {
    const named = [...whole.actions, ...whole.leftOut].map(place);
    expect(named.sort()).toEqual(rows.map(place).sort());
    for (const { reason } of whole.leftOut)
      expect(['multipart', 'websocket', 'server-sent events', 'it describes the others']).toContain(reason);
  });

  it('asks for approval of everything that is no read', () => {
    for (const action of whole.actions) {
      const row = rows.find((candidate) => place(candidate) === place(action));
      expect([action.slug, action.approvalMode]).toEqual([action.slug, row?.access === 'R' ? 'automatic' : 'require_approval']);
      if (action.approvalMode === 'automatic') expect(action.method).toBe('GET');
    }
  });

  it('describes each name of a path and each JSON body', () => {
    for (const { slug, path, requestBodyMode, input } of whole.actions) {
      const names = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name);
      const { properties } = input as {
        readonly properties: Record<string, { properties?: Record<string, object> } | undefined>;
      };
      const described = Object.entries(properties['path']?.properties ?? {});
      expect([slug, described.map(([name]) => name)]).toEqual([slug, names]);
      for (const [, schema] of described)
        expect(schema).toMatchObject({ type: 'string', description: expect.stringMatching(/\.$/) });
      const fields = Object.keys(properties['body']?.properties ?? {});
      expect([slug, fields.length > 0]).toEqual([slug, requestBodyMode === 'json']);
    }
  });

  it('holds for every key and tenant exactly the routes that explain allows', () => {
    fc.assert(
      fc.property(explainFacts, (facts) => {
        const call = { ...facts, ip: undefined, hostTenantId: undefined };
        const { actions, leftOut } = harborManifest('https://x', (row) => decide({ ...call, row }) === undefined);
        const allowed = rows.filter(({ method, path }) => explain({ method, path }, facts).allowed);
        expect([...actions, ...leftOut].map(place).sort()).toEqual(allowed.map(place).sort());
      }),
      { numRuns: 300 },
    );
  });
});

describe('the version of the action set', () => {
  const port = harborPort('/');
  const hash = (actions: readonly { readonly slug: string; readonly input: unknown }[]): string =>
    hashOf(materialOf(port, actions));
  const [first, ...others] = harborActions();
  if (first === undefined) throw new Error('There are no actions.');

  it('is the same for every key', () => {
    expect(harborManifest('https://x', ({ access }) => access === 'R').version).toBe(actionSet.version);
    expect(whole.version).toBe(actionSet.version);
  });

  it('stays while nothing changes, and rises by one when anything material does', () => {
    const kept = currentActionSet();
    expect(currentActionSet(kept)).toEqual(kept);
    expect(currentActionSet({ version: 7, sha256: 'another' })).toEqual({ version: 8, sha256: kept.sha256 });
  });

  it.each([
    ['an action less', others],
    ['an action more', [first, ...others, { ...first, slug: 'another-one' }]],
    ['another slug', [{ ...first, slug: 'another-one' }, ...others]],
    ['another method', [{ ...first, method: 'POST' }, ...others]],
    ['another path', [{ ...first, path: '/other' }, ...others]],
    ['another body mode', [{ ...first, requestBodyMode: 'json' }, ...others]],
    ['another approval', [{ ...first, approvalMode: 'require_approval' }, ...others]],
    ['another result', [{ ...first, resultSummary: ['status'] }, ...others]],
    ['another schema', [{ ...first, input: { type: 'object' } }, ...others]],
  ])('rises for %s', (_what, actions) => {
    expect(hash(actions)).not.toBe(hash(harborActions()));
  });

  it('rises for a field whose name is a word of schemas', () => {
    const withField = (name: string) => [{ ...first, input: { type: 'object', properties: { [name]: { type: 'string' } } } }];
    expect(new Set(['description', 'title', 'examples'].map((name) => hash(withField(name)))).size).toBe(3);
  });

  it('does not rise for wording and order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(harborActions(), { minLength: harborActions().length }), fc.string(), (actions, words) => {
        const reworded = actions.map((action) => ({ ...reordered(action, words), label: words, description: words }));
        expect(hash(reworded)).toBe(hash(harborActions()));
      }),
      { numRuns: 20 },
    );
  });
});

/** The same with its members from last to first, and other descriptions in its schemas. */
function reordered<Value extends object>(value: Value, words: string): Value {
  const entries = Object.entries(value)
    .reverse()
    .map(([name, member]: [string, unknown]) => [
      name,
      name === 'description' && typeof member === 'string' ? words : inner(member, words),
    ]);
  return Object.fromEntries(entries) as Value;
}

function inner(value: unknown, words: string): unknown {
  if (Array.isArray(value)) return value.map((item) => inner(item, words));
  return typeof value === 'object' && value !== null ? reordered(value, words) : value;
}
