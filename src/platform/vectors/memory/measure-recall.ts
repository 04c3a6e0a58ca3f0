import type { RecallSample, VectorHit } from '../vector-search.js';
import { BestHits } from './best-hits.js';
import type { ChunkPlace } from './chunk-source.js';
import type { VectorBlock } from './vector-block.js';
import { scalarProduct } from './vector-math.js';

/** Hits of a search that are looked at. */
export const recallAt = 10;

/** Passages of a block at random, each at most once. */
export function samplePassages(block: VectorBlock, count: number): ChunkPlace[] {
  const wanted = new Set<number>();
  while (wanted.size < Math.min(count, block.size)) wanted.add(Math.floor(Math.random() * block.size));
  const places: ChunkPlace[] = [];
  let before = 0;
  for (const piece of block.pieces()) {
    for (const at of wanted) {
      const passage = at >= before && at < before + piece.count ? block.passage(piece.first + at - before) : undefined;
      if (passage === undefined) continue;
      places.push({ fileId: passage.set.fileId, ingestionId: passage.set.ingestionId, ordinal: passage.ordinal });
    }
    before += piece.count;
  }
  return places;
}

/** One question, a passage's own vector, with what was found for it, and what comparing all finds. */
export class RecallQuestion {
  readonly exact = new BestHits(recallAt + 1);

  constructor(
    private readonly passage: ChunkPlace,
    readonly vector: Float32Array,
    private readonly found: readonly VectorHit[],
  ) {}

  /** Looks at one more passage of all. */
  compare(set: { readonly fileId: string; readonly ingestionId: string }, ordinal: number, vector: Float32Array): void {
    this.exact.offer(set, ordinal, scalarProduct(vector, 0, this.vector));
  }

  /** The part that was found; the passage itself does not count. Passages as near as the last one are as good. */
  recall(): number {
    const others = (hits: readonly VectorHit[]): VectorHit[] =>
      hits.filter((hit) => !isSame(hit, this.passage)).slice(0, recallAt);
    const expected = others(this.exact.list());
    const last = expected.at(-1)?.score ?? 0;
    const found = others(this.found).filter(({ score }) => score >= last - 1e-6);
    return expected.length === 0 ? 1 : Math.min(1, found.length / expected.length);
  }
}

/** The mean of all; null for none. */
export function meanRecall(questions: readonly RecallQuestion[]): RecallSample | null {
  if (questions.length === 0) return null;
  return { value: questions.reduce((sum, question) => sum + question.recall(), 0) / questions.length, sampled: questions.length };
}

function isSame(hit: VectorHit, passage: ChunkPlace): boolean {
  return hit.fileId === passage.fileId && hit.ingestionId === passage.ingestionId && hit.ordinal === passage.ordinal;
}
