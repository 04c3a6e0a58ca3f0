import { describe, expect, it } from '@jest/globals';
import { sealedTexts } from './sealed-input.js';

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
});
