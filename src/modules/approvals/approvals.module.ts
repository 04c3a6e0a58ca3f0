import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { ApprovalLinksService } from './approval-links.service.js';
import { ApprovalParts } from './approval-parts.js';
import { ApprovalRunner } from './approval-runner.js';
import { ApprovalRunsRepository } from './approval-runs.repository.js';
import { ApprovalSweep } from './approval-sweep.js';
import { ApprovalWatchRepository } from './approval-watch.repository.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { ApprovalsService } from './approvals.service.js';
import { DecisionsService } from './decisions.service.js';
import { HeldCallsService } from './held-calls.service.js';
import { HeldHeads } from './held-heads.js';

/**
 * Calls that are held until somebody approves them: held-calls takes them in, decisions.service decides, approval-runner makes
 * them, each once, and approval-sweep mends what crashes left. How a call is made is for the doors to say.
 */
@Module({
  imports: [AuditModule, IdempotencyModule, KeysModule, WebhooksModule],
  providers: [
    ApprovalLinksService,
    ApprovalParts,
    ApprovalRunner,
    ApprovalRunsRepository,
    ApprovalSweep,
    ApprovalWatchRepository,
    ApprovalsRepository,
    ApprovalsService,
    DecisionsService,
    HeldCallsService,
    HeldHeads,
  ],
  exports: [ApprovalLinksService, ApprovalRunner, ApprovalsService, DecisionsService, HeldCallsService],
})
export class ApprovalsModule {}
