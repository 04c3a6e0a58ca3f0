import type { AppError } from '../../kernel/app-error.js';
import { isFields, type Fields } from '../../kernel/fields.js';
import { changedObject, responseEvent } from '../inference/background/shown-response.js';
import { printExact, readExact } from '../inference/wire/exact-json.js';
import { parsedOrUndefined } from '../../kernel/parse-json.js';
import type { StoredEvent } from '../responses/background/background-record.js';

/** A response without an answer, and the event that tells it. */
export interface ShownEnd {
  readonly object: string;
  readonly event: (number: number) => StoredEvent;
}

const refusedRequest: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * How a response is shown that failed.
 * @param last what its stream would have ended with: it may have more of the answer than `object`.
 */
export function failedEnd(object: string, error: AppError, last?: string): ShownEnd {
  const told = last === undefined ? undefined : lastResponse(last);
  const shown = changedObject(told ?? object, { status: 'failed', error: { code: codeOf(error), message: error.message } });
  return { object: shown, event: (number) => responseEvent('response.failed', number, shown) };
}

/** How one is shown that was cancelled. */
export function cancelledEnd(object: string): ShownEnd {
  const shown = changedObject(object, { status: 'cancelled', error: null });
  return { object: shown, event: (number) => responseEvent('response.failed', number, shown) };
}

/** Of OpenAI's codes for a response's error those that can be meant. */
function codeOf({ status }: AppError): string {
  if (status === 429) return 'rate_limit_exceeded';
  return refusedRequest.has(status) ? 'invalid_prompt' : 'server_error';
}

/** The response that the last of these events shows. */
function lastResponse(events: string): string | undefined {
  const at = events.lastIndexOf('data: ');
  const bytes = Buffer.from(events.slice(at + 'data: '.length).trim());
  const parsed = at === -1 ? undefined : parsedOrUndefined(bytes);
  const read = parsed === undefined ? undefined : readExact(bytes, parsed);
  return isFields(read) && isFields(read['response']) ? printExact(read['response'] satisfies Fields) : undefined;
}
