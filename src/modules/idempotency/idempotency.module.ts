import { Module } from '@nestjs/common';
import { IdempotencyService } from './idempotency.service.js';
import { IdempotentRequestsRepository } from './idempotent-requests.repository.js';
import { LiveRunsRepository } from './live-runs.repository.js';
import { LiveRuns } from './live-runs.js';
import { RunTools } from './run-tools.js';

/**
 * The `Idempotency-Key` of the data plane's POSTs: a run claims its key in one row, its answer is sealed into it, and a
 * repeat is given that answer. The door, `http/idempotency/`, says what the same request is and what was answered.
 */
@Module({
  providers: [IdempotencyService, RunTools, IdempotentRequestsRepository, LiveRuns, LiveRunsRepository],
  exports: [IdempotencyService],
})
export class IdempotencyModule {}
