import { describe, expect, it } from '@jest/globals';
import { withoutFrontMatter } from './front-matter.js';

describe('withoutFrontMatter', () => {
  it('keeps title and description of what is about the text, and the text', () => {
    expect(withoutFrontMatter('---\ntitle: "Leave: policy"\ntags:\n  - a\n- b\ndraft: false\n---\n\n# Days\n')).toBe(
      'Leave: policy\n\n# Days\n',
    );
    expect(withoutFrontMatter('+++\nweight = 3\n+++\nText.\n')).toBe('Text.\n');
    expect(withoutFrontMatter('---\nauthor: HR\n...\nText.\n')).toBe('Text.\n');
  });

  it('takes lines for text that only look like front matter', () => {
    for (const text of [
      '---\nA paragraph of its own\n---\nmore\n',
      '---\n\n---\nText.\n',
      'Text.\n---\ntitle: no\n---\n',
      '---\ntitle: without an end\n',
      '# Title\n',
      '',
    ])
      expect(withoutFrontMatter(text)).toBe(text);
  });
});
