import { BestHits } from './best-hits.js';
import type { Distances } from './bits/distances.js';
import type { KeptSets } from './passage-set.js';
import type { Question } from './question.js';
import { Shortlist } from './shortlist.js';
import type { VectorBlock } from './vector-block.js';

/** Of how many passages the vectors themselves are compared: this part of all, and within these bounds. */
const rescoredPart = 0.005;
const fewestRescored = 400;
const mostRescored = 1_000;
const rescoredPerHit = 5;
/** How many times as many are taken by the number of bits that differ. */
const shortlisted = 10;

/** Of how many of so many passages the vectors are compared for a search of so many hits. */
export function rescoredOf(size: number, limit: number): number {
  const part = Math.min(mostRescored, Math.max(fewestRescored, Math.ceil(size * rescoredPart)));
  return Math.max(part, rescoredPerHit * limit);
}

export interface SignSearch {
  readonly blocks: readonly VectorBlock[];
  readonly only?: KeptSets;
  readonly question: Question;
  /** How many passages at most. */
  readonly most: number;
}

/**
 * The passages whose signs look most like the question: ten times as many by how many bits differ, and the best of those by
 * the question's numbers and their signs. All that the filter keeps, when those are no more.
 */
export function bestBySigns(distances: Distances, { blocks, only, question, most }: SignSearch): BestHits {
  const best = new BestHits(most);
  const kept = blocks.reduce((sum, block) => sum + block.count(only), 0);
  const shortlist = new Shortlist(Math.max(kept <= most ? kept : most * shortlisted, 1));
  for (const block of blocks) {
    for (const { first, count, bits } of block.pieces(only))
      shortlist.offer(block, first, distances.of(bits, count, question.bits), count);
  }
  for (const [block, row] of shortlist.list()) {
    const passage = block.passage(row);
    if (passage === undefined) continue;
    const product = question.productWith(...block.bitsOf(row));
    if (product >= best.lowest) best.offer(passage.set, passage.ordinal, product, { block, row, layout: block.layout });
  }
  return best;
}
