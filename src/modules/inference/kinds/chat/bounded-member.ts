import { jsonSize } from '../../../../kernel/json-size.js';
import { invalid } from '../../call/request-body.js';
import { readExact } from '../../wire/exact-json.js';
import { readMember, type JsonBody } from '../../wire/json-body.js';
import type { ScannedMember } from '../../wire/json-scan.js';

/** So many values may a member have that is parsed here; those that only pass are not counted. */
const maxValues = 30_000;

/**
 * A member's value. Parsing it is one step of the event loop, and what it takes goes by the number of values.
 * @param what the calls of which members are parsed, for the sentence of the refusal.
 * @throws AppError invalid_value for one with too many values, invalid_request for one that is no JSON.
 */
export function boundedMember({ bytes }: JsonBody, member: ScannedMember, what: string): unknown {
  if (jsonSize(bytes, maxValues, member.valueStart, member.valueEnd).values > maxValues)
    throw invalid(member.key, `${what} takes at most ${maxValues} values in it`);
  return readMember(bytes, member);
}

/** The same with all numbers as they were written, from what `boundedMember` gave. */
export function exactMember({ bytes }: JsonBody, { valueStart, valueEnd }: ScannedMember, value: unknown): unknown {
  return readExact(bytes.subarray(valueStart, valueEnd), value);
}
