import { prefixedAttribute, type XmlAttributes, type XmlHandlers } from '../xml-reader.js';

interface Level {
  start: number;
  format: string;
  text: string;
  /** Numbers of the levels above are shown as 1, 2, 3, whatever their own form is. */
  isLegal: boolean;
  /** Paragraphs of this style are of this level. */
  style: string | undefined;
}

interface List {
  readonly levels: Map<number, Level>;
  /** A style that holds the levels instead. */
  link: string | undefined;
}

interface Use {
  list: string;
  readonly starts: Map<number, number>;
  readonly levels: Map<number, Level>;
}

interface Style {
  basedOn: string | undefined;
  list: string | undefined;
  level: number | undefined;
}

/** What a paragraph says of its number. */
export interface NumberedParagraph {
  readonly list: string | undefined;
  readonly level: number | undefined;
  readonly style: string | undefined;
}

const deepestStyle = 20;
const longestNumber = 100;

/**
 * The numbers that Word shows before paragraphs and does not store: `§ 2`, `2.1`, `(a)`. Collects the lists and styles from
 * `numbering.xml` and `styles.xml`, then counts the paragraphs in their order.
 */
export class ClauseNumbers {
  private readonly lists = new Map<string, List>();
  private readonly uses = new Map<string, Use>();
  private readonly styles = new Map<string, Style>();
  private readonly counts = new Map<string, (number | undefined)[]>();
  private readonly started = new Set<string>();

  /** Reads `numbering.xml`. */
  numberingReader(): XmlHandlers {
    let list: List | undefined;
    let use: Use | undefined;
    let level: Level | undefined;
    let overridden = 0;
    return {
      open: (name, attributes) => {
        const value = valueOf(attributes);
        if (name === 'abstractNum') {
          list = { levels: new Map(), link: undefined };
          this.lists.set(prefixedAttribute(attributes, 'abstractNumId') ?? '', list);
        } else if (name === 'num') {
          use = { list: '', starts: new Map(), levels: new Map() };
          this.uses.set(prefixedAttribute(attributes, 'numId') ?? '', use);
        } else if (name === 'lvl') {
          level = { start: 1, format: 'decimal', text: '', isLegal: false, style: undefined };
          (use ?? list)?.levels.set(Number(prefixedAttribute(attributes, 'ilvl') ?? 0), level);
        } else if (name === 'abstractNumId' && use !== undefined) use.list = value;
        else if (name === 'numStyleLink' && list !== undefined) list.link = value;
        else if (name === 'lvlOverride') overridden = Number(prefixedAttribute(attributes, 'ilvl') ?? 0);
        else if (name === 'startOverride') use?.starts.set(overridden, Number(value));
        else if (level !== undefined) readLevel(level, name, value);
      },
      close: (name) => {
        if (name === 'abstractNum') list = undefined;
        else if (name === 'num') use = undefined;
        else if (name === 'lvl') level = undefined;
      },
    };
  }

  /** Reads `styles.xml`. */
  styleReader(): XmlHandlers {
    let style: Style | undefined;
    return {
      open: (name, attributes) => {
        if (name === 'style') {
          style = { basedOn: undefined, list: undefined, level: undefined };
          this.styles.set(prefixedAttribute(attributes, 'styleId') ?? '', style);
        } else if (style === undefined) return;
        else if (name === 'basedOn') style.basedOn = valueOf(attributes);
        else if (name === 'numId') style.list = valueOf(attributes);
        else if (name === 'ilvl') style.level = Number(valueOf(attributes));
      },
      close: (name) => {
        if (name === 'style') style = undefined;
      },
    };
  }

