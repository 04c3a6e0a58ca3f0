import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { FilesModule } from '../files/files.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { LimitReportService } from './limit-report.service.js';

/** What is left of the limits of a key: those of its calls and those of its uploads. */
@Module({
  imports: [AgentsModule, FilesModule, KeysModule, LimitsModule],
  providers: [LimitReportService],
  exports: [LimitReportService],
})
export class LimitReportModule {}
