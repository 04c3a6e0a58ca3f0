import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoredItem } from '../../conversations/conversation-record.js';
import { newestTurns, wholeTurns, type HistorySource } from './newest-turns.js';
import { estimateTokens } from '../call/token-estimate.js';

const item = (role: string, size: number): StoredItem =>
  role === 'tool'
    ? { id: 'x', type: 'function_call_output', call_id: 'c', output: 'x'.repeat(size) }
    : { id: 'x', type: 'message', role, content: [{ type: 'text', text: 'x'.repeat(size) }] };
const anyItems = fc.array(
  fc
    .tuple(fc.constantFrom('user', 'assistant', 'tool', 'system'), fc.integer({ min: 0, max: 400 }))
    .map(([role, size]) => item(role, size)),
  { maxLength: 30 },
);
const asked = ({ type, role }: StoredItem): boolean => type === 'message' && role !== 'assistant';
const begins = (items: readonly StoredItem[], at: number): boolean =>
  at === 0 || (asked(items[at] as StoredItem) && !asked(items[at - 1] as StoredItem));

describe('the turns that fit', () => {
  it('are the longest end of the conversation that begins with a turn and is within the budget', () => {
    fc.assert(
      fc.property(anyItems, fc.integer({ min: 0, max: 1_500 }), (items, budget) => {
        const kept = wholeTurns(items, budget);
        const from = items.length - kept.length;
        expect(kept).toEqual(items.slice(from));
        expect(estimateTokens(kept)).toBeLessThanOrEqual(budget);
        if (kept.length > 0) expect(begins(items, from)).toBe(true);
        const longer = items.findIndex(
          (_item, at) => at < from && begins(items, at) && estimateTokens(items.slice(at)) <= budget,
        );
        expect(longer).toBe(-1);
      }),
    );
  });

  it('begin with a compaction where the turn that it ends does not fit', () => {
    const compaction: StoredItem = { id: 'x', type: 'compaction', encrypted_content: 'sealed' };
    const items = [item('user', 10), item('assistant', 4_000), compaction, item('user', 10)];
    expect(wholeTurns(items, 200)).toEqual(items.slice(2));
  });

  it('count an attachment by itself, not by its bytes', () => {
    const image = { type: 'input_image', image_url: `data:image/png;base64,${'A'.repeat(1_000_000)}` };
    expect(estimateTokens(image)).toBeLessThan(1_100);
    expect(estimateTokens('漢'.repeat(100))).toBe(75);
  });
});

describe('calls whose results the request brings', () => {
  const call = (id: string): StoredItem => ({ id: `fc_${id}`, type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
  const result = (id: string, size = 10): StoredItem => ({
    id: `fco_${id}`,
    type: 'function_call_output',
    call_id: id,
    output: 'x'.repeat(size),
  });
  const thought = (id: string): StoredItem => ({ id, type: 'reasoning', summary: [] });
  const sourceOf = (items: readonly StoredItem[]): HistorySource => ({
    newestItems: (before, limit) =>
      Promise.resolve(
        items
          .map((one, at) => ({ position: BigInt(at + 1), item: one }))
          .filter(({ position }) => position < before)
          .reverse()
          .slice(0, limit),
      ),
  });
  const given = async (items: readonly StoredItem[], budget: number, ...awaited: string[]) =>
    (await newestTurns(sourceOf(items), budget, new Set(awaited))).map((one) => one.id);

  it('are given with the question, and with as much of their turn as fits', async () => {
    const ask = { ...item('user', 10), id: 'q' };
    const turn = [ask, call('1'), result('1', 9_000), call('2'), result('2'), thought('r'), call('3'), call('4')];
    expect(await given([item('user', 10), item('assistant', 10), ...turn], 1_000, '3', '4')).toEqual([
      'q',
      'fc_2',
      'fco_2',
      'r',
      'fc_3',
      'fc_4',
    ]);
    expect(await given(turn, 0, '3', '4')).toEqual(['q', 'r', 'fc_3', 'fc_4']);
    expect(await given(turn, 1_000)).toEqual([]);
  });

  it('are given from an older turn too, and nothing else of it', async () => {
    const older = [item('user', 9_000), thought('r'), call('1'), call('2')];
    const newer = [
      { ...item('user', 10), id: 'q' },
      { ...item('assistant', 10), id: 'a' },
    ];
    expect(await given([...older, ...newer], 200, '1')).toEqual(['r', 'fc_1', 'q', 'a']);
    expect(await given([...older, ...newer], 200)).toEqual(['q', 'a']);
  });

  it('are looked for far back, and need not be there', async () => {
    const many = Array.from({ length: 300 }, (_unused, at) => item(at % 2 === 0 ? 'user' : 'assistant', 100));
    expect((await given([item('user', 10), call('1'), ...many], 200, '1'))[0]).toBe('fc_1');
    expect(await given(many, 200, 'unknown')).toEqual(await given(many, 200));
  });

  it('may have an id that was used before', async () => {
    const turn = [{ ...item('user', 10), id: 'q' }, call('1'), result('1', 9_000), { ...call('1'), id: 'again' }];
    expect(await given(turn, 100, '1')).toEqual(['q', 'again']);
  });
});

describe('reading back', () => {
  /** A conversation in memory, behind the interface of the store. */
  const sourceOf = (items: readonly StoredItem[], reads: number[] = []): HistorySource => ({
    newestItems: (before, limit) => {
      const placed = items
        .map((one, at) => ({ position: BigInt(at + 2), item: one }))
        .filter(({ position }) => position < before);
      reads.push(placed.length);
      return Promise.resolve(placed.reverse().slice(0, limit));
    },
  });
  const many = Array.from({ length: 450 }, (_unused, at) => item(at % 2 === 0 ? 'user' : 'assistant', 10));

  it('gives all of a conversation that fits, in order, over several pages', async () => {
    const items = await newestTurns(sourceOf(many), 1_000_000);
    expect(items.map(({ role }) => role)).toEqual(many.map(({ role }) => role));
  });

  it('reads no further than the budget reaches', async () => {
    const reads: number[] = [];
    const items = await newestTurns(sourceOf(many, reads), 500);
    expect(items.length).toBeGreaterThan(10);
    expect(items[0]?.['role']).toBe('user');
    expect(reads).toEqual([450]);
  });

  it('reads nothing without a budget', async () => {
    const reads: number[] = [];
    expect(await newestTurns(sourceOf(many, reads), 0)).toEqual([]);
    expect(reads).toEqual([]);
  });
});
