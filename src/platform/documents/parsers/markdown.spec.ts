import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { markdownSections } from './markdown.js';

const headingsOf = (text: string): (string | undefined)[] => [...markdownSections(text)].map(({ source }) => source.heading);

describe('markdownSections', () => {
  it('loses no character', () => {
    const line = fc.constantFrom(
      '# One',
      '## Two ##',
      '### Three',
      'Text',
      '',
      '---',
      '===',
      '```',
      '~~~~',
      '- item',
      '    code',
      '#no heading',
      '# ',
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n');
        expect([...markdownSections(text)].map((section) => section.text).join('')).toBe(text);
      }),
    );
  });

  it('gives the headings above, and forgets those that are over', () => {
    expect(headingsOf('Before\n# A\n## B\nText\n### C\n## D\n# E\n')).toEqual([
      undefined,
      'A',
      'A > B',
      'A > B > C',
      'A > D',
      'E',
    ]);
    expect(headingsOf('### Deep\n# Top\n')).toEqual(['Deep', 'Top']);
  });

  it('knows underlined headings, and lines that only look like them', () => {
    expect(headingsOf('Title\n=====\nText\n\nPart\n---\nMore\n\n---\n\n- item\n---\n')).toEqual(['Title', 'Title > Part']);
  });

  it('takes nothing inside a fence for a heading', () => {
    expect(headingsOf('# A\n```sh\n# B\n~~~\n# C\n```\n# D\n')).toEqual(['A', 'D']);
  });
});
