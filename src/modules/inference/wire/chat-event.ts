import { findMember, type JsonBody } from './json-body.js';
import { skipSpace } from './json-tokens.js';

/** True for an event that tells an error: `{"error": …}`, or the forms `{"object":"error"}` and `{"type":"error"}` of some servers. */
export function tellsError({ bytes, scan }: JsonBody): boolean {
  for (const { key, kind, valueStart, valueEnd } of scan.members) {
    if (key === 'error' && kind !== 'null' && kind !== 'false' && valueEnd - valueStart > 2) return true;
    if ((key === 'object' || key === 'type') && bytes.toString('latin1', valueStart, valueEnd) === '"error"') return true;
  }
  return false;
}

/** True for an event with at least one choice. */
export function hasChoices({ bytes, scan }: JsonBody): boolean {
  const choices = findMember(scan, 'choices');
  return choices?.kind === 'array' && skipSpace(bytes, choices.valueStart + 1, choices.valueEnd) !== choices.valueEnd - 1;
}
