import { Module } from '@nestjs/common';
import { JournalModule } from '../../platform/journal/journal.module.js';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { DatabaseReadiness } from './database-readiness.js';
import { IsolationGate } from './isolation-gate.js';
import { JournalMetrics } from './journal-metrics.js';
import { ReadinessService } from './readiness.service.js';
import { SweepRepository } from './sweep.repository.js';
import { SweepService } from './sweep.service.js';

/** The platform about itself: whether this process is ready to work, and the removal of what has expired. */
@Module({
  imports: [QueueModule, StorageModule, JournalModule],
  providers: [ReadinessService, DatabaseReadiness, JournalMetrics, IsolationGate, SweepService, SweepRepository],
  exports: [ReadinessService, IsolationGate, SweepService],
})
export class SystemModule {}
