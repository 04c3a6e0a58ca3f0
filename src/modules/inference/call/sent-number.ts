import { findMember, readMember, type JsonBody } from '../wire/json-body.js';
import type { Edit } from '../wire/json-edit.js';

/** The number that a member of a request says as it goes out: the one that is set in its place, else its own. */
export function sentNumber(body: JsonBody, edits: ReadonlyMap<string, Edit>, name: string): number | undefined {
  const edit = edits.get(name);
  if (edit?.op === 'set') {
    const set: unknown = JSON.parse(edit.value.toString('utf8'));
    return typeof set === 'number' ? set : undefined;
  }
  const member = edit === undefined ? findMember(body.scan, name) : undefined;
  return member?.kind === 'number' ? (readMember(body.bytes, member) as number) : undefined;
}
