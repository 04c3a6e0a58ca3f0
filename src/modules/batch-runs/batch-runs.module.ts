import { Module } from '@nestjs/common';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { BackgroundRunsModule } from '../background-runs/background-runs.module.js';
import { BatchesModule } from '../batches/batches.module.js';
import { FilesModule } from '../files/files.module.js';
import { InferenceModule } from '../inference/inference.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { ProviderJobsModule } from '../provider-jobs/provider-jobs.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { BatchPlaces } from './batch-places.js';
import { BatchRunner } from './batch-runner.js';
import { BatchSweep } from './batch-sweep.js';
import { BatchWatchRepository } from './batch-watch.repository.js';
import { handingParts } from './handing/handing-parts.js';
import { InputCheck } from './input-check.js';
import { LineBodies } from './line-bodies.js';
import { LineCalls } from './line-calls.js';
import { LinePlaces } from './line-places.js';
import { OpenBatchRuns } from './open-batch-runs.js';
import { OutputFiles } from './output-files.js';

/**
 * What the workers do with batches: batch-runner does what is next at one, which is to read its input (input-check), to make
 * its requests (lines-run), to let its provider make them (handing/) or to write its files (output-files). Several workers may make requests of one batch.
 */
@Module({
  imports: [
    AgentsModule,
    BackgroundRunsModule,
    BatchesModule,
    FilesModule,
    InferenceModule,
    KeysModule,
    ProviderJobsModule,
    StorageModule,
    UsageModule,
  ],
  providers: [
    BatchPlaces,
    BatchRunner,
    BatchSweep,
    BatchWatchRepository,
    InputCheck,
    LineBodies,
    LineCalls,
    LinePlaces,
    OpenBatchRuns,
    OutputFiles,
    ...handingParts,
  ],
  exports: [BatchRunner, BatchSweep],
})
export class BatchRunsModule {}
