import { parse } from 'csv-parse/sync';
import { DocumentFailure } from '../document-failure.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { TableLines } from './table-lines.js';
import { readTextFile } from './text-file.js';

const delimiters = [',', ';', '\t', '|'];

/** CSV and TSV: one line for each row, with the names of its columns. */
export async function* parseCsv(input: ParserInput): AsyncGenerator<Section> {
  const text = await readTextFile(input);
  const lines = new TableLines();
  const pieces: string[] = [];
  const take = (row: string[]): null => {
    pieces.push(lines.line(row));
    return null;
  };
  try {
    // `on_record` gives each row away at once: the table is never in memory as rows.
    parse(text, { delimiter: delimiterOf(text), relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true, onRecord: take });
  } catch (error) {
    throw new DocumentFailure('damaged_file', { cause: error });
  }
  yield { text: pieces.join(''), source: {} };
}

/** The delimiter that stands most often outside of quotes in the first lines. */
function delimiterOf(text: string): string {
  const head = text.slice(0, 16_384).replace(/"(?:[^"]|"")*"/g, '');
  const counts = delimiters.map((delimiter) => head.split(delimiter).length - 1);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}
