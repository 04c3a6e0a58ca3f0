import type { VectorHit } from '../vector-search.js';
import type { PassageSet } from './passage-set.js';
import type { VectorBlock } from './vector-block.js';

/** A row of a block, as long as the block's layout is this one. */
export interface RowPlace {
  readonly block: VectorBlock;
  readonly layout: number;
  readonly row: number;
}

/** A hit with the row in which it stands, where it is one. */
export interface Candidate extends VectorHit {
  readonly place?: RowPlace;
}

/** Negative when `left` comes first: the higher score, then the smaller file id, ingestion id and ordinal. */
export function compareHits(left: VectorHit, right: VectorHit): number {
  if (left.score !== right.score) return right.score - left.score;
  if (left.fileId !== right.fileId) return left.fileId < right.fileId ? -1 : 1;
  if (left.ingestionId !== right.ingestionId) return left.ingestionId < right.ingestionId ? -1 : 1;
  return left.ordinal - right.ordinal;
}

/** The best of any number of hits, in their order whatever the order in which they were offered. */
export class BestHits {
  private readonly hits: Candidate[] = [];
  private worst = -Infinity;

  constructor(private readonly limit: number) {}

  /** A hit of a lower score is not among the best. */
  get lowest(): number {
    return this.worst;
  }

  offer({ fileId, ingestionId }: PassageSet, ordinal: number, score: number, place?: RowPlace): void {
    if (score < this.worst || this.limit <= 0) return;
    const hit: Candidate =
      place === undefined ? { fileId, ingestionId, ordinal, score } : { fileId, ingestionId, ordinal, score, place };
    let [at, end] = [0, this.hits.length];
    while (at < end) {
      const middle = (at + end) >> 1;
      const other = this.hits[middle];
      if (other !== undefined && compareHits(other, hit) <= 0) at = middle + 1;
      else end = middle;
    }
    this.hits.splice(at, 0, hit);
    if (this.hits.length > this.limit) this.hits.pop();
    if (this.hits.length === this.limit) this.worst = this.hits.at(-1)?.score ?? -Infinity;
  }

  list(): readonly Candidate[] {
    return this.hits;
  }
}
