import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { BackgroundJobs } from './background/background-jobs.js';
import { BackgroundWatch } from './background/background-watch.js';
import { BackgroundWatchRepository } from './background/background-watch.repository.js';
import { BackgroundRepository } from './background/background.repository.js';
import { BackgroundService } from './background/background.service.js';
import { ResponsesRepository } from './responses.repository.js';
import { ResponsesService } from './responses.service.js';

const parts = [
  BackgroundJobs,
  BackgroundRepository,
  BackgroundService,
  BackgroundWatch,
  BackgroundWatchRepository,
  ResponsesRepository,
  ResponsesService,
];

/**
 * Responses that are kept: their objects, and their items, from which further responses go on. In `background/` those that a
 * worker makes: how far each is, and its events.
 */
@Module({ imports: [QueueModule], providers: parts, exports: parts })
export class ResponsesModule {}
