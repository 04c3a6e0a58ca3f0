import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenedContent } from '../../call/content-seals.js';
import { isOneSlice, openInSlices, sealedTexts, type SealedText } from './sealed-input.js';

const thoughts = (count: number) =>
  Array.from({ length: count }, (_none, at) => ({ type: 'reasoning', encrypted_content: `gt1.${at}` }));

const cited = { container_id: 'cntr_gt1.d', file_id: 'cfile_gt1.e' };

describe('what an input holds sealed', () => {
  it('is what its items say to have from the platform', () => {
    expect(
      sealedTexts([
        { type: 'reasoning', encrypted_content: 'gt1.a' },
        { type: 'reasoning', encrypted_content: 'gAAAb' },
        { type: 'message', encrypted_content: 'gt1.c' },
        { type: 'code_interpreter_call', container_id: 'cntr_gt1.d' },
        { type: 'message', content: [{ annotations: [cited, cited] }] },
        { type: 'file_search_call', results: [{ file_id: 'file-gt1.f' }] },
      ]),
    ).toEqual([
      { kind: 'reasoning', text: 'gt1.a' },
      { kind: 'container', text: 'gt1.d' },
      { kind: 'file', text: 'gt1.e' },
      { kind: 'file', text: 'gt1.f' },
    ]);
  });

  it('is refused where it is too much', () => {
    expect(sealedTexts(thoughts(4096))).toHaveLength(4096);
    expect(() => sealedTexts(thoughts(4097))).toThrow(expect.objectContaining({ code: 'invalid_value', param: 'input' }));
  });

  it('is opened once each, and in no more than a slice at one go', async () => {
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
        expect(slices.every((slice) => slice.length === 1 || isOneSlice(slice))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
