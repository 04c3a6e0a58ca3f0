import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../kernel/app-error.js';
import { plannedHeaders } from './planned-headers.js';

const names = fc.uniqueArray(fc.constantFrom('x-a', 'x-b', 'x-c', 'x-d'));
const changes = fc.dictionary(fc.constantFrom('x-a', 'X-B', 'x-c'), fc.option(fc.constantFrom('1', '2')));

describe('plannedHeaders', () => {
  it('sets what is given, drops what is null and keeps the rest', () => {
    fc.assert(
      fc.property(names, changes, (before, given) => {
        const plan = plannedHeaders(before, given);
        const lower = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
        const expected = new Set<string>(before);
        for (const [name, value] of lower)
          if (value === null) expected.delete(name);
          else expected.add(name);
        expect(plan.names).toEqual([...expected].sort());
        expect([...plan.kept, ...plan.given.keys()].sort()).toEqual(plan.names);
        for (const [name, value] of plan.given) expect(lower.get(name)).toBe(value);
      }),
    );
  });

  it('keeps nothing at another address: what is stored must be given or dropped', () => {
    fc.assert(
      fc.property(names, changes, (before, given) => {
        let kept: readonly string[] | undefined;
        try {
          kept = plannedHeaders(before, given, true).kept;
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'missing_required_parameter') throw error;
        }
        const said = Object.keys(given).map((name) => name.toLowerCase());
        expect(kept).toEqual(before.every((name) => said.includes(name)) ? [] : undefined);
      }),
    );
  });
});
