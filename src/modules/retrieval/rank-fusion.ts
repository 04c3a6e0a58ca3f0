/** What names a chunk within a tenant. */
export interface ChunkKey {
  readonly fileId: string;
  /** Empty: the file's own ingestion. */
  readonly ingestionId: string;
  readonly ordinal: number;
}

export interface RankedChunk extends ChunkKey {
  readonly score: number;
}

/** The constant of the method: how much less a second place counts than a first. */
const k = 60;

/**
 * Reciprocal rank fusion: a chunk's score is the sum of 1 / (60 + its place) over the lists in which it stands. Places count,
 * not the lists' own scores, which cannot be compared. The best first; equal scores by file, ingestion and ordinal.
 */
export function fuseRanks(lists: readonly (readonly ChunkKey[])[]): RankedChunk[] {
  const fused = new Map<string, ChunkKey & { score: number }>();
  for (const list of lists) {
    list.forEach(({ fileId, ingestionId, ordinal }, index) => {
      const key = JSON.stringify([fileId, ingestionId, ordinal]);
      const entry = fused.get(key) ?? { fileId, ingestionId, ordinal, score: 0 };
      entry.score += 1 / (k + index + 1);
      fused.set(key, entry);
    });
  }
  return [...fused.values()].sort(
    (a, b) => b.score - a.score || compare(a.fileId, b.fileId) || compare(a.ingestionId, b.ingestionId) || a.ordinal - b.ordinal,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
