import { parse } from 'csv-parse/sync';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { TableLines } from './table-lines.js';
import { readTextFile } from './text-file.js';

const delimiters = [',', ';', '\t', '|'];

/** CSV and TSV: one line for each row, with the names of its columns. */
export async function* parseCsv(input: ParserInput): AsyncGenerator<Section> {
  const text = await readTextFile(input);
  let lines: string;
  try {
    lines = linesOf(text, '"');
  } catch {
    // Quotes that do not pair are no quotes: inches, or the end of a file that was cut.
    lines = linesOf(text, false);
  }
  yield { text: lines, source: {} };
}

function linesOf(text: string, quote: '"' | false): string {
  const lines = new TableLines();
  const pieces: string[] = [];
  // Each row is given away at once: the table is never in memory as rows.
  const take = (row: string[]): null => {
    pieces.push(lines.line(row));
    return null;
  };
  parse(text, {
    delimiter: delimiterOf(text),
    quote,
    relaxColumnCount: true,
    relaxQuotes: true,
    skipEmptyLines: true,
    onRecord: take,
  });
  return pieces.join('');
}

/** The delimiter that stands most often outside of quotes in the first lines. */
function delimiterOf(text: string): string {
  const head = text.slice(0, 16_384).replace(/"(?:[^"]|"")*"/g, '');
  const counts = delimiters.map((delimiter) => head.split(delimiter).length - 1);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}
