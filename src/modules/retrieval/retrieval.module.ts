import { Module } from '@nestjs/common';
import { VectorsModule } from '../../platform/vectors/vectors.module.js';
import { RetrievalRepository } from './retrieval.repository.js';
import { RetrievalService } from './retrieval.service.js';

/**
 * Search in the documents of datasets and conversations: RetrievalService finds the passages, `passage-block.ts` puts them
 * before a model. Who asks decides whether the key may see the targets, and brings the call that embeds the question.
 */
@Module({
  imports: [VectorsModule],
  providers: [RetrievalService, RetrievalRepository],
  exports: [RetrievalService],
})
export class RetrievalModule {}
