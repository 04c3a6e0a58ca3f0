import type { IngestionKey } from '../vector-search.js';

/** The passages of one ingestion of a file; they are replaced as a whole. */
export type PassageSet = IngestionKey;

/** One text that names the set. */
export function setKey({ fileId, ingestionId }: PassageSet): string {
  return ingestionId === '' ? fileId : `${fileId}/${ingestionId}`;
}

/** The keys of the sets that a scope's filter keeps; undefined when it keeps all. */
export type KeptSets = ReadonlySet<string> | undefined;

/** True for a set that the filter keeps. */
export function isKept(kept: KeptSets, key: string): boolean {
  return kept?.has(key) ?? true;
}
