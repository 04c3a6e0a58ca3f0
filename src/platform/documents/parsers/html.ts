import TurndownService from 'turndown';
import { cleanText } from '../clean-text.js';
import { withoutDataUris } from '../data-uris.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { withBoundedDepth } from './html-depth.js';
import { cellMark, rowMark, tableText } from './html-table.js';
import { markdownSections } from './markdown.js';
import { readTextFile } from './text-file.js';

const unseen = new Set(['script', 'style', 'noscript', 'template', 'iframe', 'object', 'svg']);

/** HTML: what a reader of the page sees, as Markdown, each part under its headings. */
export async function* parseHtml(input: ParserInput): AsyncGenerator<Section> {
  yield* htmlSections(await readTextFile(input, declaredCharset));
}

/** The same for HTML that is already in memory. */
export function* htmlSections(html: string): Generator<Section> {
  if (html.trim() === '') return;
  yield* markdownSections(`${withoutDataUris(cleanText(converter().turndown(withBoundedDepth(html)))).trim()}\n`);
}

function declaredCharset(head: string): string | undefined {
  return /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1] ?? /^<\?xml[^>]+encoding=["']([\w-]+)/i.exec(head)?.[1];
}

function converter(): TurndownService {
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-', hr: '---' });
  // The text is read by models and people, not rendered: a name with an underscore stays as it is.
  service.escape = (text) => text;
  service.remove((node) => unseen.has(node.nodeName.toLowerCase()));
  service.addRule('title', {
    filter: (node) => node.nodeName.toLowerCase() === 'title',
    replacement: (text) => `\n\n# ${text.trim()}\n\n`,
  });
  service.addRule('picture', { filter: ['img'], replacement: (_text, node) => attributeOf(node, 'alt') });
  service.addRule('link', { filter: ['a'], replacement: (text, node) => linkText(text, attributeOf(node, 'href')) });
  service.addRule('cell', {
    filter: ['td', 'th'],
    replacement: (text, node) => cellMark(text, attributeOf(node, 'colspan'), attributeOf(node, 'rowspan')),
  });
  service.addRule('row', { filter: ['tr'], replacement: rowMark });
  service.addRule('table', { filter: ['table'], replacement: (text) => `\n\n${tableText(text)}\n\n` });
  service.addRule('table part', { filter: ['tbody', 'thead', 'tfoot'], replacement: (text) => text });
  return service;
}

/** Addresses outside are worth citing; marks within the page are not. */
function linkText(text: string, href: string): string {
  return /^(https?|mailto):/i.test(href) && text.trim() !== '' && text.trim() !== href ? `[${text}](${href})` : text;
}

function attributeOf(node: unknown, name: string): string {
  const element = node as { getAttribute(name: string): string | null };
  return element.getAttribute(name)?.trim() ?? '';
}
