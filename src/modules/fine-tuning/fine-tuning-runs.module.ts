import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { FilesModule } from '../files/files.module.js';
import { ProviderJobsModule } from '../provider-jobs/provider-jobs.module.js';
import { FineTuningModule } from './fine-tuning.module.js';
import { CopyStep } from './run/copy-step.js';
import { CreateStep } from './run/create-step.js';
import { FinishStep } from './run/finish-step.js';
import { FollowStep } from './run/follow-step.js';
import { TuningPlaces } from './run/tuning-places.js';
import { TuningRunner } from './run/tuning-runner.js';
import { TuningSteps } from './run/tuning-steps.js';
import { TuningSweep } from './run/tuning-sweep.service.js';
import { TuningSweepRepository } from './record/tuning-sweep.repository.js';

/** What only workers do with fine-tuning jobs: the runner takes one and lets it take its steps, the sweep finds what was left. */
@Module({
  imports: [AgentsModule, FilesModule, FineTuningModule, ProviderJobsModule],
  providers: [
    CopyStep,
    CreateStep,
    FinishStep,
    FollowStep,
    TuningPlaces,
    TuningRunner,
    TuningSteps,
    TuningSweep,
    TuningSweepRepository,
  ],
  exports: [TuningRunner, TuningSweep],
})
export class FineTuningRunsModule {}
