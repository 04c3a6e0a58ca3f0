import type { XmlAttributes, XmlHandlers } from '../xml-reader.js';

/** Placeholders that repeat on every slide. */
const furniture = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

/** Collects a slide's paragraphs and table rows from its XML, and its title. */
export class SlideText implements XmlHandlers {
  readonly lines: string[] = [];
  title = '';
  private placeholder: string | undefined;
  private paragraph = '';
  private cell: string[] | undefined;
  private row: string[] = [];
  private isText = false;
  /** Within what is only for older programs and says the same again. */
  private fallbacks = 0;

  open(name: string, attributes: XmlAttributes): void {
    if (name === 'Fallback') this.fallbacks += 1;
    else if (name === 'sp') this.placeholder = undefined;
    else if (name === 'ph') this.placeholder = attributes['type'] ?? 'body';
    else if (name === 'tr') this.row = [];
    else if (name === 'tc') this.cell = [];
    else if (name === 'p') this.paragraph = '';
    else if (name === 't') this.isText = true;
    else if (name === 'br') this.paragraph += '\n';
    else if (name === 'tab') this.paragraph += '\t';
  }

  text(text: string): void {
    if (this.isText && this.fallbacks === 0) this.paragraph += text;
  }

  close(name: string): void {
    if (name === 'Fallback') this.fallbacks -= 1;
    else if (name === 't') this.isText = false;
    else if (name === 'p') this.endParagraph();
    else if (name === 'tc') {
      this.row.push((this.cell ?? []).join(' '));
      this.cell = undefined;
    } else if (name === 'tr' && this.row.some((cell) => cell !== '')) this.lines.push(this.row.join(' | '));
    else if (name === 'sp') this.placeholder = undefined;
  }

  private endParagraph(): void {
    const text = this.paragraph.trim();
    this.paragraph = '';
    if (text === '' || (this.placeholder !== undefined && furniture.has(this.placeholder))) return;
    if (this.placeholder === 'title' || this.placeholder === 'ctrTitle')
      this.title = `${this.title} ${text.replace(/\s+/g, ' ')}`.trim();
    if (this.cell === undefined) this.lines.push(text);
    else this.cell.push(text);
  }
}
