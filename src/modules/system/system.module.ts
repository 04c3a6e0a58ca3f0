import { Module } from '@nestjs/common';
import { IsolationGate } from './isolation-gate.js';
import { ReadinessService } from './readiness.service.js';

/** The platform about itself: whether this process is ready to work. */
@Module({ providers: [ReadinessService, IsolationGate], exports: [ReadinessService, IsolationGate] })
export class SystemModule {}
