import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { readTextFile } from './text-file.js';

/** Plain text: as it stands. */
export async function* parsePlainText(input: ParserInput): AsyncGenerator<Section> {
  yield { text: await readTextFile(input), source: {} };
}
