import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Stored } from './forms.js';
import { differences, planSection, type SectionRules } from './section-plan.js';

interface Thing {
  readonly name: string;
  readonly size: number;
  readonly link: string | null;
}

const rules: SectionRules<Thing, Thing> = {
  nameOf: ({ name }) => name,
  formOf: (entry) => entry,
  refersToOthers: ({ link }) => link !== null,
};

const things = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), size: fc.nat(2), link: fc.constantFrom(null, 'a') }),
  { selector: ({ name }) => name },
);

function store(list: readonly Thing[]): Stored<Thing>[] {
  return list.map((form) => ({ id: `id-${form.name}`, form }));
}

describe('the plan of a section', () => {
  it('names each object of both sides exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(things, things, async (file, stored) => {
        const { wanted, surplus } = await planSection(file, store(stored), rules);
        expect(wanted.map(({ name }) => name).sort()).toEqual(file.map(({ name }) => name).sort());
        const rest = stored.filter(({ name }) => !file.some((entry) => entry.name === name));
        expect(surplus.map(({ name }) => name).sort()).toEqual(rest.map(({ name }) => name).sort());
      }),
    );
  });

  it('finds nothing to do once it was done', async () => {
    await fc.assert(
      fc.asyncProperty(things, async (file) => {
        const { wanted, surplus } = await planSection(file, store(file), rules);
        expect(wanted.every(({ stored, changes }) => stored !== undefined && Object.keys(changes).length === 0)).toBe(true);
        expect(surplus).toEqual([]);
      }),
    );
  });

  it('makes what refers to others last and deletes it first', async () => {
    await fc.assert(
      fc.asyncProperty(things, things, async (file, stored) => {
        const { wanted, surplus } = await planSection(file, store(stored), rules);
        const made = wanted.map(({ form }) => form.link !== null);
        const deleted = surplus.map(({ form }) => form.link === null);
        expect(made).toEqual([...made].sort());
        expect(deleted).toEqual([...deleted].sort());
      }),
    );
  });

  it('remembers the place in the file, and the fields that differ', async () => {
    const file = [
      { name: 'b', size: 1, link: 'a' },
      { name: 'a', size: 2, link: null },
    ];
    const { wanted } = await planSection(file, store([{ name: 'a', size: 1, link: null }]), rules);
    expect(wanted.map(({ name, at, changes, stored }) => [name, at, changes, stored?.id])).toEqual([
      ['a', 1, { size: 2 }, 'id-a'],
      ['b', 0, {}, undefined],
    ]);
    expect(differences({ list: ['a'], none: undefined }, { list: ['a'], none: undefined })).toEqual({});
  });
});
