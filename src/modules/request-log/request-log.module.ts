import { Module } from '@nestjs/common';
import { JournalModule } from '../../platform/journal/journal.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { RequestBodies } from './bodies/request-bodies.js';
import { RequestBodiesService } from './bodies/request-bodies.service.js';
import { RequestBodiesWriter } from './bodies/request-bodies-writer.repository.js';
import { RequestDaysRepository } from './request-days.repository.js';
import { RequestDaysService } from './request-days.service.js';
import { RequestDrops } from './request-drops.js';
import { RequestKeeper } from './request-keeper.js';
import { RequestLog } from './request-log.js';
import { RequestLogRepository } from './request-log.repository.js';
import { RequestLogService } from './request-log.service.js';
import { RequestTails } from './request-tails.js';
import { RequestWriterRepository } from './request-writer.repository.js';

/**
 * The request log: a row for each call of a key, refusals included. `RequestLog` takes the calls and hands rows to the journal; the
 * keeper carries them to Postgres with the drain of usage; the service reads them; the days service keeps their partitions. bodies/ has what tenants keep of bodies.
 */
@Module({
  imports: [AuditModule, JournalModule, UsageModule],
  providers: [
    RequestBodies,
    RequestBodiesService,
    RequestBodiesWriter,
    RequestDaysRepository,
    RequestDaysService,
    RequestDrops,
    RequestKeeper,
    RequestLog,
    RequestLogRepository,
    RequestLogService,
    RequestTails,
    RequestWriterRepository,
  ],
  exports: [RequestBodies, RequestBodiesService, RequestDaysService, RequestLog, RequestLogService, RequestTails],
})
export class RequestLogModule {}
