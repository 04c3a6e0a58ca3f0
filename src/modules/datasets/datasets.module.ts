import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { FilesModule } from '../files/files.module.js';
import { RetrievalModule } from '../retrieval/retrieval.module.js';
import { DatasetDirectory } from './dataset-directory.js';
import { DatasetImportService } from './dataset-import.service.js';
import { DatasetSearchService } from './dataset-search.service.js';
import { DatasetUsesRepository } from './dataset-uses.repository.js';
import { DatasetsRepository } from './datasets.repository.js';
import { DatasetsService } from './datasets.service.js';
import { KeyDatasetsRepository } from './key-datasets.repository.js';
import { KeyDatasetsService } from './key-datasets.service.js';

/**
 * A tenant's document collections: their settings (datasets.service), what keys see of them (key-datasets), search, and
 * the import of archives. Their files are those of modules/files.
 */
@Module({
  imports: [AuditModule, ConnectionsModule, EmbeddingsModule, FilesModule, RetrievalModule],
  providers: [
    DatasetDirectory,
    DatasetImportService,
    DatasetSearchService,
    DatasetUsesRepository,
    DatasetsRepository,
    DatasetsService,
    KeyDatasetsRepository,
    KeyDatasetsService,
  ],
  exports: [DatasetImportService, DatasetSearchService, DatasetsService, KeyDatasetsService],
})
export class DatasetsModule {}