  /** The number of the next paragraph; undefined for one that has none, or a bullet. */
  next(paragraph: NumberedParagraph): string | undefined {
    const place = this.placeOf(paragraph);
    const use = place === undefined ? undefined : this.uses.get(place.list);
    if (place === undefined || use === undefined) return undefined;
    const level = this.levelOf(use, place.level);
    if (level === undefined || level.format === 'bullet') return undefined;
    const counts = this.count(place.list, use, place.level, level);
    const text = level.text.replace(/%([1-9])/g, (_whole, digit: string) => {
      const index = Number(digit) - 1;
      const shown = this.levelOf(use, index);
      return formatted(counts[index] ?? shown?.start ?? 1, level.isLegal ? 'decimal' : (shown?.format ?? 'decimal'));
    });
    return level.format === 'none' || text.trim() === '' ? undefined : text.trim().slice(0, longestNumber);
  }

  private count(name: string, use: Use, at: number, level: Level): (number | undefined)[] {
    const counts = this.counts.get(use.list) ?? [];
    this.counts.set(use.list, counts);
    const start = use.starts.get(at);
    const isRestarted = start !== undefined && !this.started.has(`${name} ${at}`);
    this.started.add(`${name} ${at}`);
    const before = counts[at];
    counts[at] = isRestarted ? start : before === undefined ? (start ?? level.start) : before + 1;
    counts.length = at + 1;
    return counts;
  }

  /** The list and the level, of the paragraph itself or of its style. */
  private placeOf({ list, level, style }: NumberedParagraph): { list: string; level: number } | undefined {
    if (list !== undefined) return list === '0' ? undefined : { list, level: level ?? 0 };
    let name = style;
    for (let depth = 0; name !== undefined && depth < deepestStyle; depth += 1) {
      const found = this.styles.get(name);
      if (found?.list !== undefined) {
        if (found.list === '0') return undefined;
        return { list: found.list, level: level ?? this.levelOfStyle(found.list, style) ?? found.level ?? 0 };
      }
      name = found?.basedOn;
    }
    return undefined;
  }

  private levelOfStyle(list: string, style: string | undefined): number | undefined {
    const levels = this.lists.get(this.uses.get(list)?.list ?? '')?.levels ?? new Map<number, Level>();
    return [...levels].find(([, level]) => level.style !== undefined && level.style === style)?.[0];
  }

  private levelOf(use: Use, at: number): Level | undefined {
    const own = use.levels.get(at);
    if (own !== undefined) return own;
    let list = this.lists.get(use.list);
    if (list?.link !== undefined && list.levels.size === 0) {
      const linked = this.styles.get(list.link)?.list;
      list = this.lists.get(this.uses.get(linked ?? '')?.list ?? '');
    }
    return list?.levels.get(at);
  }
}

function readLevel(level: Level, name: string, value: string): void {
  if (name === 'start') level.start = Number(value);
  else if (name === 'numFmt') level.format = value;
  else if (name === 'lvlText') level.text = value;
  else if (name === 'isLgl') level.isLegal = !/^(0|false|off)$/.test(value);
  else if (name === 'pStyle') level.style = value;
}

function valueOf(attributes: XmlAttributes): string {
  return prefixedAttribute(attributes, 'val') ?? '';
}

function formatted(count: number, format: string): string {
  if (format === 'decimalZero') return String(count).padStart(2, '0');
  if (format === 'upperRoman') return roman(count);
  if (format === 'lowerRoman') return roman(count).toLowerCase();
  if (format === 'upperLetter') return letters(count).toUpperCase();
  if (format === 'lowerLetter') return letters(count);
  return String(count);
}

/** a to z, then aa to zz, as Word counts. */
function letters(count: number): string {
  if (count < 1 || count > 780) return String(count);
  return String.fromCharCode(97 + ((count - 1) % 26)).repeat(Math.ceil(count / 26));
}

const romans: readonly (readonly [number, string])[] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

function roman(count: number): string {
  if (count < 1 || count > 4_000) return String(count);
  let rest = count;
  let text = '';
  for (const [value, sign] of romans) {
    text += sign.repeat(Math.floor(rest / value));
    rest %= value;
  }
  return text;
}
