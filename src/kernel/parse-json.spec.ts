import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { constants } from 'node:buffer';
import { parsedOrUndefined } from './parse-json.js';

describe('what may be JSON', () => {
  it('gives what it says, be it text or bytes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const said: unknown = JSON.parse(text);
        expect([parsedOrUndefined(text), parsedOrUndefined(Buffer.from(text))]).toEqual([said, said]);
      }),
    );
    expect(parsedOrUndefined(' null ')).toBeNull();
  });

  it.each(['', ' ', '{', '[1,]', "{'a':1}", 'undefined', '"\n"', '"\\x"', '1 2'])(
    'gives undefined for what is none: %j',
    (text) => {
      expect([parsedOrUndefined(text), parsedOrUndefined(Buffer.from(text))]).toEqual([undefined, undefined]);
    },
  );

  it('gives undefined for more bytes than a text can hold', () => {
    expect(parsedOrUndefined(Buffer.allocUnsafe(constants.MAX_STRING_LENGTH + 1))).toBeUndefined();
  });
});
