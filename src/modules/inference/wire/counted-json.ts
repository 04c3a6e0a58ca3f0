import { jsonSize } from '../../../kernel/json-size.js';

/** No answer of a model comes near so many. */
const maxValues = 100_000;

/** Whether an answer of a provider has so many values that parsing it at once would hold up everybody. */
export function hasTooManyValues(bytes: Buffer, start = 0, end = bytes.length): boolean {
  return jsonSize(bytes, maxValues, start, end).values > maxValues;
}

/** What JSON of a provider says; undefined where it is no JSON, or has too many values to be parsed at once. */
export function parseCounted(bytes: Buffer, start = 0, end = bytes.length): unknown {
  if (hasTooManyValues(bytes, start, end)) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}
