import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { RunbookQueue } from './runbook-queue.js';
import { RunbookRunsRepository } from './runbook-runs.repository.js';
import { RunbookRunsService } from './runbook-runs.service.js';

/** Verifications of runbooks by workers: taken in and shown here, made in runbook-worker.module. */
@Module({
  imports: [AuditModule, QueueModule],
  providers: [RunbookQueue, RunbookRunsRepository, RunbookRunsService],
  exports: [RunbookQueue, RunbookRunsRepository, RunbookRunsService],
})
export class RunbookRunsModule {}
