import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { databaseInTime } from '../../platform/database/patience.js';
import { VectorSearch } from '../../platform/vectors/vector-search.js';
import { RecallRepository } from './recall.repository.js';

/** A scrape waits for the database no longer; then it gets what was known before. */
const mostMs = 1_000;

/** Shows among the process's metrics how the search by vectors stands. */
@Injectable()
export class VectorMetrics {
  private known: ReadonlyMap<string, number> = new Map();

  constructor(
    metrics: Metrics,
    vectors: VectorSearch,
    private readonly repository: RecallRepository,
  ) {
    metrics.watch(
      'gt_vector_memory_bytes',
      'Vectors and their signs that this process keeps in memory for searches.',
      () => vectors.memoryBytes,
    );
    metrics.watchEach(
      'gt_vector_recall',
      'What searches of large datasets and vector stores find of the ten nearest passages, as last sampled: the lowest, and the mean.',
      'statistic',
      () => this.recalls(),
    );
  }

  private async recalls(): Promise<ReadonlyMap<string, number>> {
    const asked = this.repository.summary().then(({ lowest, mean }) => {
      this.known = new Map(
        lowest === null || mean === null
          ? []
          : [
              ['lowest', lowest],
              ['mean', mean],
            ],
      );
    });
    await databaseInTime(asked, mostMs).catch(() => undefined);
    return this.known;
  }
}
