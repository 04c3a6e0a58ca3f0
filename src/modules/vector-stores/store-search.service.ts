import { Injectable } from '@nestjs/common';
import type { StoreFilter } from '../../contracts/vector-store-filters.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { QuestionEmbedder } from '../embeddings/question-embedder.js';
import type { Passage } from '../retrieval/passage.js';
import type { ScoreWeights } from '../retrieval/passage-score.js';
import { ScoredSearch, type EmbedQueries } from '../retrieval/scored-search.js';
import type { Attributes } from './attachment-record.js';
import { isExpired, type StoreReader, type StoreRow } from './store-record.js';
import { StoreSearchRepository } from './store-search.repository.js';
import { VectorStoresRepository } from './vector-stores.repository.js';
import { hasExpired, noStore } from './no-store.js';

const touchedAgainMs = 60_000;

/** What is looked for in stores, and on whose account. */
export interface StoreQuestion {
  readonly queries: readonly string[];
  readonly limit: number;
  readonly filters?: StoreFilter | null | undefined;
  /** From 0 to 1; passages with a lower score are left out. */
  readonly threshold?: number | undefined;
  /** `none`: by vectors alone. */
  readonly ranker?: 'none' | 'auto' | 'default-2024-11-15' | undefined;
  /** How much vectors and words count, each at least 0; the larger is as good as 1. Absent: both the same. */
  readonly weights?: ScoreWeights | undefined;
  readonly keyId: string;
  readonly requestId: string;
  /** What the usage of the embedding says: a route's id. */
  readonly route: string;
  /** Ends the wait for the vectors of the queries: then words alone are searched. */
  readonly signal?: AbortSignal;
}

/** A passage that was found, with the attributes of its file. `datasetId` names its store. */
export interface StorePassage extends Passage {
  readonly attributes: Attributes;
}

/** Search in vector stores, and in datasets as such. */
@Injectable()
export class StoreSearchService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly stores: VectorStoresRepository,
    private readonly files: StoreSearchRepository,
    private readonly search: ScoredSearch,
    private readonly embedder: QuestionEmbedder,
  ) {}

  /**
   * The stores of these ids, each once, in their order.
   * @param paramOf where the request names the n-th.
   * @throws AppError not_found for one that the reader does not see, invalid_value for one that has expired.
   */
  async resolve(reader: StoreReader, ids: readonly string[], paramOf: (at: number) => string): Promise<StoreRow[]> {
    const rows = await this.database.run(reader.tenantId, (tx) => this.stores.findAll(tx, reader, ids));
    const found = new Map(rows.map((row) => [row.id, row]));
    const resolved = ids.map((id, at) => {
      const store = found.get(id);
      if (store === undefined) throw noStore(paramOf(at));
      if (isExpired(store)) throw hasExpired(paramOf(at));
      return store;
    });
    return [...new Set(resolved)];
  }

  /**
   * The best passages of these stores, the best first. While an embedding model does not answer, its stores are searched by
   * words alone. @throws the database's errors.
   */
  async find(tenantId: string, stores: readonly StoreRow[], question: StoreQuestion): Promise<StorePassage[]> {
    const { filters, queries, limit, threshold = 0, keyId, requestId, route, signal } = question;
    await this.touch(tenantId, stores);
    const ids = stores.map(({ id }) => id);
    const only = filters == null ? undefined : await this.filtered(tenantId, ids, filters);
    const embed: EmbedQueries = (texts, { connectionId, model }) =>
      this.embedder.embed({ tenantId, keyId, requestId, route, connectionId, model, texts, signal });
    const passages = await this.search.search(tenantId, stores, {
      queries,
      limit,
      threshold,
      only,
      weights: weightsOf(question),
      embed,
    });
    const ingestionIds = passages.map(({ ingestionId }) => ingestionId).filter((id) => id !== '');
    const attributes = await this.database.run(tenantId, (tx) => this.files.attributes(tx, tenantId, ingestionIds));
    return passages.map((passage) => ({ ...passage, attributes: attributes.get(passage.ingestionId) ?? {} }));
  }

  private filtered(tenantId: string, ids: readonly string[], filter: StoreFilter) {
    return this.database.run(tenantId, (tx) => this.files.filtered(tx, tenantId, ids, filter));
  }

  /** Searches keep a store from expiring; what is known to be recent is not written again. */
  private async touch(tenantId: string, stores: readonly StoreRow[]): Promise<void> {
    const before = Date.now() - touchedAgainMs;
    const stale = stores.filter(({ vectorStore }) => vectorStore !== null && vectorStore.lastActiveAt.getTime() < before);
    if (stale.length === 0) return;
    const ids = stale.map(({ id }) => id);
    await this.database.run(tenantId, (tx) => this.stores.touch(tx, tenantId, ids));
  }
}

function weightsOf({ ranker, weights }: StoreQuestion): ScoreWeights {
  if (ranker === 'none') return { vectors: 1, words: 0 };
  if (weights === undefined) return { vectors: 1, words: 1 };
  const most = Math.max(weights.vectors, weights.words);
  return most > 0 ? { vectors: weights.vectors / most, words: weights.words / most } : { vectors: 1, words: 1 };
}
