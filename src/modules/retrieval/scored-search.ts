import { Injectable } from '@nestjs/common';
import { readVectorBytes } from '../../platform/vectors/vector-bytes.js';
import { VectorSearch } from '../../platform/vectors/vector-search.js';
import { distinctPassages } from './distinct-passages.js';
import type { Passage } from './passage.js';
import { cosineOf, passageScore, type PassageEvidence, type ScoreWeights } from './passage-score.js';
import { questionText } from './query-words.js';
import type { ChunkKey, RankedChunk } from './rank-fusion.js';
import { RetrievalRepository, type Only } from './retrieval.repository.js';

/** A dataset or store, and what made its vectors. */
export interface ScoredTarget {
  readonly id: string;
  readonly connectionId: string;
  readonly model: string;
}

/**
 * Makes the vectors of these texts with the model of a target, in their order; null when there is no way to now: then words
 * alone are searched.
 */
export type EmbedQueries = (
  texts: readonly string[],
  target: Pick<ScoredTarget, 'connectionId' | 'model'>,
) => Promise<readonly (readonly number[])[] | null>;

export interface ScoredQuestion {
  readonly queries: readonly string[];
  readonly limit: number;
  /** Passages with a lower score are left out. */
  readonly threshold: number;
  /** Only passages of these ingestions; an empty list finds nothing. */
  readonly only: Only;
  readonly weights: ScoreWeights;
  readonly embed: EmbedQueries;
}

const candidatesPerPassage = 4;
const fewestCandidates = 40;

/** Finds passages with scores that can be held against a threshold, over several targets and for several questions. */
@Injectable()
export class ScoredSearch {
  constructor(
    private readonly vectors: VectorSearch,
    private readonly repository: RetrievalRepository,
  ) {}

  /**
   * The best passages, the best first: each is scored by the question that it answers best. Only passages of this tenant and of
   * ingestions that have not failed. @throws what `embed` throws, and the database's errors.
   */
  async search(tenantId: string, targets: readonly ScoredTarget[], question: ScoredQuestion): Promise<Passage[]> {
    const queries = question.queries.map(questionText).filter((text) => text !== '');
    if (queries.length === 0 || targets.length === 0 || question.only?.length === 0) return [];
    const count = Math.max(fewestCandidates, question.limit * candidatesPerPassage);
    const evidence = queries.map(() => new Map<string, ChunkKey & PassageEvidence>());
    const [vectors] = await Promise.all([
      this.byMeaning(tenantId, targets, { ...question, queries, count }, evidence),
      this.byWords(tenantId, targets, { ...question, queries, count }, evidence),
    ]);
    await this.fillIn(tenantId, vectors, evidence);
    const ranked = rankedBy(evidence, question).slice(0, count);
    const ids = { datasetIds: targets.map(({ id }) => id), conversationIds: [] };
    return distinctPassages(await this.repository.readPassages(tenantId, ids, ranked), question.limit);
  }

  /** @returns the vectors of each question, by each model that was asked. */
  private async byMeaning(
    tenantId: string,
    targets: readonly ScoredTarget[],
    { queries, count, only, embed, weights }: ScoredQuestion & { readonly count: number },
    evidence: readonly Evidence[],
  ): Promise<readonly (readonly number[])[][]> {
    if (weights.vectors === 0) return queries.map(() => []);
    const all: (readonly number[])[][] = queries.map(() => []);
    await Promise.all(
      byModel(targets).map(async ([target, ...further]) => {
        const vectors = await embed(queries, target);
        if (vectors === null) return;
        const datasetIds = [target, ...further].map(({ id }) => id);
        const scope = { datasetIds, conversationIds: [], embeddingModel: target.model, ...(only === undefined ? {} : { only }) };
        for (const [at, vector] of vectors.entries()) {
          all[at]?.push(vector);
          for (const { score, ...chunk } of await this.vectors.nearest(tenantId, scope, vector, count))
            // The nearest of what is unrelated is no answer.
            if (score > 0) note(evidence[at], chunk, { cosine: score });
        }
      }),
    );
    return all;
  }

  private async byWords(
    tenantId: string,
    targets: readonly ScoredTarget[],
    { queries, count, only, weights }: ScoredQuestion & { readonly count: number },
    evidence: readonly Evidence[],
  ): Promise<void> {
    if (weights.words === 0) return;
    const datasetIds = targets.map(({ id }) => id);
    for (const [at, text] of queries.entries()) {
      const { chunks, hasAll } = await this.repository.findOnlyByWords(tenantId, { datasetIds, only, limit: count }, text);
      for (const [wordPlace, chunk] of chunks.entries()) note(evidence[at], chunk, { wordPlace, hasAllWords: hasAll });
    }
  }

  /** Says of passages that words alone have found how near they are. */
  private async fillIn(
    tenantId: string,
    vectors: readonly (readonly (readonly number[])[])[],
    evidence: readonly Evidence[],
  ): Promise<void> {
    if (vectors.every(({ length }) => length === 0)) return;
    const missing = new Map<string, ChunkKey>();
    for (const found of evidence) for (const [name, chunk] of found) if (chunk.cosine === undefined) missing.set(name, chunk);
    for (const { vector: bytes, ...chunk } of await this.repository.readVectors(tenantId, [...missing.values()])) {
      const vector = new Float32Array(bytes.length / 4);
      readVectorBytes(Buffer.from(bytes), 0, vector);
      for (const [at, found] of evidence.entries()) {
        if (found.get(nameOf(chunk)) === undefined) continue;
        for (const asked of vectors[at] ?? []) {
          const cosine = cosineOf(vector, asked);
          if (cosine !== undefined) note(found, chunk, { cosine });
        }
      }
    }
  }
}

type Evidence = Map<string, ChunkKey & PassageEvidence>;

function note(found: Evidence | undefined, chunk: ChunkKey, evidence: PassageEvidence): void {
  const name = nameOf(chunk);
  found?.set(name, { ...chunk, ...found.get(name), ...evidence });
}

function nameOf({ fileId, ingestionId, ordinal }: ChunkKey): string {
  return JSON.stringify([fileId, ingestionId, ordinal]);
}

function rankedBy(evidence: readonly Evidence[], { weights, threshold }: ScoredQuestion): RankedChunk[] {
  const best = new Map<string, RankedChunk>();
  for (const found of evidence) {
    for (const [name, { fileId, ingestionId, ordinal, ...known }] of found) {
      const score = passageScore(known, weights);
      if (score >= threshold && score > (best.get(name)?.score ?? 0)) best.set(name, { fileId, ingestionId, ordinal, score });
    }
  }
  return [...best].sort(([a, { score }], [b, { score: other }]) => other - score || (a < b ? -1 : 1)).map(([, chunk]) => chunk);
}

/** Targets whose vectors one model of one connection made: they are asked together. */
function byModel(targets: readonly ScoredTarget[]): [ScoredTarget, ...ScoredTarget[]][] {
  const groups = new Map<string, [ScoredTarget, ...ScoredTarget[]]>();
  for (const target of targets) {
    const name = JSON.stringify([target.connectionId, target.model]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [target]);
    else group.push(target);
  }
  return [...groups.values()];
}
