import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { reachesRow } from '../../catalog/decide.js';
import { fitsPurpose } from '../../catalog/purposes.js';
import { routeIds, routeRow, type RouteId } from '../../catalog/routes.js';
import { isScope, scopes, type Purpose, type Scope } from '../../contracts/scopes.js';
import { neededOf, type UsedKey } from './key-coverage.js';
import { identityOf } from './key-facts.js';
import type { KeyRecord, StoredKey } from './key-record.js';

type Name = 'app' | 'other' | 'models' | 'uploads';
type Keys = Readonly<Record<Name, StoredKey>>;

const purposeOf = { app: 'conversation', other: 'conversation', models: 'inference', uploads: 'upload' } as const;
const names = Object.keys(purposeOf) as Name[];

const scopesFor = (purpose: Purpose): fc.Arbitrary<Scope[]> => fc.subarray(scopes.filter((scope) => fitsPurpose(purpose, scope)));

const stored = (name: Name): fc.Arbitrary<StoredKey> =>
  scopesFor(purposeOf[name]).map((held) => ({
    ...{ id: name, tenantId: 'ten_1', purpose: purposeOf[name], preset: null, presetScopes: null, scopes: held },
    ...{ agents: [], rawModels: [], datasets: [], limits: {}, allowedIps: [], promptPolicy: null },
    ...{
      keepAlive: 'comment',
      websocket: true,
      approval: [],
      state: 'active',
      expiresAtMs: null,
      changedAtMs: 1,
      hasBudgets: false,
    },
  }));

/** Two conversation keys that link the same two keys, what each of the four called, and an order of the four. */
const scene = fc.record({
  keys: fc.record({ app: stored('app'), other: stored('other'), models: stored('models'), uploads: stored('uploads') }),
  called: fc.record({
    app: fc.subarray([...routeIds]),
    other: fc.subarray([...routeIds]),
    models: fc.subarray([...routeIds]),
    uploads: fc.subarray([...routeIds]),
  }),
  order: fc.shuffledSubarray([...names, ...names], { minLength: 1 }),
});

function effectiveOf(keys: Keys, name: Name): ReadonlySet<Scope> {
  const links = purposeOf[name] === 'conversation';
  const record: KeyRecord = {
    ...{ secretId: null, secretExpiresAtMs: null, key: keys[name] },
    inferenceKey: links ? keys.models : null,
    uploadKey: links ? keys.uploads : null,
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
  return identityOf(record, 0).key.effectiveScopes;
}

function usedKey(keys: Keys, name: Name, calls: readonly RouteId[]): UsedKey {
  return {
    purpose: purposeOf[name],
    scopes: keys[name].scopes.filter(isScope),
    linkedScopes: purposeOf[name] === 'conversation' ? keys.models.scopes : [],
    effective: effectiveOf(keys, name),
    used: calls.map((value) => ({ kind: 'route', value })),
  };
}

describe('neededOf', () => {
  it('leaves each key, and each that links it, all calls of the period, whichever are narrowed in which order', () => {
    fc.assert(
      fc.property(scene, ({ keys: before, called, order }) => {
        const calls = Object.fromEntries(
          names.map((name) => {
            const effectiveScopes = effectiveOf(before, name);
            return [name, called[name].filter((id) => reachesRow({ effectiveScopes }, routeRow(id)))];
          }),
        ) as Record<Name, RouteId[]>;
        let keys: Keys = before;
        for (const name of order) {
          const linking = purposeOf[name] === 'conversation' ? [] : (['app', 'other'] as const);
          const needed = neededOf(
            usedKey(keys, name, calls[name]),
            linking.map((user) => usedKey(keys, user, calls[user])),
          );
          keys = { ...keys, [name]: { ...keys[name], scopes: keys[name].scopes.filter((scope) => needed.has(scope as Scope)) } };
        }
        for (const name of names)
          for (const id of calls[name])
            expect([name, id, reachesRow({ effectiveScopes: effectiveOf(keys, name) }, routeRow(id))]).toEqual([name, id, true]);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps what only a key needed that does not live just now', () => {
    const idle: UsedKey = {
      ...{ purpose: 'conversation', scopes: ['conversations:read'], linkedScopes: ['inference:chat'], effective: new Set() },
      used: [{ kind: 'route', value: 'chat.completions.create' }],
    };
    const models: UsedKey = {
      ...{
        purpose: 'inference',
        scopes: ['inference:chat', 'inference:embed'],
        linkedScopes: [],
        effective: new Set(),
        used: [],
      },
    };
    expect([...neededOf(models, [idle])]).toEqual(['inference:chat']);
  });

  const key: UsedKey = {
    purpose: 'inference',
    scopes: ['inference:chat', 'datasets:read', 'files:read'],
    linkedScopes: [],
    effective: new Set(),
    used: [],
  };

  it('counts scopes that were exercised like routes, and nothing else that was used', () => {
    const usedOf = (...used: UsedKey['used']) => [...neededOf({ ...key, used }, [])];
    expect(usedOf({ kind: 'scope', value: 'files:read|datasets:read' })).toHaveLength(1);
    expect(usedOf({ kind: 'scope', value: 'files:read' })).toEqual(['files:read']);
    expect(usedOf({ kind: 'route', value: 'chat.completions.create' })).toEqual(['inference:chat']);
    expect(usedOf({ kind: 'model', value: 'files:read' }, { kind: 'scope', value: 'chat.completions.create' })).toEqual([]);
    expect(usedOf({ kind: 'other', value: 'chat.completions.create' })).toEqual([]);
  });

  it('holds what its link for inference passes on, and nothing that this does not', () => {
    const used = ['inference:embed', 'datasets:write'].map((value) => ({ kind: 'scope', value }));
    const linkedScopes = ['inference:embed', 'datasets:write', 'of:another:release'];
    expect([...neededOf({ ...key, scopes: [], linkedScopes, used }, [])]).toEqual(['inference:embed']);
    const effective = new Set<Scope>(['usage:read']);
    expect([...neededOf({ ...key, effective, used: [{ kind: 'scope', value: 'usage:read' }] }, [])]).toEqual(['usage:read']);
  });

  it('needs for those that link it only what it passes on', () => {
    const user: UsedKey = {
      ...{ purpose: 'conversation', scopes: ['conversations:read'], linkedScopes: [], effective: new Set() },
      used: ['conversations:read', 'inference:chat', 'datasets:read'].map((value) => ({ kind: 'scope', value })),
    };
    expect([...neededOf(key, [user])]).toEqual(['inference:chat']);
    expect([...neededOf({ ...key, purpose: 'upload', scopes: ['datasets:read'] }, [user])]).toEqual(['datasets:read']);
  });
});
