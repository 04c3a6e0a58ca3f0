import { QUOTE } from '../../../kernel/json-bytes.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { elementsTellError } from '../../provider-answers/answer-fault.js';
import { findMember, type JsonBody } from './json-body.js';
import type { ScannedMember } from './json-scan.js';
import { skipSpace } from './json-tokens.js';

const ERROR = Buffer.from('"error"');

/**
 * True for a reply or an event that tells an error of itself: `{"error": …}`, or the forms `{"object":"error"}` and
 * `{"type":"error"}` of some servers.
 */
export function tellsError({ bytes, scan }: JsonBody): boolean {
  for (const { key, kind, valueStart, valueEnd } of scan.members) {
    if (key === 'error' && kind !== 'null' && kind !== 'false' && !isEmpty(bytes, valueStart, valueEnd)) return true;
    if (
      (key === 'object' || key === 'type') &&
      valueEnd - valueStart === ERROR.length &&
      bytes.indexOf(ERROR, valueStart) === valueStart
    )
      return true;
  }
  return false;
}

/**
 * True when an element of the member, an array, tells an error. The word `error` as a name or a whole text is looked for
 * first: only an array with it is parsed.
 */
export function elementsTell(bytes: Buffer, { valueStart, valueEnd }: ScannedMember): boolean {
  const found = bytes.subarray(valueStart, valueEnd).indexOf(ERROR);
  return found !== -1 && elementsTellError(parsedOrUndefined(bytes.subarray(valueStart, valueEnd)));
}

/** True for an event with at least one choice. */
export function hasChoices({ bytes, scan }: JsonBody): boolean {
  const choices = findMember(scan, 'choices');
  return choices?.kind === 'array' && !isEmpty(bytes, choices.valueStart, choices.valueEnd);
}

/** True for `""`, `{}`, `[]` and `0`, with blanks in them or not. */
export function isEmpty(bytes: Buffer, valueStart: number, valueEnd: number): boolean {
  if (valueEnd - valueStart < 2) return bytes[valueStart] === 0x30;
  return (
    skipSpace(bytes, valueStart + 1, valueEnd) >= valueEnd - 1 && (bytes[valueStart] !== QUOTE || valueEnd - valueStart === 2)
  );
}
