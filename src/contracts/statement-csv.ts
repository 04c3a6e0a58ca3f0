import { csvLine } from './csv.js';
import { statementLine, type StatementLine } from './statements.js';

const columns = Object.keys(statementLine.shape) as (keyof StatementLine)[];

/** Lines of a statement as CSV with a heading; amounts are in micro-units. */
export function statementCsv(lines: readonly StatementLine[]): string {
  return csvLine(columns) + lines.map((line) => csvLine(columns.map((name) => line[name]))).join('');
}
