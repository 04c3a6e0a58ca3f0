import { statementLine, type StatementLine } from './statements.js';

const columns = Object.keys(statementLine.shape) as (keyof StatementLine)[];

/** Lines of a statement as CSV (RFC 4180) with a heading; amounts are in micro-units. */
export function statementCsv(lines: readonly StatementLine[]): string {
  const rows = lines.map((line) => columns.map((name) => csvCell(line[name])));
  return [columns, ...rows].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** Names come from others, and a spreadsheet takes some texts for formulas: these begin with an apostrophe. */
function csvCell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
