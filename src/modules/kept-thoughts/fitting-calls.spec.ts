import { describe, expect, it } from '@jest/globals';
import { fittingCalls } from './fitting-calls.js';

const mebibyte = 1024 * 1024;
const call = (mark: string, size?: number) => ({ mark, kept: size === undefined ? undefined : Buffer.alloc(size) });

describe('the calls of an answer that are remembered', () => {
  it('keep their order, and each is there once', () => {
    const [first, second] = [call('a', 1), call('b')];
    expect(fittingCalls([first, second])).toEqual([first, second]);
    expect(fittingCalls([first, call('a', 2)])).toEqual([first]);
  });

  it('are known without what is too much to be kept', () => {
    const sizes = (calls: readonly { kept: Buffer | undefined }[]) => calls.map(({ kept }) => kept?.length);
    expect(sizes(fittingCalls([call('a', mebibyte)]))).toEqual([mebibyte]);
    expect(sizes(fittingCalls([call('a', mebibyte + 1), call('b', 7)]))).toEqual([undefined, 7]);
    const half = Math.floor(mebibyte / 2);
    expect(sizes(fittingCalls([call('a', half), call('b', half), call('c', half)]))).toEqual([half, half, undefined]);
  });

  it('are at most 128', () => {
    expect(fittingCalls(Array.from({ length: 200 }, (_none, at) => call(String(at), 1)))).toHaveLength(128);
  });
});
