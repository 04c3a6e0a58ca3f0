import { DocumentFailure } from './document-failure.js';

/** The longest single tag, comment or CDATA piece, in characters; no office program writes one of this size. */
const maxMarkupLength = 4 * 1024 * 1024;

/** What an XML text consists of, as far as the office formats need it. Names come without their prefix. */
export interface XmlHandlers {
  /** An element begins; `attributes` is the raw text of them, read by `attribute`. */
  open?(name: string, attributes: string): void;
  /** An element ends; also called for one that is empty. */
  close?(name: string): void;
  /** Text; one text may come in several calls. */
  text?(text: string): void;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads XML piece by piece without keeping it, so that a sheet of a million rows costs no more memory than its longest
 * cell. Document types and their entities are skipped: nothing expands, nothing is fetched. Not a validator: what a
 * wrong document gives is wrong, but it ends.
 */
export class XmlReader {
  private rest = '';

  constructor(private readonly handlers: XmlHandlers) {}

  /**
   * Takes the next piece of the text; it may end anywhere.
   * @throws DocumentFailure damaged_file for markup that does not end.
   */
  write(piece: string): void {
    const text = this.rest + piece;
    let at = 0;
    for (;;) {
      const start = text.indexOf('<', at);
      const textEnd = start === -1 ? endOfWholeEntities(text, at) : start;
      if (textEnd > at) this.handlers.text?.(decodeEntities(text.slice(at, textEnd)));
      at = textEnd;
      const end = start === -1 ? -1 : endOfMarkup(text, start);
      if (end === -1) break;
      this.markup(text, start, end);
      at = end;
    }
    this.rest = text.slice(at);
    if (this.rest.length > maxMarkupLength)
      throw new DocumentFailure('damaged_file', { cause: new Error('Markup without an end.') });
  }

  private markup(text: string, start: number, end: number): void {
    const second = text.charCodeAt(start + 1);
    if (second === 0x2f) this.handlers.close?.(localName(text, start + 2, end - 1));
    else if (second === 0x21) {
      if (text.startsWith('<![CDATA[', start)) this.handlers.text?.(text.slice(start + 9, end - 3));
    } else if (second !== 0x3f) {
      const isEmpty = text.charCodeAt(end - 2) === 0x2f;
      const tag = text.slice(start + 1, isEmpty ? end - 2 : end - 1);
      const space = tag.search(/\s/);
      const name = localName(tag, 0, space === -1 ? tag.length : space);
      this.handlers.open?.(name, space === -1 ? '' : tag.slice(space));
      if (isEmpty) this.handlers.close?.(name);
    }
  }
}

/** The value of one attribute in an element's raw attributes; `name` with its prefix, if it has one. */
export function attribute(attributes: string, name: string): string | undefined {
  for (let at = attributes.indexOf(`${name}=`); at !== -1; at = attributes.indexOf(`${name}=`, at + 1)) {
    if (!/\s/.test(attributes.charAt(at - 1))) continue;
    const start = at + name.length + 1;
    const end = attributes.indexOf(attributes.charAt(start), start + 1);
    return end === -1 ? undefined : decodeEntities(attributes.slice(start + 1, end));
  }
  return undefined;
}

/** The end of the text that can be decoded now: an entity that has not all come stays. */
function endOfWholeEntities(text: string, from: number): number {
  const ampersand = text.lastIndexOf('&');
  return ampersand >= from && text.length - ampersand < 12 && !text.includes(';', ampersand) ? ampersand : text.length;
}

/** The place after the markup that begins at `start`, or -1 when it has not all come yet. */
function endOfMarkup(text: string, start: number): number {
  if (text.startsWith('<!--', start)) return after(text, '-->', start + 4);
  if (text.startsWith('<![CDATA[', start)) return after(text, ']]>', start + 9);
  if (text.startsWith('<?', start)) return after(text, '?>', start + 2);
  if (text.length - start < 9 && '<![CDATA['.startsWith(text.slice(start))) return -1;
  if (text.startsWith('<!', start)) return endOfDeclaration(text, start);
  return endOfTag(text, start);
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? -1 : at + mark.length;
}

/** A tag's end is the first `>` outside of quotes. */
function endOfTag(text: string, start: number): number {
  let quote = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 0x22 || code === 0x27) quote = code;
    else if (code === 0x3e) return at + 1;
  }
  return -1;
}

/** A document type may hold declarations in square brackets. */
function endOfDeclaration(text: string, start: number): number {
  const end = endOfTag(text, start);
  const bracket = text.indexOf('[', start);
  return bracket === -1 || bracket > end ? end : after(text, ']>', bracket);
}

function localName(text: string, start: number, end: number): string {
  const name = text.slice(start, end).trimEnd();
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
