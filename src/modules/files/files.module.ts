import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { KeyTouchesModule } from '../usage/key-touches.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { DatasetFilesService } from './dataset-files.service.js';
import { FileAnnouncements } from './watch/file-announcements.js';
import { ContentHolds } from './intake/content-holds.js';
import { FileClaimsRepository } from './ingestion/file-claims.repository.js';
import { FileContents } from './intake/file-contents.js';
import { FileIntake } from './intake/file-intake.js';
import { FileRows } from './intake/file-rows.js';
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
import { UnlimitedFiles } from './intake/unlimited-files.repository.js';
import { UploadStanding } from './intake/upload-standing.js';
import { FileTextsRepository } from './reading/file-texts.repository.js';
import { IngestionTexts } from './reading/ingestion-texts.js';
import { ReadableFiles } from './reading/readable-files.service.js';
import { IngestionsService } from './ingestion/ingestions.service.js';
import { ExpiredFilesRepository } from './tenant/expired-files.repository.js';
import { ExpiredFiles } from './tenant/expired-files.service.js';
import { MadeFiles } from './tenant/made-files.service.js';
import { TenantFiles } from './tenant/tenant-files.service.js';
import { ExpiredUploadsRepository } from './uploads/expired-uploads.repository.js';
import { ExpiredUploads } from './uploads/expired-uploads.service.js';
import { UploadCompletion } from './uploads/upload-completion.service.js';
import { UploadParts } from './uploads/upload-parts.service.js';
import { UploadsRepository } from './uploads/uploads.repository.js';
import { UploadsService } from './uploads/uploads.service.js';
import { HeldFiles } from './ingestion/held-files.js';
import { HeldFilesRepository } from './ingestion/held-files.repository.js';
import { WorkCopies } from './ingestion/work-copies.js';

/**
 * Files: taken in (`intake/`), read, cut and embedded (`ingestion/`), read for calls (`reading/`), waited for (`watch/`), those of the
 * tenant itself (`tenant/`), those that come in parts (`uploads/`), seen and deleted (files.service). The row (`record/`) is the truth: its state, its attempts, its progress; the content lies in the object
 * store, the jobs are only hints. What only workers need stands in file-processing.module.
 */
@Module({
  imports: [AuditModule, KeyTouchesModule, QueueModule, StorageModule, WebhooksModule],
  providers: [
    ContentHolds,
    DatasetFilesService,
    ExpiredFiles,
    ExpiredFilesRepository,
    ExpiredUploads,
    ExpiredUploadsRepository,
    FileAnnouncements,
    FileClaimsRepository,
    FileContents,
    FileIntake,
    FileJobs,
    FileRows,
    FileSweepRepository,
    FileSweepService,
    FileTextsRepository,
    FileWaits,
    FileWatch,
    FileWatchRepository,
    FilesRepository,
    FilesService,
    HeldFiles,
    HeldFilesRepository,
    IngestionTexts,
    IngestionsService,
    InstallationRepository,
    MadeFiles,
    OrphanContents,
    OrphanContentsRepository,
    ReadableFiles,
    StorageClaim,
    TenantFiles,
    UploadCompletion,
    UploadLimits,
    UploadParts,
    UnlimitedFiles,
    UploadStanding,
    UploadsRepository,
    UploadsService,
    WorkCopies,
  ],
  exports: [
    UploadLimits,
    ContentHolds,
    DatasetFilesService,
    ExpiredFiles,
    ExpiredUploads,
    FileClaimsRepository,
    FileIntake,
    FileJobs,
    FileSweepService,
    FileWaits,
    FileWatch,
    FilesService,
    HeldFiles,
    IngestionTexts,
    IngestionsService,
    MadeFiles,
    OrphanContents,
    ReadableFiles,
    StorageClaim,
    TenantFiles,
    UploadCompletion,
    UploadParts,
    UploadsService,
    WorkCopies,
  ],
})
export class FilesModule {}
