import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { FilesModule } from '../files/files.module.js';
import { KeyTouchesModule } from '../usage/key-touches.module.js';
import { BatchHandoversRepository } from './batch-handovers.repository.js';
import { BatchJobs } from './batch-jobs.js';
import { BatchLinesRepository } from './batch-lines.repository.js';
import { BatchesRepository } from './batches.repository.js';
import { BatchesService } from './batches.service.js';
import { HandedLinesRepository } from './handed-lines.repository.js';

const parts = [
  BatchHandoversRepository,
  BatchJobs,
  BatchLinesRepository,
  BatchesRepository,
  BatchesService,
  HandedLinesRepository,
];

/** Batches as their tenant makes and sees them, and their rows. What workers do with them stands in `batch-runs/`. */
@Module({ imports: [FilesModule, KeyTouchesModule, QueueModule], providers: parts, exports: parts })
export class BatchesModule {}
