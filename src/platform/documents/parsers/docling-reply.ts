import { z } from 'zod';
import { joinHyphenated } from '../clean-text.js';
import { DocumentFailure } from '../document-failure.js';
import type { ParserInput } from '../parser-input.js';
import { pageBreak } from '../reader-replies.js';
import type { Section } from '../section.js';
import { markdownSections } from './markdown.js';
import { readTextFile } from './text-file.js';

const item = z.object({
  content_layer: z.string().optional(),
  prov: z.array(z.object({ page_no: z.number().int() })).default([]),
});
const items = z.array(item).default([]);

const reply = z.object({
  status: z.string(),
  document: z.object({
    md_content: z.string().nullish(),
    json_content: z.object({ texts: items, tables: items, pictures: items }).nullish(),
  }),
});

type Content = z.infer<typeof reply>['document']['json_content'];

/**
 * What Docling Serve answers: Markdown with a mark between pages. A page without content has no mark, so the pages' numbers are
 * taken from its JSON; where both do not agree, the text has no pages.
 */
export async function* parseDoclingReply(input: ParserInput): AsyncGenerator<Section> {
  const { status, document } = parsed(await readTextFile(input));
  if (status !== 'success' && status !== 'partial_success')
    throw new DocumentFailure('reader_failed', { cause: new Error(status) });
  const parts = (document.md_content ?? '').replaceAll('<!-- image -->', '').split(pageBreak);
  const pages = pagesOf(document.json_content);
  for (const [index, part] of parts.entries()) {
    const page = pages.length === parts.length ? pages[index] : undefined;
    for (const { text, source } of markdownSections(joinHyphenated(`${part.trim()}\n\n`)))
      yield { text, source: page === undefined ? source : { ...source, page } };
    input.onProgress((100 * (index + 1)) / parts.length);
  }
}

function parsed(text: string): z.infer<typeof reply> {
  try {
    return reply.parse(JSON.parse(text));
  } catch (error) {
    throw new DocumentFailure('reader_failed', { cause: error });
  }
}

/** The numbers of the pages that have content, in their order. What repeats on each page is none. */
function pagesOf(content: Content): number[] {
  const all = [...(content?.texts ?? []), ...(content?.tables ?? []), ...(content?.pictures ?? [])];
  const shown = all.filter(({ content_layer }) => content_layer === undefined || content_layer === 'body');
  return [...new Set(shown.flatMap(({ prov }) => prov.map(({ page_no }) => page_no)))].sort((a, b) => a - b);
}
