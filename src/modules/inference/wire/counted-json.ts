import { jsonSize } from '../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';

/** No answer of a model comes near so many. */
const maxValues = 100_000;

/** Whether an answer of a provider has so many values that parsing it at once would hold up everybody. */
export function hasTooManyValues(bytes: Buffer, start = 0, end = bytes.length): boolean {
  return jsonSize(bytes, maxValues, start, end).values > maxValues;
}

/** What JSON of a provider says; undefined where it is no JSON, or has too many values to be parsed at once. */
export function parseCounted(bytes: Buffer, start = 0, end = bytes.length): unknown {
  return hasTooManyValues(bytes, start, end) ? undefined : parsedOrUndefined(bytes.subarray(start, end));
}
