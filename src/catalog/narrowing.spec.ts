import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scopes, type Scope } from '../contracts/scopes.js';
import { reachesRow } from './decide.js';
import { coverOf, narrowestPreset } from './narrowing.js';
import { needsOfRoute, needText, readNeed, type Need } from './needs.js';
import { builtInPresets } from './presets.js';
import { routeIds, routeRow } from './routes.js';

const someScopes = fc.subarray([...scopes]).map((chosen) => new Set<Scope>(chosen));
const need: fc.Arbitrary<Need> = fc.subarray([...scopes], { minLength: 1, maxLength: 3 });

/** A key, the calls that it may make, and further needs that they had. */
const traffic = fc
  .record({ held: someScopes, routes: fc.subarray([...routeIds]), further: fc.array(need, { maxLength: 4 }) })
  .map(({ held, routes, further }) => ({
    held,
    routes: routes.filter((id) => reachesRow({ effectiveScopes: held }, routeRow(id))),
    further: further.filter((one) => one.some((scope) => held.has(scope))),
  }));

const isMet = (needs: readonly Need[], by: ReadonlySet<Scope>): boolean =>
  needs.every((one) => one.some((scope) => by.has(scope)));
const without = (set: ReadonlySet<Scope>, scope: Scope): ReadonlySet<Scope> => new Set([...set].filter((one) => one !== scope));

describe('coverOf', () => {
  it('leaves every call of the period possible, adds no scope, and leaves none that no call needed', () => {
    fc.assert(
      fc.property(traffic, ({ held, routes, further }) => {
        const needs = [...routes.flatMap(needsOfRoute), ...further];
        const left = coverOf(needs, { effective: held, held });
        for (const id of routes) expect([id, reachesRow({ effectiveScopes: left }, routeRow(id))]).toEqual([id, true]);
        expect(isMet(further, left)).toBe(true);
        expect([...left].filter((scope) => !held.has(scope))).toEqual([]);
        for (const scope of left) expect([scope, isMet(needs, without(left, scope))]).toEqual([scope, false]);
        expect(coverOf(needs, { effective: left, held: left })).toEqual(left);
      }),
      { numRuns: 200 },
    );
  });

  it('finds no more scopes than any other set that is enough', () => {
    const few = ['files:read', 'files:write', 'datasets:read', 'datasets:write', 'conversations:read'] as const;
    const sets = [...Array(2 ** few.length).keys()].map(
      (bits) => new Set<Scope>(few.filter((_scope, at) => (bits >> at) % 2 === 1)),
    );
    fc.assert(
      fc.property(fc.array(fc.subarray([...few], { minLength: 1 }), { maxLength: 5 }), (needs) => {
        const all = new Set<Scope>(few);
        const sizes = sets.filter((set) => isMet(needs, set)).map(({ size }) => size);
        expect(coverOf(needs, { effective: all, held: all }).size).toBe(Math.min(...sizes));
      }),
    );
  });

  it('meets by what counts now whatever can be met by it', () => {
    fc.assert(
      fc.property(someScopes, someScopes, fc.array(need, { maxLength: 6 }), (effective, further, needs) => {
        const held = new Set([...effective, ...further]);
        const left = coverOf(needs, { effective, held });
        const now = needs.filter((one) => isMet([one], effective));
        expect(isMet(now, new Set([...left].filter((scope) => effective.has(scope))))).toBe(true);
        expect(
          isMet(
            needs.filter((one) => isMet([one], held)),
            left,
          ),
        ).toBe(true);
        expect([...left].filter((scope) => !held.has(scope))).toEqual([]);
      }),
    );
  });

  it('reads rather than writes where either is enough', () => {
    const held = new Set<Scope>(['datasets:write', 'datasets:read', 'files:read', 'files:write']);
    expect([...coverOf([['files:write', 'files:read']], { effective: held, held })]).toEqual(['files:read']);
    expect([...coverOf([['datasets:write', 'datasets:read'], ['datasets:write']], { effective: held, held })]).toEqual([
      'datasets:write',
    ]);
    const orders: Need[] = [
      ['files:read', 'batches:write'],
      ['batches:write', 'files:read'],
      ['usage:read', 'inference:chat'],
    ];
    const all = new Set<Scope>(scopes);
    expect(orders.map((one) => [...coverOf([one], { effective: all, held: all })])).toEqual([
      ['files:read'],
      ['files:read'],
      ['usage:read'],
    ]);
  });

  it('leaves out what nothing that is held meets', () => {
    const held = new Set<Scope>(['usage:read']);
    expect([...coverOf([['files:read'], ['usage:read']], { effective: held, held })]).toEqual(['usage:read']);
    expect([...coverOf([['files:read']], { effective: held, held })]).toEqual([]);
    expect([...coverOf([], { effective: held, held })]).toEqual([]);
  });
});

describe('narrowestPreset', () => {
  it('has all that is needed, nothing that is not held, and no smaller one beside it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...builtInPresets), someScopes, ({ purpose, scopes: held }, chosen) => {
        const needed = new Set(held.filter((scope) => chosen.has(scope)));
        const found = narrowestPreset(builtInPresets, purpose, needed, new Set(held));
        const fits = builtInPresets.filter(
          (preset) =>
            preset.purpose === purpose &&
            [...needed].every((scope) => preset.scopes.includes(scope)) &&
            preset.scopes.every((scope) => held.includes(scope)),
        );
        expect(fits).toContain(found);
        expect(found?.scopes.length).toBe(Math.min(...fits.map((preset) => preset.scopes.length)));
      }),
    );
  });

  it('is the first of those that are equally narrow', () => {
    const of = (slug: string, ...held: Scope[]) => ({ slug, purpose: 'inference' as const, scopes: held });
    const presets = [of('wide', 'usage:read', 'files:read'), of('first', 'usage:read'), of('second', 'usage:read')];
    const held = new Set<Scope>(['usage:read', 'files:read']);
    const slugFor = (...needed: Scope[]) => narrowestPreset(presets, 'inference', new Set(needed), held)?.slug;
    expect([slugFor('usage:read'), slugFor('files:read'), slugFor('usage:read', 'files:read')]).toEqual([
      'first',
      'wide',
      'wide',
    ]);
  });

  it('is none where each has something that the key does not hold', () => {
    const held = new Set<Scope>(['inference:embed']);
    expect(narrowestPreset(builtInPresets, 'inference', held, held)).toBeUndefined();
  });
});

describe('a need', () => {
  it('is one text for the same scopes, and comes back from it', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...scopes], { minLength: 1 }), (one) => {
        const text = needText(one);
        expect(text).toBe(needText([...one].reverse()));
        expect(new Set(readNeed(text))).toEqual(new Set(one));
      }),
    );
    expect(readNeed('files:read|of:another:release')).toEqual(['files:read']);
  });

  it('is none of a route that every live key may call, and of what is no route', () => {
    for (const id of ['models.list', 'file.process', 'retrieval.embed', 'toString'])
      expect([id, needsOfRoute(id)]).toEqual([id, []]);
  });
});
