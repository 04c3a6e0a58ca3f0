import { joinHyphenated } from '../clean-text.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { readTextFile } from './text-file.js';

/** Plain text: as it stands, but for words parted at a line's end. */
export async function* parsePlainText(input: ParserInput): AsyncGenerator<Section> {
  yield { text: joinHyphenated(await readTextFile(input)), source: {} };
}
