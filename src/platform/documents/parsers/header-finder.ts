/** What the first rows of a table are. */
export interface TableHead {
  /** Rows above the header that name nothing: a title, a date, a note. */
  readonly titles: number;
  /** Rows of the header. */
  readonly headers: number;
  /** The names of the columns; empty without a header. */
  readonly names: readonly string[];
}

const longestName = 100;
const longestTitle = 300;

/** Finds the names of the columns in the first rows of a table, of which none is empty. */
export class HeaderFinder {
  constructor(private readonly rows: readonly (readonly string[])[]) {}

  find(): TableHead {
    const titles = this.titleRows();
    const header = this.rows[titles];
    const below = this.rows.slice(titles + 1);
    if (header === undefined || !isHeader(header, below)) return { titles: 0, headers: 0, names: [] };
    const second = below[0];
    if (second !== undefined && isSecondHeader(header, second, below.slice(1))) {
      return { titles, headers: 2, names: joinedNames(header, second) };
    }
    return { titles, headers: 1, names: header };
  }

  /** The rows of one text each at the beginning, where the rows below have more cells. */
  private titleRows(): number {
    const width = Math.max(0, ...this.rows.map((row) => distinct(row)));
    if (width < 2) return 0;
    const first = this.rows.findIndex(
      (row) => distinct(row) > 1 || (row.find((cell) => cell !== '')?.length ?? 0) > longestTitle,
    );
    return Math.max(0, first);
  }
}

/** A header's cells are names or years, the first of them filled; what stands below is not all of the same kind. */
function isHeader(cells: readonly string[], below: readonly (readonly string[])[]): boolean {
  const filled = cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
  const named = filled.filter((cell) => cell !== '');
  if (named.length === 0 || !named.every((cell) => isName(cell) || isYear(cell))) return false;
  // The cell above the names of the rows may be empty, and a few others.
  if (named.length < filled.length && (named.length < 2 || named.length * 2 < filled.length)) return false;
  if (named.length === 1 && cells.length > 1) return false;
  // Years may as well be data: they are names where the cells below are none, or beside other names.
  const years = cells.flatMap((cell, column) => (isYear(cell) ? [column] : []));
  const areData = years.every((column) => {
    const values = below.map((row) => row[column] ?? '').filter((cell) => cell !== '');
    return values.length === 0 ? named.every(isYear) : values.every(isYear);
  });
  return years.length === 0 || !areData;
}

/** Below names that stand over several columns, others name each of them. */
function isSecondHeader(first: readonly string[], second: readonly string[], below: readonly (readonly string[])[]): boolean {
  const isWide = first.some((cell, column) => column > 0 && cell !== '' && cell === first[column - 1]);
  const isTall = first.some((cell, column) => cell !== '' && cell === second[column]);
  if (!isWide || below.length === 0) return false;
  const filled = second.filter((cell) => cell !== '');
  if (!filled.every((cell) => isName(cell) || isYear(cell))) return false;
  // Without a cell that reaches over both rows, numbers must tell the rows below from names.
  const repeated = first.flatMap((cell, column) =>
    cell !== '' && (cell === first[column - 1] || cell === first[column + 1]) ? [column] : [],
  );
  const areDistinct = new Set(repeated.map((column) => `${first[column]} ${second[column]}`)).size === repeated.length;
  return (
    areDistinct &&
    (isTall || repeated.every((column) => below.some((row) => /^[-+\d.,\s%€$£]*\d[-+\d.,\s%€$£]*$/.test(row[column] ?? ''))))
  );
}

function joinedNames(first: readonly string[], second: readonly string[]): string[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, column) => {
    const [upper = '', lower = ''] = [first[column], second[column]];
    return upper === lower ? upper : `${upper} ${lower}`.trim();
  });
}

/** How many different cells a row has; 2 stands for more. */
function distinct(row: readonly string[]): number {
  const first = row.find((cell) => cell !== '');
  return first === undefined ? 0 : row.some((cell) => cell !== '' && cell !== first) ? 2 : 1;
}

function isName(cell: string): boolean {
  return cell.length <= longestName && /\p{L}/u.test(cell);
}

/** A year, years as `2025/26`, a month or a day. */
function isYear(cell: string): boolean {
  return /^(?:(?:1[89]|2[01])\d\d(?:[-/–.]\d{1,4}(?:[-/.]\d{1,2})?)?|\d{1,2}[-/.](?:\d{1,2}[-/.])?(?:1[89]|2[01])\d\d)$/.test(
    cell,
  );
}
