import { isFields, type Fields } from '../../../kernel/fields.js';
import { jsonSize } from '../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { readExact } from '../wire/exact-json.js';
import { wrongAnswer } from './wrong-answer.js';

/** Parsing more values at once would hold up everybody. */
const maxValues = 100_000;

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
