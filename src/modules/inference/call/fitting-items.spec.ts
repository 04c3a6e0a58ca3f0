import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../../kernel/fields.js';
import { estimateTokens } from './token-estimate.js';
import { fittingItems } from './fitting-items.js';

const said = (role: string, text: string): Fields => ({ type: 'message', role, content: text });
const called = (id: string): Fields => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const told = (id: string, output = 'x'): Fields => ({ type: 'function_call_output', call_id: id, output });
const thought = (): Fields => ({ type: 'reasoning', summary: [], encrypted_content: 'gt1.x' });

/** Turns of a conversation: what was asked, calls with their outputs in any order of ids, and the answer. */
const turn = fc
  .record({
    asked: fc.string({ maxLength: 60 }),
    calls: fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), isThought: fc.boolean() }), { maxLength: 3 }),
    isParallel: fc.boolean(),
    role: fc.constantFrom('user', 'user', 'developer'),
  })
  .map(({ asked, calls, isParallel, role }): Fields[] => [
    said(role, asked),
    ...(isParallel
      ? [
          ...calls.flatMap(({ id, isThought }) => (isThought ? [thought(), called(id)] : [called(id)])),
          ...calls.map(({ id }) => told(id)),
        ]
      : calls.flatMap(({ id, isThought }) => [...(isThought ? [thought()] : []), called(id), told(id)])),
    said('assistant', asked),
  ]);
const talk = fc.array(turn, { maxLength: 6 }).map((turns) => turns.flat());

describe('items that must fit', () => {
  it('keep their order, their newest, every instruction, and each call with its output', () => {
    fc.assert(
      fc.property(talk, fc.nat({ max: 400 }), (items, room) => {
        const kept = fittingItems(items, room);
        expect(items.filter((item) => kept.includes(item))).toEqual(kept);
        expect(kept.at(-1)).toBe(items.at(-1));
        for (const item of items.filter(({ role }) => role === 'developer')) expect(kept).toContain(item);
        const open: unknown[] = [];
        for (const item of kept) {
          if (item['type'] === 'function_call') open.push(item['call_id']);
          if (item['type'] === 'function_call_output') expect(open.splice(open.indexOf(item['call_id']), 1)).toHaveLength(1);
        }
        expect(open).toEqual([]);
      }),
    );
  });

  it('fit, where what must stay does, and lose no more than they must', () => {
    fc.assert(
      fc.property(talk, fc.nat({ max: 400 }), (items, room) => {
        const kept = fittingItems(items, room);
        if (estimateTokens(items) <= room) expect(kept).toBe(items);
        else if (estimateTokens(kept) <= room) {
          // With the unit before them they would not.
          const lost = items.filter((item) => !kept.includes(item));
          expect(estimateTokens(kept) + estimateTokens(lost)).toBeGreaterThan(room);
        }
      }),
    );
  });

  it('lose the oldest first, with thoughts and outputs, down to what was asked last', () => {
    const items = [
      said('system', 's'),
      said('user', 'one'),
      thought(),
      called('a'),
      told('a'),
      said('user', 'two'),
      called('b'),
      told('b'),
    ];
    const weightOf = (some: readonly Fields[]): number => some.reduce((sum, item) => sum + estimateTokens(item), 0);
    const [system, , , , , two, ...rest] = items as [Fields, Fields, Fields, Fields, Fields, Fields, ...Fields[]];
    expect(fittingItems(items, weightOf(items) - 1)).toEqual([system, ...items.slice(2)]);
    expect(fittingItems(items, weightOf(items.slice(3)))).toEqual([system, two, ...rest]);
    expect(fittingItems(items, 0)).toEqual([system, two, ...rest]);
  });
});
