import { SaxesParser } from 'saxes';
import { DocumentFailure } from './document-failure.js';

/** The longest single tag, comment or text, in characters; no office program writes one of this size. */
const maxLength = 4 * 1024 * 1024;
const maxDepth = 10_000;

/** The attributes of an element by their names as they are written. */
export type XmlAttributes = Readonly<Record<string, string>>;

/** What an XML text consists of, as far as the office formats need it. Names come without their prefix. */
export interface XmlHandlers {
  /** An element begins. */
  open?(name: string, attributes: XmlAttributes): void;
  /** An element ends; also called for one that is empty. */
  close?(name: string): void;
  /** Text; one text may come in several calls. */
  text?(text: string): void;
}

/**
 * Reads XML piece by piece without keeping it, so that a sheet of a million rows costs no more memory than its longest
 * cell. Document types and their entities are skipped: nothing expands but the five names, nothing is fetched. Not a
 * validator: what a wrong document gives is wrong, but it ends.
 */
export class XmlReader {
  private readonly parser = new SaxesParser();
  private length = 0;
  private depth = 0;

  constructor(handlers: XmlHandlers) {
    const { parser } = this;
    // Errors are skipped: the parser continues after them.
    parser.on('error', () => undefined);
    parser.on('opentag', ({ name, attributes }) => {
      this.length = 0;
      this.depth += 1;
      if (this.depth > maxDepth) throw damaged('Elements are nested too deeply.');
      handlers.open?.(localName(name), attributes);
    });
    parser.on('closetag', ({ name }) => {
      this.length = 0;
      this.depth -= 1;
      handlers.close?.(localName(name));
    });
    const text = (piece: string): void => {
      this.length = 0;
      handlers.text?.(piece);
    };
    parser.on('text', text);
    parser.on('cdata', text);
    parser.on('comment', () => {
      this.length = 0;
    });
  }

  /**
   * Takes the next piece of the text; it may end anywhere.
   * @throws DocumentFailure damaged_file for markup that does not end, or is nested too deeply.
   */
  write(piece: string): void {
    this.length += piece.length;
    this.parser.write(piece);
    if (this.length > maxLength) throw damaged('Markup without an end.');
  }
}

/** The value of the attribute with a name in any namespace but none: `r:id`, whatever `r` is called in this document. */
export function prefixedAttribute(attributes: XmlAttributes, name: string): string | undefined {
  const found = Object.keys(attributes).find((written) => written.endsWith(`:${name}`));
  return found === undefined ? undefined : attributes[found];
}

/** A name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function damaged(message: string): DocumentFailure {
  return new DocumentFailure('damaged_file', { cause: new Error(message) });
}
