import { describe, expect, it } from '@jest/globals';
import { withBoundedDepth } from './html-depth.js';

describe('HTML of bounded depth', () => {
  it('is the same when it nests as pages do', () => {
    const page = `<!doctype html><p>a<p>b<br><div><!-- <div> --><script>if (a < b) x = '<div>';</script><svg><path/></svg></div>`;
    for (const html of [
      page,
      page.repeat(2_000),
      '<p>a'.repeat(2_000),
      '<svg>' + '<path d="M0"/>'.repeat(2_000),
      '1 < 2',
      '<div',
      '<',
    ])
      expect(withBoundedDepth(html)).toBe(html);
  });

  it('keeps the text of what is nested deeper, not its tags', () => {
    const html = withBoundedDepth(`${'<div>'.repeat(600)}deep <b>down</b>${'</div>'.repeat(600)}<h1>Up</h1>`);
    expect(html).toBe(`${'<div>'.repeat(512)}deep down</b>${'</div>'.repeat(600)}<h1>Up</h1>`);
  });

  it('takes lists, quotations and tables in 32 levels', () => {
    const deep = (tag: string) => `${`<${tag}><li>`.repeat(40)}x${`</${tag}>`.repeat(40)}`;
    for (const tag of ['ul', 'ol', 'dl', 'blockquote', 'table']) {
      const html = withBoundedDepth(deep(tag).repeat(3));
      expect(html.split(`<${tag}>`)).toHaveLength(1 + 3 * 32);
      expect(html.split('<li>x<')).toHaveLength(4);
    }
    const mixed = withBoundedDepth('<div><ul><li><blockquote>'.repeat(100));
    expect([mixed.split('<div>').length, mixed.split('<ul>').length, mixed.split('<blockquote>').length]).toEqual([101, 17, 17]);
  });

  it.each(['</b>', '</p>', '<p>', '<br>', '<!-- </div> -->'])('is not fooled by %s between the tags', (between) => {
    expect(withBoundedDepth(`<div>${between}`.repeat(600)).split('<div>')).toHaveLength(513);
  });
});
