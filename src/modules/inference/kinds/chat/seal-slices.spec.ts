import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenedContent } from '../../call/content-seals.js';
import { isOneSlice, openInSlices, type SealedText } from './seal-slices.js';

describe('sealed texts', () => {
  it('are opened once each, and in no more than a slice at one go', async () => {
    const length = fc.oneof(fc.nat(2_000), fc.nat(400_000));
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 300 }), async (lengths) => {
        const texts = lengths.map((most): SealedText => ({ kind: 'reasoning', text: 'x'.repeat(most) }));
        const slices: SealedText[][] = [[]];
        const judge = (_kind: string, text: string): OpenedContent['state'] => {
          slices.at(-1)?.push({ kind: 'reasoning', text });
          return 'open';
        };
        await openInSlices(texts, { judge }, () => {
          slices.push([]);
          return Promise.resolve();
        });
        expect(slices.flat()).toEqual(texts);
        const characters = (slice: readonly SealedText[]): number => slice.reduce((sum, { text }) => sum + text.length, 0);
        expect(slices.every((slice) => slice.length === 1 || isOneSlice(slice.length, characters(slice)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
