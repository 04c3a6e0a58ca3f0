import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { KeyFacts } from '../../catalog/facts.js';
import { QuestionEmbedder } from '../embeddings/question-embedder.js';
import type { Passage } from '../retrieval/passage.js';
import { RetrievalService } from '../retrieval/retrieval.service.js';
import { adminUploader, refuseOperator } from '../files/dataset-files.service.js';
import type { DatasetRecord } from './dataset-record.js';
import { DatasetsService } from './datasets.service.js';
import { KeyDatasetsService } from './key-datasets.service.js';

/** What is looked for, and for whom. */
export interface DatasetQuestion {
  readonly key: KeyFacts;
  /** The dataset's id or alias. */
  readonly dataset: string;
  readonly query: string;
  readonly limit: number;
  readonly requestId: string;
}

type Question = Omit<DatasetQuestion, 'key' | 'dataset'> & { readonly keyId: string };
type SearchedDataset = Pick<DatasetRecord, 'id' | 'tenantId' | 'model' | 'connectionId'>;

/** Search in one dataset, by the meaning of vectors and by words. */
@Injectable()
export class DatasetSearchService {
  constructor(
    private readonly datasets: KeyDatasetsService,
    private readonly settings: DatasetsService,
    private readonly retrieval: RetrievalService,
    private readonly embedder: QuestionEmbedder,
  ) {}

  /**
   * The best passages, the best first. While the embedding model does not answer they are found by their words alone.
   * @throws AppError not_found, target_not_allowed.
   */
  async search(question: DatasetQuestion): Promise<Passage[]> {
    const dataset = await this.datasets.resolve(question.key, question.dataset);
    return this.find(dataset, { ...question, keyId: question.key.id });
  }

  /**
   * The same for people of the tenant, whose questions stand on no key's account.
   * @throws AppError not_found; insufficient_role for operators, who never read what files say.
   */
  async searchAs(actor: Actor, id: string, question: Pick<DatasetQuestion, 'query' | 'limit'>): Promise<Passage[]> {
    const dataset = await this.settings.get(actor, id);
    refuseOperator(actor);
    return this.find(dataset, { ...question, keyId: adminUploader, requestId: actor.requestId });
  }

  private find(dataset: SearchedDataset, question: Question): Promise<Passage[]> {
    const target = { kind: 'dataset', id: dataset.id, embeddingModel: dataset.model } as const;
    const { connectionId, model } = dataset;
    const account = { tenantId: dataset.tenantId, keyId: question.keyId, requestId: question.requestId };
    const embed = (texts: readonly string[]) =>
      this.embedder.embed({ ...account, route: 'datasets.search', connectionId, model, texts });
    return this.retrieval.search(dataset.tenantId, [target], question.query, { limit: question.limit, embed });
  }
}
