import { z } from 'zod';
import { chainName, type Chain } from './chain.js';

/** Where a chain ended at a moment, as the object store keeps it: the database alone cannot take it back. */
export const anchorForm = z.object({
  /** The tenant's id, or `operators`. */
  chain: z.string(),
  seq: z.number().int().positive(),
  /** In hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it was written, in ISO 8601. */
  at: z.iso.datetime(),
});

export type Anchor = z.infer<typeof anchorForm>;

/** An anchor and its day in UTC, like 2027-01-31. */
export interface DayAnchor extends Anchor {
  readonly day: string;
}

/** What the keys of a chain's anchors begin with. It is no file's prefix, so that no sweep of files takes them for its own. */
export function anchorPrefix(installation: string, chain: Chain): string {
  const body = (id: string): string => id.slice(id.indexOf('_') + 1);
  return `audit_${body(installation)}${body(chainName(chain))}/`;
}

/** The key of a day's anchor. @param day like 2027-01-31. */
export function anchorKey(installation: string, chain: Chain, day: string): string {
  return `${anchorPrefix(installation, chain)}day_${day.replaceAll('-', '')}`;
}

/** The day of a key of `anchorKey`; undefined for other keys. */
export function dayOfKey(key: string): string | undefined {
  const [, year, month, day] = /\/day_(\d{4})(\d\d)(\d\d)$/.exec(key) ?? [];
  return year === undefined ? undefined : `${year}-${month ?? ''}-${day ?? ''}`;
}

/** The day of a moment in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
