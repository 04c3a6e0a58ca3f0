import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { jsonLines } from './json-lines.js';
import { readTextFile } from './text-file.js';

/** Characters that are collected before they are handed on. */
const sectionLength = 64 * 1024;

/** JSON and JSON lines: a line for each value with its path. */
export async function* parseJson(input: ParserInput): AsyncGenerator<Section> {
  let text = '';
  for (const line of jsonLines(await readTextFile(input))) {
    text += line;
    if (text.length < sectionLength) continue;
    yield { text, source: {} };
    text = '';
  }
  yield { text, source: {} };
}
