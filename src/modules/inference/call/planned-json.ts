import { AppError } from '../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../kernel/fields.js';
import { jsonSize } from '../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { readExact } from '../wire/exact-json.js';
import type { CallPlan } from './call-plan.js';
import { invalid } from './request-body.js';

/** So many values may a request have that is said anew: reading it is one step of the event loop. */
const maxValues = 100_000;

/**
 * The body of a call that was planned for one wire and is said anew for another, its numbers as they were written.
 * @param largest the member that is named where it has too many values.
 * @throws AppError invalid_value, invalid_request.
 */
export function readPlannedJson({ body }: Pick<CallPlan, 'body'>, largest: string): Fields {
  if (!Buffer.isBuffer(body)) throw new Error('The request has a body of JSON.');
  if (jsonSize(body, maxValues).values > maxValues) throw invalid(largest, `the request has more than ${maxValues} values`);
  const plain = parsedOrUndefined(body);
  if (!isFields(plain))
    throw new AppError('invalid_request', { message: 'Could not parse your JSON body: it is not valid JSON.' });
  return readExact(body, plain) as Fields;
}
