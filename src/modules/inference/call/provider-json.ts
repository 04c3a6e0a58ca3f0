import { isFields, type Fields } from '../../../kernel/fields.js';
import { OPEN_BRACE } from '../../../kernel/json-bytes.js';
import { jsonSize } from '../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { readExact } from '../wire/exact-json.js';
import { skipSpace } from '../wire/json-tokens.js';
import { wrongAnswer } from './wrong-answer.js';

/** Parsing more values at once would hold up everybody. */
const maxValues = 100_000;

/**
 * The JSON object that an event's data or a reply is, whatever white space and byte order mark stand before it; undefined for
 * what does not begin as an object, such as `[DONE]`.
 * @throws AppError upstream_error for what begins as one and is none, or has too many values.
 */
export function providerObject(bytes: Buffer): Fields | undefined {
  const start = startOfJson(bytes);
  return bytes[start] === OPEN_BRACE ? readProvider(bytes.subarray(start)) : undefined;
}

function startOfJson(bytes: Buffer): number {
  const first = skipSpace(bytes, 0, bytes.length);
  const hasMark = bytes[first] === 0xef && bytes[first + 1] === 0xbb && bytes[first + 2] === 0xbf;
  return hasMark ? skipSpace(bytes, first + 3, bytes.length) : first;
}

/**
 * JSON of a provider, its numbers as they were written.
 * @throws AppError upstream_error for what is no JSON object, or has too many values.
 */
export function readProvider(bytes: Buffer): Fields {
  if (jsonSize(bytes, maxValues).values > maxValues) throw wrongAnswer('it has too many values to be read');
  const plain = parsedOrUndefined(bytes);
  if (plain === undefined) throw wrongAnswer('it is no JSON');
  const read = readExact(bytes, plain);
  if (!isFields(read)) throw wrongAnswer('it is no JSON object');
  return read;
}
