import { joinHyphenated } from '../clean-text.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { htmlSections } from './html.js';
import { readTextFile } from './text-file.js';

/** What Apache Tika Server answers: XHTML, where a document has pages with an element for each of them. Its head is metadata. */
export async function* parseTikaReply(input: ParserInput): AsyncGenerator<Section> {
  const html = await readTextFile(input, () => 'utf-8');
  const body = joinHyphenated(html.replace(/^[\s\S]*?<body[^>]*>/i, ''));
  const [before = '', ...pages] = body.split(/<div class="page">/);
  yield* htmlSections(before);
  for (const [index, page] of pages.entries()) {
    for (const { text, source } of htmlSections(page)) yield { text, source: { ...source, page: index + 1 } };
    input.onProgress((100 * (index + 1)) / pages.length);
  }
}
