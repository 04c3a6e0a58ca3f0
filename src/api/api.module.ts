import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import type { Config } from '../config/load-config.js';
import { AgentsModule } from '../modules/agents/agents.module.js';
import { ApprovalsModule } from '../modules/approvals/approvals.module.js';
import { DatasetsModule } from '../modules/datasets/datasets.module.js';
import { IdempotencyModule } from '../modules/idempotency/idempotency.module.js';
import { KeyHygieneModule } from '../modules/key-hygiene/key-hygiene.module.js';
import { KeysModule } from '../modules/keys/keys.module.js';
import { MembersModule } from '../modules/members/members.module.js';
import { SessionsModule } from '../modules/sessions/sessions.module.js';
import { RequestLogModule } from '../modules/request-log/request-log.module.js';
import { SystemModule } from '../modules/system/system.module.js';
import { TenantsModule } from '../modules/tenants/tenants.module.js';
import { UsageModule } from '../modules/usage/usage.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { SecretsModule } from '../platform/secrets/secrets.module.js';
import { AccessLog } from '../http/door/access-log.js';
import { AdminModule } from '../http/admin.module.js';
import { ApprovalGate } from '../http/approvals/approval-gate.js';
import { ApprovedCalls } from '../http/approvals/approved-calls.js';
import { HeldJudge } from '../http/approvals/held-judge.js';
import { TenantGuard } from '../http/auth/tenant-guard.js';
import { ConsoleController } from '../http/controllers/system/console.controller.js';
import { DocsController } from '../http/controllers/system/docs.controller.js';
import { LeakReportsController } from '../http/controllers/system/leak-reports.controller.js';
import { SystemController } from '../http/controllers/system/system.controller.js';
import { IdempotentCalls } from '../http/idempotency/idempotent-calls.js';
import { ReplyFrame } from '../http/reply/reply-frame.js';
import { TenantPlaneModule } from '../http/tenant-plane.module.js';

/** The API process: both planes and the system's routes over the modules. */
@Module({})
export class ApiModule {
  static with(config: Config): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ConfigModule.forRoot(config),
        ObservabilityModule.of('gt-api'),
        DatabaseModule,
        SecretsModule,
        DiscoveryModule,
        AgentsModule,
        ApprovalsModule,
        DatasetsModule,
        IdempotencyModule,
        KeyHygieneModule,
        KeysModule,
        MembersModule,
        SessionsModule,
        RequestLogModule,
        SystemModule,
        TenantsModule,
        UsageModule,
        TenantPlaneModule,
        AdminModule,
      ],
      controllers: [SystemController, ConsoleController, DocsController, LeakReportsController],
      providers: [
        TenantGuard,
        AccessLog,
        IdempotentCalls,
        ApprovalGate,
        ApprovedCalls,
        HeldJudge,
        { provide: ReplyFrame, useValue: new ReplyFrame(config.GT_PUBLIC_URL) },
      ],
    };
  }
}
