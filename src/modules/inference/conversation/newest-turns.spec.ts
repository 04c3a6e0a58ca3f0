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
