import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { purposes, scopes } from '../contracts/scopes.js';
import { fitsPurpose, passedOn, scopesOfPurpose } from './purposes.js';

const startsWith = (begin: string) => scopes.filter((scope) => scope.startsWith(begin));

describe('the scopes of a purpose', () => {
  it('are datasets for uploads, conversations for conversations, and anything for inference', () => {
    expect(scopesOfPurpose('upload')).toEqual(startsWith('datasets:'));
    expect(scopesOfPurpose('conversation')).toEqual(startsWith('conversations:'));
    expect(scopesOfPurpose('inference')).toEqual(scopes);
  });

  it('are those that fit it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...purposes), fc.constantFrom(...scopes), (purpose, scope) => {
        expect(fitsPurpose(purpose, scope)).toBe(scopesOfPurpose(purpose).includes(scope));
      }),
    );
  });
});

describe('what a link passes on', () => {
  it('are datasets through the one for uploads alone, all else through the one for inference, nothing through another', () => {
    fc.assert(
      fc.property(fc.subarray([...scopes]), (held) => {
        expect(passedOn('upload', held)).toEqual(held.filter((scope) => scope.startsWith('datasets:')));
        expect(passedOn('inference', held)).toEqual(held.filter((scope) => !scope.startsWith('datasets:')));
        expect(passedOn('conversation', held)).toEqual([]);
      }),
    );
    expect(passedOn('upload', ['datasets:write', 'inference:chat'])).toEqual(['datasets:write']);
  });
});
