import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { FileAnnouncements } from './file-announcements.js';
import { FileClaimsRepository } from './file-claims.repository.js';
import { FileContents } from './file-contents.js';
import { FileIntake } from './file-intake.js';
import { FileJobs } from './file-jobs.js';
import { FileSweepRepository } from './file-sweep.repository.js';
import { FileSweepService } from './file-sweep.service.js';
import { FileWaits } from './file-waits.js';
import { FileWatch } from './file-watch.js';
import { FileWatchRepository } from './file-watch.repository.js';
import { FilesRepository } from './files.repository.js';
import { FilesService } from './files.service.js';
import { InstallationRepository } from './installation.repository.js';
import { StorageClaim } from './storage-claim.js';
import { UploadLimits } from './upload-limits.js';
import { WorkCopies } from './work-copies.js';

/**
 * Files: taken in (file-intake), seen and deleted (files.service), waited for (file-watch), and swept. The row is the
 * truth: its state, its attempts, its progress; the content lies in the object store, the jobs are only hints. What
 * processes them stands in file-processing.module.
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
    FileWaits,
    FileWatch,
    FileWatchRepository,
    FilesRepository,
    FilesService,
    InstallationRepository,
    StorageClaim,
    UploadLimits,
    WorkCopies,
  ],
  exports: [FileClaimsRepository, FileIntake, FileSweepService, FileWaits, FileWatch, FilesService, WorkCopies],
})
export class FilesModule {}
