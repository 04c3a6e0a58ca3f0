import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { builtInPreset, builtInPresets } from '../../catalog/presets.js';
import { purposes, scopes } from '../../contracts/scopes.js';
import { identityOf } from './key-facts.js';
import type { KeyRecord, StoredKey } from './key-record.js';

const nowMs = 1_000_000;
const someScopes = fc.uniqueArray(fc.constantFrom(...scopes));
const names = fc.uniqueArray(fc.constantFrom('*', 'a', 'b', 'c'));

/** Any stored key, also one that no service would store: without preset, with an own one or with a built-in one. */
const storedKey: fc.Arbitrary<StoredKey> = fc
  .record({
    id: fc.constantFrom('key_1', 'key_2', 'key_3'),
    purpose: fc.constantFrom(...purposes),
    preset: fc.constantFrom(null, 'own', ...builtInPresets.map(({ slug }) => slug)),
    ownPresetScopes: someScopes,
    scopes: someScopes,
    agents: names,
    rawModels: names,
    datasets: names,
    state: fc.constantFrom('active', 'disabled', 'revoked'),
    expiresAtMs: fc.constantFrom(null, nowMs - 1, nowMs, nowMs + 1),
  })
  .map(({ ownPresetScopes, ...key }) => ({
    ...key,
    tenantId: 'ten_1',
    presetScopes: key.preset === 'own' ? ownPresetScopes : null,
    limits: {},
    allowedIps: [],
    promptPolicy: null,
    keepAlive: 'comment',
    websocket: true,
    changedAtMs: 1,
  }));

const record: fc.Arbitrary<KeyRecord> = fc.record({
  secretId: fc.constant('sec_1'),
  secretExpiresAtMs: fc.constant(null),
  key: storedKey,
  inferenceKey: fc.option(storedKey),
  uploadKey: fc.option(storedKey),
  tenant: fc.constant({
    id: 'ten_1',
    slug: 'acme',
    state: 'active',
    apiEnabled: true,
    routesOff: [],
    limits: {},
    ceiling: {},
    changedAtMs: 1,
  }),
});

/** What a key's own columns and preset bound it to, told apart from the code under test. */
function bound(key: StoredKey | null): Set<string> {
  if (key === null) return new Set();
  if (key.preset === null) return new Set(key.scopes);
  const preset: readonly string[] = key.presetScopes ?? builtInPreset(key.preset)?.scopes ?? [];
  return new Set(key.scopes.filter((scope) => preset.includes(scope)));
}

function isLiving(key: StoredKey | null, purpose: string): boolean {
  return (
    key !== null && key.state === 'active' && key.purpose === purpose && (key.expiresAtMs === null || key.expiresAtMs > nowMs)
  );
}

describe('identityOf', () => {
  it('never grants a scope beyond the preset of the key and those of its links', () => {
    fc.assert(
      fc.property(record, (given) => {
        const links = given.key.purpose === 'conversation' ? [given.inferenceKey, given.uploadKey] : [];
        const allowed = new Set([given.key, ...links].flatMap((key) => [...bound(key)]));
        for (const scope of identityOf(given, nowMs).key.effectiveScopes) expect(allowed).toContain(scope);
      }),
      { numRuns: 500 },
    );
  });

  it('takes nothing from a link that is dead or of another purpose', () => {
    fc.assert(
      fc.property(record, (given) => {
        const inference = isLiving(given.inferenceKey, 'inference');
        const upload = isLiving(given.uploadKey, 'upload');
        const alone = {
          ...given,
          inferenceKey: inference ? given.inferenceKey : null,
          uploadKey: upload ? given.uploadKey : null,
        };
        const facts = identityOf(given, nowMs).key;
        const expected = identityOf(alone, nowMs).key;
        expect([facts.effectiveScopes, facts.agents, facts.rawModels, facts.datasets]).toEqual([
          expected.effectiveScopes,
          expected.agents,
          expected.rawModels,
          expected.datasets,
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a conversation key the models of its inference link and the targets of its upload link, never its own', () => {
    fc.assert(
      fc.property(storedKey, storedKey, storedKey, (own, inferenceKey, uploadKey) => {
        const living = { state: 'active', expiresAtMs: null };
        const given: KeyRecord = {
          secretId: 'sec_1',
          secretExpiresAtMs: null,
          key: { ...own, purpose: 'conversation' },
          inferenceKey: { ...inferenceKey, ...living, purpose: 'inference' },
          uploadKey: { ...uploadKey, ...living, purpose: 'upload' },
          tenant: {
            id: 'ten_1',
            slug: 'acme',
            state: 'active',
            apiEnabled: true,
            routesOff: [],
            limits: {},
            ceiling: {},
            changedAtMs: 1,
          },
        };
        const facts = identityOf(given, nowMs).key;
        const listOf = (list: readonly string[]) => (list.includes('*') ? '*' : new Set(list));
        expect([facts.agents, facts.rawModels, facts.datasets]).toEqual([
          listOf(inferenceKey.agents),
          listOf(inferenceKey.rawModels),
          listOf(uploadKey.datasets),
        ]);
      }),
    );
  });

  it('says when a link ends, so that the facts are computed anew then', () => {
    fc.assert(
      fc.property(record, (given) => {
        const { recomputeAtMs } = identityOf(given, nowMs);
        if (recomputeAtMs === null) return;
        expect(recomputeAtMs).toBeGreaterThan(nowMs);
        const after = identityOf(given, recomputeAtMs).key.effectiveScopes;
        for (const scope of after) expect(identityOf(given, nowMs).key.effectiveScopes).toContain(scope);
      }),
    );
  });
});
