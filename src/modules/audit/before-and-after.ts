import { isDeepStrictEqual } from 'node:util';
import { toUnixSeconds } from '../../contracts/times.js';

/** Fields of an object under the names that the admin plane gives them. */
export type AuditedFields = Readonly<Record<string, unknown>>;

/** What a change made of an object: the same fields as they were and as they are. */
export interface BeforeAndAfter {
  readonly before: AuditedFields;
  readonly changes: AuditedFields;
}

/**
 * These columns of a record as the admin plane shows them: names in snake case, times in Unix seconds. They are listed one
 * by one, so that a secret is never among them by chance.
 */
export function auditedFields<R extends object>(record: R, columns: readonly (keyof R & string)[]): AuditedFields {
  return Object.fromEntries(columns.map((column) => [snakeCase(column), shown(record[column])]));
}

/**
 * The fields in which an object differs after a change. A field that one of the two lacks is null there.
 * @param given fields that are named even when they read the same: a secret that was replaced is `set` before and after.
 */
export function beforeAndAfter(before: AuditedFields, after: AuditedFields, given: readonly string[] = []): BeforeAndAfter {
  const [old, now] = [plain(before), plain(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => given.includes(name) || !isDeepStrictEqual(old[name] ?? null, now[name] ?? null));
  const pick = (from: AuditedFields) => Object.fromEntries(changed.map((name) => [name, from[name] ?? null]));
  return { before: pick(old), changes: pick(now) };
}

/** True for an update that left everything as it was. */
export function changesNothing({ before, changes = {} }: Partial<BeforeAndAfter>): boolean {
  return before !== undefined && Object.keys({ ...before, ...changes }).length === 0;
}

/** As it is stored: two values that JSON does not tell apart are the same. */
function plain(fields: AuditedFields): AuditedFields {
  return JSON.parse(JSON.stringify(fields)) as AuditedFields;
}

function shown(value: unknown): unknown {
  return value instanceof Date ? toUnixSeconds(value) : value;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
