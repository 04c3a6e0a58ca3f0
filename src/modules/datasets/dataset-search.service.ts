import { Injectable } from '@nestjs/common';
import type { KeyFacts } from '../../catalog/facts.js';
import { AppError } from '../../kernel/app-error.js';
import { Log } from '../../observability/log.js';
import type { Dataset } from '../../platform/database/generated/client.js';
import { EmbeddingClient } from '../embeddings/embedding-client.js';
import type { Passage } from '../retrieval/passage.js';
import { RetrievalService } from '../retrieval/retrieval.service.js';
import { KeyDatasetsService } from './key-datasets.service.js';

const embedTimeoutMs = 30_000;

/** What is looked for, and for whom. */
export interface DatasetQuestion {
  readonly key: KeyFacts;
  /** The dataset's id or alias. */
  readonly dataset: string;
  readonly query: string;
  readonly limit: number;
  readonly requestId: string;
}

/** Search in one dataset, by the meaning of vectors and by words. */
@Injectable()
export class DatasetSearchService {
  constructor(
    private readonly datasets: KeyDatasetsService,
    private readonly retrieval: RetrievalService,
    private readonly embeddings: EmbeddingClient,
    private readonly log: Log,
  ) {}

  /**
   * The best passages, the best first. While the embedding model does not answer they are found by their words alone.
   * @throws AppError not_found, target_not_allowed.
   */
  async search(question: DatasetQuestion): Promise<Passage[]> {
    const dataset = await this.datasets.resolve(question.key, question.dataset);
    const target = { kind: 'dataset', id: dataset.id, embeddingModel: dataset.model } as const;
    const embed = (texts: readonly string[]): Promise<number[][] | null> => this.embed(question, dataset, texts);
    return this.retrieval.search(dataset.tenantId, [target], question.query, { limit: question.limit, embed });
  }

  private async embed(
    { key, requestId }: DatasetQuestion,
    { connectionId, model }: Dataset,
    texts: readonly string[],
  ): Promise<number[][] | null> {
    const call = { tenantId: key.tenantId, keyId: key.id, requestId, route: 'datasets.search', connectionId, model, texts };
    try {
      const vectors = await this.embeddings.embed({ ...call, signal: AbortSignal.timeout(embedTimeoutMs) });
      return vectors.map((vector) => [...vector]);
    } catch (error) {
      if (!(error instanceof AppError) && !(error instanceof DOMException)) throw error;
      this.log.warn('a question could not be embedded; the search goes by words alone', {
        request_id: requestId,
        error: error.message,
      });
      return null;
    }
  }
}
