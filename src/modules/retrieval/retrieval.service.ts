import { Injectable } from '@nestjs/common';
import { VectorSearch } from '../../platform/vectors/vector-search.js';
import { distinctPassages } from './distinct-passages.js';
import type { Passage, SearchTarget } from './passage.js';
import { questionText } from './query-words.js';
import { fuseRanks, type ChunkKey } from './rank-fusion.js';
import { RetrievalRepository, type TargetIds } from './retrieval.repository.js';

/**
 * Makes the vectors of these texts with this embedding model, in their order; null when there is no way to. What it throws
 * ends the search: who would rather search by words alone catches it and answers null.
 */
export type EmbedTexts = (texts: readonly string[], embeddingModel: string) => Promise<readonly (readonly number[])[] | null>;

export interface SearchOptions {
  /** How many passages at most. */
  readonly limit: number;
  /** Without it the search goes by words alone. It is called before any transaction is open. */
  readonly embed?: EmbedTexts | undefined;
}

/** Each list holds more chunks than are asked for: a chunk that is fair in both lists may beat one that is best in one. */
const candidatesPerPassage = 4;
const fewestCandidates = 40;

/** Finds the passages that answer a question: by the meaning of vectors and by words, both lists as one. */
@Injectable()
export class RetrievalService {
  constructor(
    private readonly vectors: VectorSearch,
    private readonly repository: RetrievalRepository,
  ) {}

  /**
   * The best passages of these targets for the question, the best first. Only passages of this tenant, of ready files and
   * of their current attempt, as the database stands now; a target that is absent or another tenant's holds none. The same
   * question on the same data has the same answer.
   * @throws what `embed` throws, and the database's errors.
   */
  async search(tenantId: string, targets: readonly SearchTarget[], query: string, options: SearchOptions): Promise<Passage[]> {
    const text = questionText(query);
    if (text === '' || targets.length === 0 || options.limit <= 0) return [];
    const count = Math.max(fewestCandidates, options.limit * candidatesPerPassage);
    const ids = idsOf(targets);
    const lists = await Promise.all([
      this.repository.findByWords(tenantId, ids, text, count),
      ...byModel(targets).map(([model, group]) =>
        this.findByMeaning(tenantId, group, text, { model, count, embed: options.embed }),
      ),
    ]);
    const candidates = fuseRanks(lists).slice(0, count);
    return distinctPassages(await this.repository.readPassages(tenantId, ids, candidates), options.limit);
  }

  private async findByMeaning(
    tenantId: string,
    targets: readonly SearchTarget[],
    text: string,
    { model, count, embed }: { readonly model: string; readonly count: number; readonly embed: EmbedTexts | undefined },
  ): Promise<readonly ChunkKey[]> {
    const vector = (await embed?.([text], model))?.[0];
    if (vector === undefined) return [];
    const hits = await this.vectors.nearest(tenantId, { ...idsOf(targets), embeddingModel: model }, vector, count);
    // The nearest of what is unrelated is no answer.
    return hits.filter(({ score }) => score > 0);
  }
}

function idsOf(targets: readonly SearchTarget[]): TargetIds {
  const ids = (kind: SearchTarget['kind']): string[] => targets.filter((target) => target.kind === kind).map(({ id }) => id);
  return { datasetIds: ids('dataset'), conversationIds: ids('conversation') };
}

function byModel(targets: readonly SearchTarget[]): [string, SearchTarget[]][] {
  const groups = new Map<string, SearchTarget[]>();
  for (const target of targets) {
    if (target.embeddingModel === null) continue;
    groups.set(target.embeddingModel, [...(groups.get(target.embeddingModel) ?? []), target]);
  }
  return [...groups];
}
