import { describe, expect, it } from '@jest/globals';
import { grownParts } from './answer-parts.js';
import { withPiece } from '../wire/further-members.js';

describe('an answer in very many pieces', () => {
  it('grows one list of parts, which is never copied', () => {
    const parts: unknown[] = [];
    for (let at = 0; at < 1_000; at += 1) expect(grownParts(parts, [{ type: 'image', at }])).toBe(parts);
    grownParts(parts, [{ type: 'text', text: 'a' }]);
    grownParts(parts, [{ type: 'text', text: 'b' }]);
    expect([parts.length, parts.at(-1)]).toEqual([1_001, { type: 'text', text: 'ab' }]);
  });

  it('grows lists of further members in place, by the index of their elements', () => {
    const said = withPiece({ notes: [{ index: 1, text: 'a' }, 'loose'] }, undefined);
    const list = said?.['notes'];
    let now = said;
    for (let at = 0; at < 1_000; at += 1)
      now = withPiece(now, {
        notes: [
          { index: 1, text: 'b' },
          { index: 2 + at, text: 'c' },
        ],
      });
    expect(now?.['notes']).toBe(list);
    expect(list).toEqual([
      { index: 1, text: 'a' + 'b'.repeat(1_000) },
      'loose',
      ...Array.from({ length: 1_000 }, (_none, at) => ({ index: 2 + at, text: 'c' })),
    ]);
  });
});
