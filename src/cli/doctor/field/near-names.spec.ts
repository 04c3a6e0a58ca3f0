import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { nearNames } from './near-names.js';

describe('near names', () => {
  it('hold one that differs by a letter, by case, by its separators, or that is a part', () => {
    const names = ['support-desk', 'vectors', 'gpt-large'];
    for (const asked of ['suport-desk', 'Support_Desk', 'support', 'supportdesk'])
      expect(nearNames(asked, names)).toEqual(['support-desk']);
    expect(nearNames('nothing-alike', names)).toEqual([]);
  });

  it('hold every name with one letter taken out, and no more than five', () => {
    const name = fc.stringMatching(/^[a-z]{4,20}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), fc.nat(), (names, seed) => {
        const [first = ''] = names;
        const at = seed % first.length;
        const near = nearNames(first.slice(0, at) + first.slice(at + 1), [first]);
        expect(near).toEqual([first]);
        expect(nearNames(first, names).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});
