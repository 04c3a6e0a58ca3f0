import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { FileAnnouncements } from './watch/file-announcements.js';
import { FileClaimsRepository } from './ingestion/file-claims.repository.js';
import { FileContents } from './intake/file-contents.js';
import { FileIntake } from './intake/file-intake.js';
import { FileJobs } from './ingestion/file-jobs.js';
import { FileSweepRepository } from './ingestion/file-sweep.repository.js';
import { FileSweepService } from './ingestion/file-sweep.service.js';
import { FileWaits } from './watch/file-waits.js';
import { FileWatch } from './watch/file-watch.js';
import { FileWatchRepository } from './watch/file-watch.repository.js';
import { FilesRepository } from './record/files.repository.js';
import { FilesService } from './files.service.js';
import { InstallationRepository } from './intake/installation.repository.js';
import { OrphanContentsRepository } from './intake/orphan-contents.repository.js';
import { OrphanContents } from './intake/orphan-contents.service.js';
import { StorageClaim } from './intake/storage-claim.js';
import { UploadLimits } from './intake/upload-limits.js';
import { FileTextsRepository } from './reading/file-texts.repository.js';
import { IngestionTexts } from './reading/ingestion-texts.js';
import { ReadableFiles } from './reading/readable-files.service.js';
import { IngestionsService } from './ingestion/ingestions.service.js';
import { WorkCopies } from './ingestion/work-copies.js';

/**
 * Files: taken in (`intake/`), read, cut and embedded (`ingestion/`), read for calls (`reading/`), waited for (`watch/`), seen and deleted
 * (files.service). The row (`record/`) is the truth: its state, its attempts, its progress; the content lies in the object
 * store, the jobs are only hints. What only workers need stands in file-processing.module.
 */
@Module({
  imports: [QueueModule, StorageModule, WebhooksModule],
  providers: [
    FileAnnouncements,
    FileClaimsRepository,
    FileContents,
    FileIntake,
    FileJobs,
    FileSweepRepository,
    FileSweepService,
    FileTextsRepository,
    FileWaits,
    FileWatch,
    FileWatchRepository,
    FilesRepository,
    FilesService,
    IngestionTexts,
    IngestionsService,
    InstallationRepository,
    OrphanContents,
    OrphanContentsRepository,
    ReadableFiles,
    StorageClaim,
    UploadLimits,
    WorkCopies,
  ],
  exports: [
    FileClaimsRepository,
    FileIntake,
    FileJobs,
    FileSweepService,
    FileWaits,
    FileWatch,
    FilesService,
    IngestionTexts,
    IngestionsService,
    OrphanContents,
    ReadableFiles,
    WorkCopies,
  ],
})
export class FilesModule {}
