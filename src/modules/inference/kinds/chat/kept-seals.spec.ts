import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../../../kernel/fields.js';
import { KeyRing } from '../../../../platform/secrets/key-ring.js';
import type { PublishedEndpoint } from '../../../agents/published-endpoint.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { ContentSeals, type EndpointSeals } from '../../call/content-seals.js';
import { summaryContent } from './compaction.js';
import { openedInChat, openKept, type KeptItem } from './kept-seals.js';
import { openedItems } from './opened-items.js';

/** A key ring that counts what it opens. */
class CountingRing extends KeyRing {
  count = 0;

  override openBytes(...given: Parameters<KeyRing['openBytes']>): Buffer {
    this.count += 1;
    return super.openBytes(...given);
  }
}

const ring = new CountingRing([`k1:${Buffer.alloc(32, 1).toString('base64')}`]);
const all = new ContentSeals(ring);

/** The seals of a request to a model. */
function sealsOf(model = 'm', request: object = {}): EndpointSeals {
  const target = { connection: { id: 'con_1' }, model } as never;
  return all.of('ten_1', { endpoint: { id: 'ep_1' } as PublishedEndpoint, target }, request);
}

const here = sealsOf();
const elsewhere = sealsOf('n');
let number = 0;
const item = (fields: Fields): StoredItem => ({ id: `item_${(number += 1)}`, type: 'message', ...fields });
const one = fc.oneof(
  { weight: 6, arbitrary: fc.constant('thought') },
  { weight: 2, arbitrary: fc.constant('said') },
  { weight: 1, arbitrary: fc.constantFrom('left', 'provider', 'summary', 'left summary') },
);
const made: Readonly<Record<string, () => StoredItem>> = {
  said: () => item({ role: 'user', content: [{ type: 'input_text', text: 'Of gt1. and others' }] }),
  thought: () => item({ type: 'reasoning', encrypted_content: here.seal('reasoning', { message: { reasoning: 'x' } }) }),
  left: () => item({ type: 'reasoning', encrypted_content: elsewhere.seal('reasoning', { message: {} }) }),
  provider: () => item({ type: 'reasoning', encrypted_content: 'gAAAAAB' }),
  summary: () => item({ type: 'compaction', encrypted_content: here.seal('compaction', summaryContent('All.')) }),
  'left summary': () => item({ type: 'compaction', encrypted_content: elsewhere.seal('compaction', summaryContent('All.')) }),
};
const kept = fc
  .tuple(fc.array(one, { maxLength: 40 }), fc.array(one, { maxLength: 40 }), fc.nat(200))
  .map(([before, after, thoughts]) =>
    [...before, ...Array<string>(thoughts).fill('thought'), ...after].map((kind) => made[kind]?.() ?? item({})),
  );

describe('what kept items hold sealed', () => {
  it('is opened beforehand in slices, no more than the call opens of it, and none of it is left for the call', async () => {
    await fc.assert(
      fc.asyncProperty(kept, fc.boolean(), async (items, arePrinted) => {
        const given: readonly KeptItem[] = arePrinted ? items.map((stored) => JSON.stringify(stored)) : items;
        const plain = sealsOf();
        ring.count = 0;
        const wanted = openedItems(items, plain, 'con_1');
        const opened = ring.count;
        const request = sealsOf();
        ring.count = 0;
        const ends: number[] = [];
        const preparing = openKept(given, request, openedInChat, () => {
          ends.push(ring.count);
          return Promise.resolve();
        });
        await preparing;
        expect(ring.count).toBe(preparing === undefined ? 0 : opened);
        const slices = [...ends, ring.count].map((end, at) => end - (ends[at - 1] ?? 0));
        expect(Math.max(...slices)).toBeLessThanOrEqual(64);
        expect(openedItems(items, request, 'con_1')).toEqual(wanted);
        expect([ring.count, preparing !== undefined || opened <= 64]).toEqual([opened, true]);
      }),
      { numRuns: 60 },
    );
  });

  it('needs nothing beforehand where it is little, or known', async () => {
    const few = Array.from({ length: 64 }, () => made['thought']?.() ?? {});
    expect(openKept(few, here, openedInChat)).toBeUndefined();
    const many = [...few, made['thought']?.() ?? {}];
    const request = sealsOf();
    await openKept(many, request, openedInChat);
    expect(openKept(many, request, openedInChat)).toBeUndefined();
    expect(
      openKept([JSON.stringify(item({ role: 'user', content: 'x'.repeat(1_000_000) }))], request, openedInChat),
    ).toBeUndefined();
  });
});
