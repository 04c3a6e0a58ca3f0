import { isFields, type Fields } from '../../kernel/fields.js';

/**
 * The one rule that says whether a provider's answer with a good status is an answer or an error: many providers, and
 * proxies in front of them, tell an error with status 200. It is an error when it says so (`error` with something in it,
 * `object` or `type` named `error`), when one of its choices does (`finish_reason: "error"` too), and when what was asked
 * for is absent or empty. Null, empty and false say nothing.
 */

/**
 * Why a reply is no answer, in words for the log; undefined when it is one.
 * @param reply parsed.
 * @param member where what was asked for stands: `choices` or `data`.
 */
export function answerFault(reply: unknown, member: string): string | undefined {
  if (!isFields(reply)) return 'it is no object';
  if (saysError(reply)) return 'it tells an error';
  const asked = reply[member];
  if (!Array.isArray(asked) || asked.length === 0) return `it has no ${member}`;
  return elementsTellError(asked) ? `one of its ${member} tells an error` : undefined;
}

/** True for an object that tells an error itself: a reply, an event or a choice. */
export function saysError(value: Fields): boolean {
  return isError(value['error']) || value['object'] === 'error' || value['type'] === 'error';
}

/** True when one of the choices of a reply or an event, or one of its vectors, tells an error. */
export function elementsTellError(elements: unknown): boolean {
  return (
    Array.isArray(elements) &&
    elements.some((element) => isFields(element) && (saysError(element) || element['finish_reason'] === 'error'))
  );
}

/** True for the value of a member `error` that tells one. */
function isError(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
