/** A run of text as pdf.js gives it: each run in reading order by itself, but the runs of a line as they are painted. */
export interface TextItem {
  readonly str: string;
  readonly dir: string;
  /** The line ends after this run. */
  readonly hasEOL: boolean;
  /** The last two of the six are x and y of the run's beginning, from the lower left corner, in points. */
  readonly transform: readonly number[];
  readonly height: number;
}

interface Line {
  readonly text: string;
  readonly y: number;
  readonly height: number;
}

/** A gap of more than this many line heights separates paragraphs. */
const paragraphGap = 1.7;

/** The text of a page: lines in the order of the file, an empty line between paragraphs and behind the page. */
export function pageText(items: readonly TextItem[]): string {
  let text = '';
  let previous: Line | undefined;
  for (const line of linesOf(items)) {
    const gap = previous === undefined ? 0 : (previous.y - line.y) / Math.max(previous.height, line.height, 1);
    // A line above the one before begins another column.
    if (previous !== undefined && (gap > paragraphGap || gap < -0.5)) text += '\n';
    text += `${line.text}\n`;
    previous = line;
  }
  return text === '' ? '' : `${text}\n`;
}

function* linesOf(items: readonly TextItem[]): Generator<Line> {
  let line: TextItem[] = [];
  for (const item of items) {
    if (item.str !== '') line.push(item);
    if (!item.hasEOL) continue;
    yield* lineOf(line);
    line = [];
  }
  yield* lineOf(line);
}

function* lineOf(items: readonly TextItem[]): Generator<Line> {
  const text = joinSpaced(shownForms(inReadingOrder(items).join(''))).trimEnd();
  const first = items.find(({ str }) => str.trim() !== '');
  if (text === '' || first === undefined) return;
  yield { text, y: first.transform[5] ?? 0, height: Math.max(...items.map(({ height }) => height)) };
}

/**
 * Programs that print right-to-left text paint its runs from left to right. The runs are put in the order in which a
 * person reads them: a line that is mostly right-to-left from right to left, and the runs of the other direction within
 * it turned back.
 */
function inReadingOrder(items: readonly TextItem[]): string[] {
  if (!items.some(({ dir }) => dir === 'rtl')) return items.map(({ str }) => str);
  const placed = [...items].sort((a, b) => (a.transform[4] ?? 0) - (b.transform[4] ?? 0));
  const isRightToLeft = letters(placed, 'rtl') >= letters(placed, 'ltr');
  const inner = isRightToLeft ? 'ltr' : 'rtl';
  const ordered = isRightToLeft ? placed.reverse() : placed;
  return turnRuns(ordered, inner).map(({ str }) => (isRightToLeft ? str.replace(/^([.,:;!?]+)(\d[\d.,]*)$/, '$2$1') : str));
}

function letters(items: readonly TextItem[], dir: string): number {
  return items.reduce((sum, item) => sum + (item.dir === dir ? (item.str.match(/\p{L}/gu)?.length ?? 0) : 0), 0);
}

/** Turns every longest row of runs of one direction, with the blanks between them. */
function turnRuns(items: readonly TextItem[], dir: string): TextItem[] {
  const turned: TextItem[] = [];
  let run: TextItem[] = [];
  const flush = (): void => {
    const end = run.findLastIndex(({ str }) => str.trim() !== '') + 1;
    turned.push(...run.slice(0, end).reverse(), ...run.slice(end));
    run = [];
  };
  for (const item of items) {
    const isBlank = item.str.trim() === '';
    if (isBlank ? run.length > 0 : item.dir === dir) run.push(item);
    else {
      flush();
      turned.push(item);
    }
  }
  flush();
  return turned;
}

/** Words that are set with space between their letters, four at least: `S P A C E D`. Wider spaces part words. */
function joinSpaced(text: string): string {
  return text.replace(/(?<!\S)\p{L}(?: \p{L}\p{M}*){3,}(?!\S)/gu, (letters) => letters.replaceAll(' ', ''));
}

/** Letters as they are written, not as they are drawn: Arabic letters have four shapes each, `fi` may be one sign. */
function shownForms(text: string): string {
  return text.replace(/[\ufb00-\ufdff\ufe70-\ufefc]+/g, (forms) => forms.normalize('NFKC'));
}
