import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { IsolationGate } from './isolation-gate.js';
import { ReadinessService } from './readiness.service.js';
import { SweepRepository } from './sweep.repository.js';
import { SweepService } from './sweep.service.js';

/** The platform about itself: whether this process is ready to work, and the removal of what has expired. */
@Module({
  imports: [QueueModule],
  providers: [ReadinessService, IsolationGate, SweepService, SweepRepository],
  exports: [ReadinessService, IsolationGate, SweepService],
})
export class SystemModule {}
