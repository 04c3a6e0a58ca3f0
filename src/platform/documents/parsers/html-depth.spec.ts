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

  it.each(['</b>', '</p>', '<p>', '<br>', '<!-- </div> -->'])('is not fooled by %s between the tags', (between) => {
    expect(withBoundedDepth(`<div>${between}`.repeat(600)).split('<div>')).toHaveLength(513);
  });
});
