import { SaxesParser } from 'saxes';
import { localName, prefixedAttribute, type XmlAttributes } from '../xml-reader.js';
import type { ClauseNumbers } from './clause-numbers.js';
import { EquationText } from './equation-text.js';

interface Frame {
  readonly name: string;
  /** What is within is left out. */
  readonly isSilent: boolean;
  /** Of the alternatives of a drawing: whether the newer one gave its text. */
  hasText: boolean;
}

interface Paragraph {
  list: string | undefined;
  level: number | undefined;
  style: string | undefined;
}

/**
 * Rewrites the main part of a DOCX so that what its reader skips is plain text: equations, the numbers of
 * clauses, and text boxes without a fallback for older readers.
 */
export class DocxBody {
  private readonly written: string[] = [];
  private readonly frames: Frame[] = [];
  private readonly parser = new SaxesParser();
  /** The prefix of Word's own elements, with its colon. */
  private word: string | undefined;
  private equation: EquationText | undefined;
  private equationDepth = 0;
  private paragraph: Paragraph | undefined;
  private numberParts: string[] = [];

  constructor(private readonly numbers: ClauseNumbers) {
    this.parser.on('error', () => undefined);
    this.parser.on('opentag', ({ name, attributes }) => this.open(name, attributes));
    this.parser.on('closetag', ({ name }) => this.close(name));
    this.parser.on('text', (text) => this.text(text));
    this.parser.on('cdata', (text) => this.text(text));
  }

  write(piece: string): void {
    this.parser.write(piece);
  }

  /** The whole part, when its last piece was written. */
  finish(): string {
    return this.written.join('');
  }

  private open(name: string, attributes: XmlAttributes): void {
    const local = localName(name);
    this.word ??= name.slice(0, name.length - local.length);
    if (this.equation !== undefined) {
      this.equationDepth += 1;
      this.equation.open(local);
      return;
    }
    if (local === 'oMath') {
      this.equation = new EquationText();
      this.equationDepth = 0;
      return;
    }
    const frame = this.enter(name, local);
    if (frame.isSilent || isSkipped(local)) return;
    if (this.paragraph !== undefined) this.readProperty(local, attributes);
    if (name === `${this.word}pPr` && this.frames.at(-2)?.name === `${this.word}p`) {
      this.paragraph = { list: undefined, level: undefined, style: undefined };
    }
    this.emit(tag(name, attributes), local);
  }

  private close(name: string): void {
    const local = localName(name);
    if (this.equation !== undefined) {
      if (this.equationDepth === 0) this.endEquation(this.equation);
      else {
        this.equationDepth -= 1;
        this.equation.close(local);
      }
      return;
    }
    const frame = this.frames.pop();
    if (local === 'Choice' && frame?.hasText === true) this.written.push(`</${this.word}pict></${prefixOf(name)}Fallback>`);
    if (frame?.isSilent === true || isSkipped(local)) return;
    const isOfParagraph = name === `${this.word}pPr` && this.frames.at(-1)?.name === `${this.word}p`;
    if (isOfParagraph && this.paragraph !== undefined) this.endProperties(this.paragraph);
    else this.emit(`</${name}>`, local);
  }

  private text(text: string): void {
    if (this.equation !== undefined) this.equation.add(text);
    else if (this.frames.at(-1)?.isSilent !== true) this.written.push(escaped(text));
  }

  /** A drawing has a newer form and perhaps an older one for its reader, which knows only that. */
  private enter(name: string, local: string): Frame {
    const parent = this.frames.at(-1);
    let isSilent = parent?.isSilent === true;
    if (local === 'Choice') isSilent = true;
    else if (local === 'Fallback') isSilent ||= parent?.hasText === true;
    else if (local === 'txbxContent' && isSilent) isSilent = !this.beginBox();
    const frame = { name, isSilent, hasText: false };
    this.frames.push(frame);
    return frame;
  }

  /** Begins the text of a box in the newer form of a drawing that is read; false where nothing of it is. */
  private beginBox(): boolean {
    const at = this.frames.findLastIndex(({ name }) => localName(name) === 'Choice');
    const [outer, choice] = [this.frames[at - 1], this.frames[at]];
    if (outer === undefined || choice === undefined || outer.isSilent) return false;
    if (this.frames.slice(at).some(({ name }) => localName(name) === 'Fallback')) return false;
    if (!choice.hasText && outer.hasText) return false;
    if (!choice.hasText) this.written.push(`<${prefixOf(choice.name)}Fallback><${this.word}pict>`);
    choice.hasText = true;
    outer.hasText = true;
    return true;
  }

  private readProperty(local: string, attributes: XmlAttributes): void {
    const value = prefixedAttribute(attributes, 'val');
    const parent = localName(this.frames.at(-2)?.name ?? '');
    // What the paragraph was before a change that is tracked.
    if (this.paragraph === undefined || this.frames.some(({ name }) => localName(name) === 'pPrChange')) return;
    if (local === 'numId' && parent === 'numPr') this.paragraph.list ??= value;
    else if (local === 'ilvl' && parent === 'numPr') this.paragraph.level ??= Number(value);
    else if (local === 'pStyle' && parent === 'pPr') this.paragraph.style ??= value;
  }

  /** Puts the number before the paragraph's text, in the place of what says that it has one. */
  private endProperties(paragraph: Paragraph): void {
    const number = this.numbers.next(paragraph);
    const { word = '' } = this;
    this.paragraph = undefined;
    if (number === undefined) this.written.push(...this.numberParts, `</${word}pPr>`);
    else {
      const none = `<${word}numPr><${word}ilvl ${word}val="0"/><${word}numId ${word}val="0"/></${word}numPr>`;
      this.written.push(none, `</${word}pPr>`, run(word, `${number} `));
    }
    this.numberParts = [];
  }

  private emit(markup: string, local: string): void {
    const isNumber =
      this.paragraph !== undefined && (local === 'numPr' || this.frames.some(({ name }) => localName(name) === 'numPr'));
    (isNumber ? this.numberParts : this.written).push(markup);
  }

  private endEquation(equation: EquationText): void {
    this.equation = undefined;
    if (this.frames.at(-1)?.isSilent !== true) this.written.push(run(this.word ?? '', String(equation)));
  }
}

/** What only wraps equations. */
function isSkipped(local: string): boolean {
  return local === 'oMathPara' || local === 'oMathParaPr' || local === 'Choice';
}

function run(word: string, text: string): string {
  return `<${word}r><${word}t xml:space="preserve">${escaped(text)}</${word}t></${word}r>`;
}

function tag(name: string, attributes: XmlAttributes): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${written.join('')}>`;
}

function prefixOf(name: string): string {
  return name.slice(0, name.length - localName(name).length);
}

function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replace(/[&<>"\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
