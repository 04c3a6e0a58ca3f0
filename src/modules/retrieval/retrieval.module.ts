import { Module } from '@nestjs/common';
import { VectorsModule } from '../../platform/vectors/vectors.module.js';
import { RecallRepository } from './recall.repository.js';
import { RecallService } from './recall.service.js';
import { RetrievalRepository } from './retrieval.repository.js';
import { RetrievalService } from './retrieval.service.js';
import { ScoredSearch } from './scored-search.js';
import { VectorMetrics } from './vector-metrics.js';

/**
 * Search in the documents of datasets and conversations: RetrievalService finds the passages, `passage-block.ts` puts them
 * before a model. ScoredSearch finds those of vector stores, with filters and scores that mean something. Who asks decides whether the key may see the targets, and brings the call that embeds the question.
 */
@Module({
  imports: [VectorsModule],
  providers: [RetrievalService, RetrievalRepository, ScoredSearch, RecallService, RecallRepository, VectorMetrics],
  exports: [RetrievalService, ScoredSearch, RecallService],
})
export class RetrievalModule {}
