import { readVectorBytes } from '../vector-bytes.js';
import type { VectorHit } from '../vector-search.js';
import { BestHits, type Candidate, type RowPlace } from './best-hits.js';
import type { ChunkSource } from './chunk-source.js';
import type { Question } from './question.js';
import { normalise, scalarProduct } from './vector-math.js';

export interface Rescoring {
  readonly source: ChunkSource;
  readonly question: Question;
  readonly limit: number;
  /** The bytes of memory that are free for vectors. */
  readonly freeBytes: number;
}

/**
 * The best of these candidates by their vectors. Those that are not kept from an earlier search are read from the database,
 * and kept as far as there is room; a candidate that the database has no more is none.
 */
export async function rescore(candidates: readonly Candidate[], rescoring: Rescoring): Promise<readonly VectorHit[]> {
  const { source, question, limit } = rescoring;
  const best = new BestHits(limit);
  const missing = candidates.filter((candidate) => {
    const { place } = candidate;
    const vector = isThere(place) ? place.block.kept.get(place.row) : undefined;
    if (vector !== undefined) best.offer(candidate, candidate.ordinal, scalarProduct(vector, 0, question.vector));
    return vector === undefined;
  });
  const keep = keeper(missing, rescoring.freeBytes);
  await source.readVectors(missing, (at, ordinal, bytes, numbers) => {
    const candidate = missing[Number(at)];
    const vector = unitVector(bytes, numbers, question.vector.length);
    if (candidate === undefined || vector === undefined) return;
    best.offer(candidate, ordinal, scalarProduct(vector, 0, question.vector));
    if (isThere(candidate.place)) keep(candidate.place, vector);
  });
  return best.list();
}

/** False when the rows of the block have moved since. */
function isThere(place: RowPlace | undefined): place is RowPlace {
  return place !== undefined && place.block.layout === place.layout;
}

/** Keeps vectors while there is room; without any, older ones of the same blocks make some for the next search. */
function keeper(missing: readonly Candidate[], freeBytes: number): (place: RowPlace, vector: Float32Array) => void {
  let free = freeBytes;
  const needed = missing.reduce((sum, { place }) => sum + (place?.block.kept.bytesEach ?? 0), 0);
  if (needed > free) {
    for (const block of new Set(missing.map(({ place }) => place?.block))) {
      const before = block?.kept.bytes ?? 0;
      block?.kept.age();
      free += before - (block?.kept.bytes ?? 0);
    }
  }
  return ({ block, row }, vector) => {
    if (free < block.kept.bytesEach) return;
    free -= block.kept.bytesEach;
    block.kept.keep(row, vector);
  };
}

/** A vector as it was read, of the length one; undefined for one of other dimensions or without a direction. */
export function unitVector(bytes: Buffer | undefined, numbers: Float32Array, dimensions: number): Float32Array | undefined {
  const vector = new Float32Array(dimensions);
  if ((bytes?.length ?? numbers.byteLength) !== vector.byteLength) return undefined;
  if (bytes === undefined) vector.set(numbers);
  else readVectorBytes(bytes, 0, vector);
  return normalise(vector, 0, dimensions) ? vector : undefined;
}
