import { Money } from '../contracts/money.js';

/** One value in one line of a terminal. Times in Unix seconds come out as dates, and nothing can steer the terminal. */
export function cellText(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (value instanceof Money) return value.text();
  if (typeof value === 'number' && isTime(name)) return dateText(value);
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map((item) => cellText('', item)).join(', ');
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '-' : printable(JSON.stringify(value));
  return printable(String(value));
}

function isTime(name: string): boolean {
  return name.endsWith('_at') || name === 'valid_from';
}

/** Names of fields are those of people too, and so may their numbers be: what is no time stays a number. */
function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}

/** Rows under their headings, columns aligned, numbers and money to the right; each line ends with a line break. */
export function table(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const decimals = columns.map((name) => Math.max(...rows.map((row) => decimalsOf(row[name]))));
  const textOf = (name: string, value: unknown, at: number): string =>
    value instanceof Money ? value.text(decimals[at]) : cellText(name, value);
  const cells = rows.map((row) => columns.map((name, at) => textOf(name, row[name], at)));
  const lines = [columns.map((name) => name.replaceAll('_', ' ').toUpperCase()), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const isNumber = (value: unknown): boolean => typeof value === 'number' || value instanceof Money;
  const isNumeric = columns.map(
    (name) =>
      !isTime(name) && rows.every((row) => row[name] == null || isNumber(row[name])) && rows.some((row) => isNumber(row[name])),
  );
  const pad = (text: string, at: number): string =>
    isNumeric[at] === true ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  return lines.map((line) => `${line.map(pad).join('  ').trimEnd()}\n`).join('');
}

/** Points stand below each other: all money of a column has the decimals of the finest. */
function decimalsOf(value: unknown): number {
  return value instanceof Money ? value.decimals : 0;
}

/** One object, a line for each field; an object within it has lines of its own below its name, further to the right. */
export function fieldLines(object: Readonly<Record<string, unknown>>): string {
  return linesOf(Object.entries(object).filter(([name]) => name !== 'object')).join('');
}

function linesOf(fields: readonly (readonly [string, unknown])[]): string[] {
  const shown = fields.map(([name, value]) => [printable(name), name, value] as const);
  const width = Math.max(0, ...shown.map(([heading, , value]) => (hasFields(value) ? 0 : heading.length)));
  return shown.flatMap(([heading, name, value]) =>
    hasFields(value)
      ? [`${heading}\n`, ...linesOf(Object.entries(value)).map((line) => `  ${line}`)]
      : [`${heading.padEnd(width)}  ${cellText(name, value)}\n`],
  );
}

function hasFields(value: unknown): value is object {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Money);
  return isObject && Object.keys(value).length > 0;
}

/** Text with every control character replaced: names come from others. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}
