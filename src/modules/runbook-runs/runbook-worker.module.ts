import { Module } from '@nestjs/common';
import { KeyDeletionModule } from '../key-deletion/key-deletion.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { RunKeys } from './run-keys.js';
import { RunbookClaimsRepository } from './runbook-claims.repository.js';
import { RunbookPlaces } from './runbook-places.js';
import { RunbookRunner } from './runbook-runner.js';
import { RunbookRunsModule } from './runbook-runs.module.js';
import { RunbookSweep } from './runbook-sweep.service.js';
import { RunbookSweepRepository } from './runbook-sweep.repository.js';

/** What only workers do with runs of runbooks: the runner makes one, the sweep finds what was left. */
@Module({
  imports: [KeyDeletionModule, KeysModule, RunbookRunsModule],
  providers: [RunKeys, RunbookClaimsRepository, RunbookPlaces, RunbookRunner, RunbookSweep, RunbookSweepRepository],
  exports: [RunbookRunner, RunbookSweep],
})
export class RunbookWorkerModule {}
