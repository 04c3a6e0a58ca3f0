import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { builtInPreset, builtInPresets } from '../../catalog/presets.js';
import { keyLimits } from '../../contracts/key-limits.js';
import { purposes, scopes } from '../../contracts/scopes.js';
import { addressRanges } from '../../kernel/addresses.js';
import { callLimits } from '../limits/call-limit.js';
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
    approval: [],
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
    requestLogDays: null,
    requestBodyDays: null,
    approval: [],
    limits: {},
    ceiling: {},
    hasBudgets: false,
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
            requestLogDays: null,
            requestBodyDays: null,
            approval: [],
            limits: {},
            ceiling: {},
            hasBudgets: false,
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

describe('what a record says', () => {
  const own: StoredKey = {
    id: 'key_1',
    tenantId: 'ten_1',
    purpose: 'inference',
    preset: null,
    presetScopes: null,
    scopes: ['inference:chat', 'files:read', 'of:another:release'],
    agents: ['a'],
    rawModels: ['m'],
    datasets: ['d'],
    limits: { requests_per_minute: 5 },
    allowedIps: ['203.0.113.0/24'],
    promptPolicy: { instructions: 'Be kind.' },
    keepAlive: 'off',
    websocket: false,
    approval: ['files.create'],
    state: 'active',
    expiresAtMs: null,
    changedAtMs: 11,
  };
  const models: StoredKey = {
    ...own,
    id: 'key_2',
    scopes: ['inference:embed', 'datasets:read'],
    agents: ['b'],
    limits: { parallel_requests: 2 },
    promptPolicy: { instructions: 'Be brief.' },
    changedAtMs: 12,
  };
  const uploads: StoredKey = {
    ...own,
    id: 'key_3',
    purpose: 'upload',
    scopes: ['datasets:read', 'files:read'],
    datasets: ['e'],
    limits: {},
    changedAtMs: 13,
  };
  const tenant: KeyRecord['tenant'] = {
    id: 'ten_1',
    slug: 'acme',
    state: 'suspended',
    apiEnabled: false,
    routesOff: ['chat', 'websocket'],
    requestLogDays: null,
    requestBodyDays: 3,
    approval: ['chat.completions.create'],
    limits: { tokens_per_minute: 7 },
    ceiling: { requests_per_minute: 9 },
    hasBudgets: true,
    changedAtMs: 14,
  };
  const alone: KeyRecord = { secretId: 'sec_1', secretExpiresAtMs: null, key: own, inferenceKey: null, uploadKey: null, tenant };
  const conversation: StoredKey = { ...own, purpose: 'conversation', scopes: ['conversations:read', 'inference:chat'] };
  const linking: KeyRecord = { ...alone, key: conversation, inferenceKey: models, uploadKey: uploads };
  const scopesOf = (given: KeyRecord): string[] => [...identityOf(given, nowMs).key.effectiveScopes].sort();

  it('of a key by itself is what it holds', () => {
    expect(identityOf(alone, nowMs)).toEqual({
      key: {
        id: 'key_1',
        tenantId: 'ten_1',
        purpose: 'inference',
        state: 'active',
        expiresAtMs: null,
        effectiveScopes: new Set(['inference:chat', 'files:read']),
        agents: new Set(['a']),
        rawModels: new Set(['m']),
        datasets: new Set(['d']),
        allowedRanges: addressRanges(['203.0.113.0/24']),
        promptPolicy: { instructions: 'Be kind.' },
        keepAlive: 'off',
        mayOpenSockets: false,
        approval: new Set(['files.create', 'chat.completions.create']),
        limits: keyLimits.parse({ requests_per_minute: 5 }),
      },
      tenant: {
        id: 'ten_1',
        slug: 'acme',
        state: 'suspended',
        apiEnabled: false,
        groupsOff: new Set(['chat', 'websocket']),
        logsRequests: true,
        keepsBodies: true,
      },
      secretId: 'sec_1',
      linkedKeyIds: [],
      hasUploadLimits: false,
      callLimits: [
        ...callLimits({ tenantId: 'ten_1', owner: 'key', id: 'key_1', epoch: 11 }, own.limits as object),
        ...callLimits({ tenantId: 'ten_1', owner: 'tenant', id: 'ten_1', epoch: 14 }, tenant.limits as object),
        ...callLimits({ tenantId: 'ten_1', owner: 'ceiling', id: 'ten_1', epoch: 14 }, tenant.ceiling as object),
      ],
      hasBudgets: true,
      recomputeAtMs: null,
    });
    expect(identityOf({ ...alone, key: { ...own, promptPolicy: null } }, nowMs).key.promptPolicy).toBeNull();
  });

  it('of a key with a preset is what that has now, an own one before a built-in one, and nothing where it is gone', () => {
    const key = { ...own, preset: 'openai-chat-client' };
    expect(scopesOf({ ...alone, key })).toEqual(['inference:chat']);
    expect(scopesOf({ ...alone, key: { ...key, presetScopes: ['files:read'] } })).toEqual(['files:read']);
    expect(scopesOf({ ...alone, key: { ...key, preset: 'gone' } })).toEqual([]);
  });

  it('of a conversation key is what its links hold beside its own conversations', () => {
    const { key, linkedKeyIds, callLimits: counted } = identityOf(linking, nowMs);
    expect(scopesOf(linking)).toEqual(['conversations:read', 'datasets:read', 'inference:embed']);
    expect([key.agents, key.datasets, key.promptPolicy?.instructions]).toEqual([new Set(['b']), new Set(['e']), 'Be brief.']);
    expect(linkedKeyIds).toEqual(['key_2', 'key_3']);
    expect(counted.map(({ id, epoch }) => [id, epoch])).toEqual([
      ['ten_1/key/key_1/requests', 11],
      ['ten_1/key/key_2/parallel', 12],
      ['ten_1/tenant/ten_1/tokens', 14],
      ['ten_1/ceiling/ten_1/requests', 14],
    ]);
  });

  it('of a conversation key whose links do not live is nothing of theirs, while they still count its calls', () => {
    for (const dead of [{ state: 'disabled' }, { expiresAtMs: nowMs }]) {
      const given = { ...linking, inferenceKey: { ...models, ...dead }, uploadKey: { ...uploads, ...dead } };
      const { key, linkedKeyIds, callLimits: counted } = identityOf(given, nowMs);
      expect(scopesOf(given)).toEqual(['conversations:read']);
      expect([key.agents, key.rawModels, key.datasets, key.promptPolicy]).toEqual([new Set(), new Set(), new Set(), null]);
      expect([linkedKeyIds, counted.length]).toEqual([['key_2', 'key_3'], 4]);
    }
    expect(identityOf({ ...linking, uploadKey: null }, nowMs).linkedKeyIds).toStrictEqual(['key_2']);
    expect(scopesOf({ ...linking, inferenceKey: { ...models, expiresAtMs: nowMs + 1 } })).toContain('inference:embed');
    expect(scopesOf({ ...linking, uploadKey: models, inferenceKey: uploads })).toEqual(['conversations:read']);
  });

  it('ends with its secret or its key, and is computed anew when the first living link ends', () => {
    const endsOf = (given: KeyRecord): (number | null)[] => {
      const { key, recomputeAtMs } = identityOf(given, nowMs);
      return [key.expiresAtMs, recomputeAtMs];
    };
    const [soon, late] = [nowMs + 5, nowMs + 9];
    expect(endsOf({ ...alone, secretExpiresAtMs: soon })).toEqual([soon, null]);
    expect(endsOf({ ...alone, key: { ...own, expiresAtMs: soon } })).toEqual([soon, null]);
    expect(endsOf({ ...alone, secretExpiresAtMs: late, key: { ...own, expiresAtMs: soon } })).toEqual([soon, null]);
    const ending = { ...linking, inferenceKey: { ...models, expiresAtMs: late }, uploadKey: { ...uploads, expiresAtMs: soon } };
    expect([endsOf(ending), endsOf({ ...ending, uploadKey: null })]).toEqual([
      [null, soon],
      [null, late],
    ]);
  });

  it('has limits on uploads where the key, one that it links, or the tenant has one', () => {
    const limits = { uploads_per_day: 0 };
    const limited = [
      { ...linking, key: { ...conversation, limits } },
      { ...linking, inferenceKey: { ...models, limits } },
      { ...linking, uploadKey: { ...uploads, limits } },
      { ...linking, tenant: { ...tenant, limits } },
      { ...linking, tenant: { ...tenant, ceiling: limits } },
    ];
    expect([linking, ...limited].map((given) => identityOf(given, nowMs).hasUploadLimits)).toEqual([
      ...[false, true, true, true, true, true],
    ]);
  });
});
