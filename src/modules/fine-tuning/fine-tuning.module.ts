import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { FilesModule } from '../files/files.module.js';
import { ProviderJobsModule } from '../provider-jobs/provider-jobs.module.js';
import { KeyTouchesModule } from '../usage/key-touches.module.js';
import { TrainingFiles } from './jobs/training-files.js';
import { TuningChanges } from './jobs/tuning-changes.service.js';
import { TuningCreation } from './jobs/tuning-creation.service.js';
import { TuningJobsService } from './jobs/tuning-jobs.service.js';
import { TunedModels } from './models/tuned-models.service.js';
import { TuningProvider } from './provider/tuning-provider.js';
import { TuningClaimsRepository } from './record/tuning-claims.repository.js';
import { TuningHistoryRepository } from './record/tuning-history.repository.js';
import { TuningJobsRepository } from './record/tuning-jobs.repository.js';
import { TuningQueue } from './run/tuning-queue.js';
import { TuningConnections } from './tuning-connections.js';

/**
 * Fine-tuning over a tenant's own connections. What keys ask for stands in `jobs/` and `models/`, what workers do with a job,
 * step by step, in `run/` (fine-tuning-runs.module), the provider's API in `provider/`, the rows in `record/`.
 */
@Module({
  imports: [AgentsModule, FilesModule, KeyTouchesModule, ProviderJobsModule, QueueModule],
  providers: [
    TrainingFiles,
    TunedModels,
    TuningChanges,
    TuningClaimsRepository,
    TuningConnections,
    TuningCreation,
    TuningHistoryRepository,
    TuningJobsRepository,
    TuningJobsService,
    TuningProvider,
    TuningQueue,
  ],
  exports: [
    TunedModels,
    TuningChanges,
    TuningClaimsRepository,
    TuningConnections,
    TuningCreation,
    TuningHistoryRepository,
    TuningJobsService,
    TuningProvider,
    TuningQueue,
  ],
})
export class FineTuningModule {}
