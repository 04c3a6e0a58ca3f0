import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { FilesModule } from '../files/files.module.js';
import { Attachments } from './attachments.js';
import { AttachmentsRepository } from './attachments.repository.js';
import { StoreEmbedding } from './store-embedding.js';
import { VectorStoresRepository } from './vector-stores.repository.js';
import { VectorStoresService } from './vector-stores.service.js';

/**
 * OpenAI's vector stores: rows of `datasets` of a kind of their own (vector-stores.service). Their files are ingestions of
 * files (attachments), read by the same pipeline as those of datasets; datasets can be read as stores.
 */
@Module({
  imports: [AgentsModule, FilesModule],
  providers: [Attachments, AttachmentsRepository, StoreEmbedding, VectorStoresRepository, VectorStoresService],
  exports: [VectorStoresService],
})
export class VectorStoresModule {}
