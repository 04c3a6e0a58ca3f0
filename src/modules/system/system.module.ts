import { Module } from '@nestjs/common';
import { DocumentReaderModule } from '../../platform/document-reader/document-reader.module.js';
import { JournalModule } from '../../platform/journal/journal.module.js';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { DatabaseReadiness } from './database-readiness.js';
import { IsolationGate } from './isolation-gate.js';
import { JournalMetrics } from './journal-metrics.js';
import { PlaceMetrics } from './place-metrics.js';
import { ReaderHealth } from './reader-health.js';
import { ReadinessService } from './readiness.service.js';
import { SweepRepository } from './sweep.repository.js';
import { SweepService } from './sweep.service.js';

/** The platform about itself: whether this process is ready to work, and the removal of what has expired. */
@Module({
  imports: [DocumentReaderModule, LimitsModule, QueueModule, StorageModule, JournalModule],
  providers: [
    ReaderHealth,
    ReadinessService,
    DatabaseReadiness,
    JournalMetrics,
    PlaceMetrics,
    IsolationGate,
    SweepService,
    SweepRepository,
  ],
  exports: [ReaderHealth, ReadinessService, IsolationGate, SweepService],
})
export class SystemModule {}
