import type { VectorHit } from '../vector-search.js';
import type { PassageSet } from './passage-set.js';

/** Negative when `left` comes first: the higher score, then the smaller file id, ingestion id and ordinal. */
export function compareHits(left: VectorHit, right: VectorHit): number {
  if (left.score !== right.score) return right.score - left.score;
  if (left.fileId !== right.fileId) return left.fileId < right.fileId ? -1 : 1;
  if (left.ingestionId !== right.ingestionId) return left.ingestionId < right.ingestionId ? -1 : 1;
  return left.ordinal - right.ordinal;
}

/** The best of any number of hits, in their order whatever the order in which they were offered. */
export class BestHits {
  private readonly hits: VectorHit[] = [];
  private lowest = -Infinity;

  constructor(private readonly limit: number) {}

  offer({ fileId, ingestionId }: PassageSet, ordinal: number, score: number): void {
    if (score < this.lowest || this.limit <= 0) return;
    const hit = { fileId, ingestionId, ordinal, score };
    let at = this.hits.length;
    for (; at > 0; at -= 1) {
      const before = this.hits[at - 1];
      if (before === undefined || compareHits(before, hit) <= 0) break;
    }
    this.hits.splice(at, 0, hit);
    if (this.hits.length > this.limit) this.hits.pop();
    if (this.hits.length === this.limit) this.lowest = this.hits.at(-1)?.score ?? -Infinity;
  }

  list(): readonly VectorHit[] {
    return this.hits;
  }
}
