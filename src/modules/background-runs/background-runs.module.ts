import { Module } from '@nestjs/common';
import { InferenceModule } from '../inference/inference.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { ResponsesModule } from '../responses/responses.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { BackgroundPlaces } from './background-places.js';
import { BackgroundRunner } from './background-runner.js';
import { BackgroundSweep } from './background-sweep.js';
import { OpenRuns } from './open-runs.js';

/**
 * What the workers do with responses that nobody waits for: background-runner takes one and ends it, background-run is one
 * run, stored-reply takes its answer. The rows, and what the API does with them, stand in `responses/background`.
 */
@Module({
  imports: [InferenceModule, KeysModule, ResponsesModule, UsageModule],
  providers: [BackgroundPlaces, BackgroundRunner, BackgroundSweep, OpenRuns],
  exports: [BackgroundPlaces, BackgroundRunner, BackgroundSweep],
})
export class BackgroundRunsModule {}
