import { createHash } from 'node:crypto';

/** The hash before the first row of every chain. */
export const chainStart: Buffer = Buffer.alloc(32);

/**
 * The hash of a row in its chain: SHA-256 of the hash before, the row as canonical JSON in UTF-8, and the row's number in
 * decimal digits. It covers all columns; those that are null are left out, so that a column that comes later changes no hash.
 * @param row its columns by name, `seq` and `hash` left out.
 */
export function chainHash(previous: Uint8Array, row: Readonly<Record<string, unknown>>, seq: number): Buffer {
  const columns = Object.entries(row).filter(([, value]) => value !== null);
  return createHash('sha256')
    .update(previous)
    .update(canonicalJson(Object.fromEntries(columns)))
    .update(String(seq))
    .digest();
}

/** JSON in the one form of RFC 8785: members in the order of their UTF-16 code units, no spaces. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
