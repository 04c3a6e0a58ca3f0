import { Module } from '@nestjs/common';
import { DocumentReaderModule } from '../../platform/document-reader/document-reader.module.js';
import { DocumentParser } from '../../platform/documents/document-parser.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { EmbeddingReuse } from './ingestion/embedding-reuse.js';
import { EmbeddingTargets } from './ingestion/embedding-target.js';
import { FilePipeline } from './ingestion/file-pipeline.js';
import { FilePlaces } from './ingestion/file-places.js';
import { FileProcessingService } from './ingestion/file-processing.service.js';
import { FilesModule } from './files.module.js';
import { JudgedFiles } from './judging/judged-files.service.js';
import { PassageEmbedder } from './ingestion/passage-embedder.js';
import { PassageReader } from './ingestion/passage-reader.js';
import { PassageStore } from './ingestion/passage-store.js';
import { PassageVectorsRepository } from './ingestion/passage-vectors.repository.js';
import { PassageVectorsService } from './ingestion/passage-vectors.service.js';
import { PassagesRepository } from './ingestion/passages.repository.js';
import { PassageWordsRepository } from './ingestion/passage-words.repository.js';
import { PassageWordsService } from './ingestion/passage-words.service.js';
import { SlowPlaces } from './ingestion/slow-places.js';

/**
 * What the workers do with files: file-processing takes one and ends it, file-pipeline has the steps, file-run is one
 * attempt with its signal. The parser runs in processes of its own.
 */
@Module({
  imports: [AgentsModule, DocumentReaderModule, EmbeddingsModule, FilesModule, StorageModule],
  providers: [
    { provide: DocumentParser, useFactory: () => new DocumentParser() },
    EmbeddingReuse,
    EmbeddingTargets,
    FilePipeline,
    FilePlaces,
    FileProcessingService,
    JudgedFiles,
    PassageEmbedder,
    PassageReader,
    PassageStore,
    PassageVectorsRepository,
    PassageVectorsService,
    PassagesRepository,
    PassageWordsRepository,
    PassageWordsService,
    SlowPlaces,
  ],
  exports: [FileProcessingService, PassageVectorsService, PassageWordsService],
})
export class FileProcessingModule {}
