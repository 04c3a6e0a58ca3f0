import type { JsonBody } from '../wire/json-body.js';
import type { Edit } from '../wire/json-edit.js';
import { sentNumber } from './sent-number.js';

/** Members of a chat that say how long the answer may be; the last one counts. */
const names = ['max_tokens', 'max_completion_tokens'];

/** How many tokens the answer of a chat may have, as it goes out; undefined where it does not say. */
export function longestAnswer(body: JsonBody, edits: ReadonlyMap<string, Edit>): number | undefined {
  return names.flatMap((name) => sentNumber(body, edits, name) ?? []).at(-1);
}
