import { parse } from 'csv-parse/sync';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { withDelimiter } from './csv-delimiter.js';
import { TableLines } from './table-lines.js';
import { readTextFile } from './text-file.js';

/** CSV and TSV: one line for each row, with the names of its columns. */
export async function* parseCsv(input: ParserInput): AsyncGenerator<Section> {
  const { delimiter, table } = withDelimiter(await readTextFile(input));
  const read = (quote: '"' | false): string => linesOf(table, delimiter, quote, input.onProgress);
  let lines: string;
  try {
    lines = read('"');
  } catch {
    // Quotes that do not pair are no quotes: inches, or the end of a file that was cut.
    lines = read(false);
  }
  yield { text: lines, source: {} };
}

function linesOf(table: string, delimiter: string, quote: '"' | false, onProgress: (percent: number) => void): string {
  const size = Buffer.byteLength(table);
  const lines = new TableLines();
  const pieces: string[] = [];
  // Each row is given away at once: the table is never in memory as rows.
  const take = (row: string[], { bytes }: { readonly bytes: number }): null => {
    pieces.push(lines.add(row));
    onProgress((100 * bytes) / size);
    return null;
  };
  parse(table, { delimiter, quote, relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true, onRecord: take });
  pieces.push(lines.finish());
  return pieces.join('');
}
