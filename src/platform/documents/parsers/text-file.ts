import { readFile, stat } from 'node:fs/promises';
import { cleanText } from '../clean-text.js';
import { withoutDataUris } from '../data-uris.js';
import { DocumentFailure } from '../document-failure.js';
import type { ParserInput } from '../parser-input.js';
import { decodeText, encodingOf } from '../text-decoding.js';

/**
 * The text of a text file without the data of pictures in it, whatever its encoding; `declared` finds what the text itself says of it.
 * @throws DocumentFailure too_large_uncompressed, unsupported_type when it is no text.
 */
export async function readTextFile(input: ParserInput, declared?: (head: string) => string | undefined): Promise<string> {
  const { size } = await stat(input.path);
  // Four bytes is the longest a character can be.
  if (size > Math.min(input.limits.maxUncompressedBytes, input.limits.maxTextLength * 4))
    throw new DocumentFailure('too_large_uncompressed');
  const bytes = await readFile(input.path);
  const encoding = encodingOf(bytes, declared?.(bytes.subarray(0, 4096).toString('latin1')));
  if (encoding === undefined) throw new DocumentFailure('unsupported_type');
  return withoutDataUris(cleanText(decodeText(bytes, encoding)));
}
