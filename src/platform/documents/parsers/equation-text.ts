/** What stands before and after the parts of an equation, so that it can be read in one line. */
const around: Readonly<Record<string, readonly [before: string, after: string]>> = {
  num: ['(', ')'],
  den: ['/(', ')'],
  sup: ['^(', ')'],
  sub: ['_(', ')'],
  rad: ['√(', ')'],
  mr: ['', '; '],
};

/** Collects an equation of a document as text: `E=mc^2`, `(a+b)/2`. */
export class EquationText {
  private text = '';
  private isText = false;

  open(name: string): void {
    this.text += around[name]?.[0] ?? '';
    this.isText = name === 't';
  }

  add(text: string): void {
    if (this.isText) this.text += text;
  }

  close(name: string): void {
    this.isText = false;
    this.text += around[name]?.[1] ?? '';
  }

  /** The text so far; brackets around one sign are left out. */
  toString(): string {
    return this.text.replace(/(^|[\^_/√])\(([\p{L}\p{N}]{1,12})\)/gu, '$1$2').replace(/[\^_/]\(\)/g, '');
  }
}
