import { Injectable } from '@nestjs/common';
import { VectorSearch } from '../../platform/vectors/vector-search.js';
import { RecallRepository } from './recall.repository.js';

/** Smaller datasets are compared as a whole by both drivers. */
const fewestPassages = 10_000;
const sampledVectors = 20;
const hoursBetween = 20;
const datasetsAtOnce = 50;

/** Measures how much of what comparing all would find the searches of large datasets find. */
@Injectable()
export class RecallService {
  constructor(
    private readonly vectors: VectorSearch,
    private readonly repository: RecallRepository,
  ) {}

  /** Measures the datasets that are due, until none is left or the signal fires. @throws the database's errors. */
  async measure(signal: AbortSignal, passages = fewestPassages): Promise<void> {
    for (const dataset of await this.repository.due(passages, hoursBetween, datasetsAtOnce)) {
      if (signal.aborted) return;
      const { tenantId, datasetId, model, dimensions } = dataset;
      const target = { column: 'dataset_id', id: datasetId } as const;
      const recall = await this.vectors.recall(tenantId, { target, model, dimensions }, sampledVectors);
      await this.repository.keep(dataset, recall);
    }
  }
}
