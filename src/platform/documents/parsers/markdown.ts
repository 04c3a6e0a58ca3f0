import { joinHyphenated } from '../clean-text.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { withoutFrontMatter } from './front-matter.js';
import { readTextFile } from './text-file.js';

/** Markdown: as it stands, each part under its headings, without front matter and the data of pictures. */
export async function* parseMarkdown(input: ParserInput): AsyncGenerator<Section> {
  const text = withoutFrontMatter(joinHyphenated(await readTextFile(input)));
  // A picture without its data is what is said of it.
  yield* markdownSections(text.replace(/!\[([^\]\n]{0,200})\]\(\s?\)/g, '$1'));
}

/**
 * Cuts Markdown before each heading and keeps the headings above as the source. Headings inside code fences are none.
 * The sections' texts joined are the whole text.
 */
export function* markdownSections(text: string): Generator<Section> {
  const path: string[] = [];
  let start = 0;
  let fence: string | undefined;
  let previous = { at: 0, text: '' };
  for (const line of linesOf(text)) {
    fence = fenceAfter(line.text, fence);
    const heading = fence === undefined ? headingOf(line.text, previous.text) : undefined;
    if (heading !== undefined) {
      const at = heading.isUnderlined ? previous.at : line.at;
      if (at > start) yield section(text.slice(start, at), path);
      start = at;
      path.length = Math.min(path.length, heading.level - 1);
      path[heading.level - 1] = heading.text;
    }
    previous = heading === undefined && fence === undefined ? line : { at: line.at, text: '' };
  }
  if (start < text.length) yield section(text.slice(start), path);
}

function section(text: string, path: readonly (string | undefined)[]): Section {
  const heading = path.filter((part) => part !== undefined && part !== '').join(' > ');
  return { text, source: heading === '' ? {} : { heading } };
}

function* linesOf(text: string): Generator<{ at: number; text: string }> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const next = end === -1 ? text.length : end + 1;
    yield { at, text: text.slice(at, next).trimEnd() };
    at = next;
  }
}

/** The fence that is open after the line. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
  if (mark === null) return open;
  const [, marks = '', info = ''] = mark;
  if (open === undefined) return marks.startsWith('`') && info.includes('`') ? undefined : marks;
  return marks.startsWith(open) && info.trim() === '' ? undefined : open;
}

function headingOf(line: string, previous: string): { level: number; text: string; isUnderlined: boolean } | undefined {
  const marks = /^ {0,3}(#{1,6})(?:[ \t]+|$)/.exec(line);
  if (marks !== null) {
    const text = line
      .slice(marks[0].length)
      .replace(/(^|[ \t])#+$/, '')
      .trim();
    return { level: marks[1]?.length ?? 1, text, isUnderlined: false };
  }
  const underline = /^ {0,3}(=+|-+)$/.exec(line)?.[1];
  if (underline === undefined || previous.trim() === '' || /^ {0,3}([>|#\-*+]|\d+[.)]|`{3}|~{3}| {4}|\t)/.test(previous))
    return undefined;
  return { level: underline.startsWith('=') ? 1 : 2, text: previous.trim(), isUnderlined: true };
}
