import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { CountingBudgetsModule } from '../budgets/counting-budgets.module.js';
import { FilesModule } from '../files/files.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { KeyReportService } from './key-report.service.js';
import { LimitReportService } from './limit-report.service.js';

/** What is left of the limits of a key, those of its calls and those of its uploads, and of the budgets that count its calls. */
@Module({
  imports: [AgentsModule, CountingBudgetsModule, FilesModule, KeysModule, LimitsModule],
  providers: [KeyReportService, LimitReportService],
  exports: [KeyReportService],
})
export class LimitReportModule {}
