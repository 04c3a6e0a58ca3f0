import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { FilesModule } from '../files/files.module.js';
import { RetrievalModule } from '../retrieval/retrieval.module.js';
import { KeyTouchesModule } from '../usage/key-touches.module.js';
import { Attachments } from './attachments.js';
import { AttachmentsRepository } from './attachments.repository.js';
import { FileBatchesRepository } from './file-batches.repository.js';
import { FileBatchesService } from './file-batches.service.js';
import { StoreEmbedding } from './store-embedding.js';
import { StoreFilesService } from './store-files.service.js';
import { StoreSearchRepository } from './store-search.repository.js';
import { StoreSearchService } from './store-search.service.js';
import { VectorStoresRepository } from './vector-stores.repository.js';
import { VectorStoresService } from './vector-stores.service.js';

/**
 * OpenAI's vector stores: rows of `datasets` of a kind of their own (vector-stores.service). Their files are ingestions of
 * files (store-files, file-batches), read by the same pipeline as those of datasets; datasets can be read as stores. Search
 * (store-search) turns filters into a list of ingestions. What only workers need stands in vector-store-sweep.module.
 */
@Module({
  imports: [AgentsModule, EmbeddingsModule, FilesModule, KeyTouchesModule, RetrievalModule],
  providers: [
    Attachments,
    AttachmentsRepository,
    FileBatchesRepository,
    FileBatchesService,
    StoreEmbedding,
    StoreFilesService,
    StoreSearchRepository,
    StoreSearchService,
    VectorStoresRepository,
    VectorStoresService,
  ],
  exports: [FileBatchesService, StoreFilesService, StoreSearchService, VectorStoresService],
})
export class VectorStoresModule {}
