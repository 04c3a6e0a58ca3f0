import { Module } from '@nestjs/common';
import { AgentsModule } from '../modules/agents/agents.module.js';
import { ApprovalsModule } from '../modules/approvals/approvals.module.js';
import { AuditModule } from '../modules/audit/audit.module.js';
import { AuditChainModule } from '../modules/audit-chain/audit-chain.module.js';
import { BudgetsModule } from '../modules/budgets/budgets.module.js';
import { ConnectionsModule } from '../modules/connections/connections.module.js';
import { AdminUploads } from './uploads/admin-uploads.js';
import { DatasetsModule } from '../modules/datasets/datasets.module.js';
import { ErasureModule } from '../modules/erasure/erasure.module.js';
import { FilesModule } from '../modules/files/files.module.js';
import { KeyDeletionModule } from '../modules/key-deletion/key-deletion.module.js';
import { KeyHygieneModule } from '../modules/key-hygiene/key-hygiene.module.js';
import { KeysModule } from '../modules/keys/keys.module.js';
import { LedgerModule } from '../modules/ledger/ledger.module.js';
import { LimitReportModule } from '../modules/limit-report/limit-report.module.js';
import { MembersModule } from '../modules/members/members.module.js';
import { ConfigurationModule } from '../modules/configuration/configuration.module.js';
import { PricesModule } from '../modules/prices/prices.module.js';
import { SealingModule } from '../modules/sealing/sealing.module.js';
import { SessionsModule } from '../modules/sessions/sessions.module.js';
import { SignInModule } from '../modules/sign-in/sign-in.module.js';
import { RequestLogModule } from '../modules/request-log/request-log.module.js';
import { RunbookRunsModule } from '../modules/runbook-runs/runbook-runs.module.js';
import { SystemModule } from '../modules/system/system.module.js';
import { TenantDataModule } from '../modules/tenant-data/tenant-data.module.js';
import { TenantsModule } from '../modules/tenants/tenants.module.js';
import { UsageModule } from '../modules/usage/usage.module.js';
import { WebhooksModule } from '../modules/webhooks/webhooks.module.js';
import { AdminFailures } from './auth/admin-failures.js';
import { CalledTenant } from './auth/called-tenant.js';
import { Actors } from './auth/actor.js';
import { AdminGuard } from './auth/admin-guard.js';
import { AdminTokensController } from './controllers/admin/admin-tokens.controller.js';
import { AgentsController } from './controllers/admin/agents.controller.js';
import { ApprovalLinksController } from './controllers/admin/approval-links.controller.js';
import { ApprovalsAdminController } from './controllers/admin/approvals.controller.js';
import { AuditExportController } from './controllers/admin/audit-export.controller.js';
import { AuditController } from './controllers/admin/audit.controller.js';
import { BudgetsController } from './controllers/admin/budgets.controller.js';
import { ConnectionsController } from './controllers/admin/connections.controller.js';
import { DatasetContentsController } from './controllers/admin/dataset-contents.controller.js';
import { DatasetFilesAdminController } from './controllers/admin/dataset-files.controller.js';
import { DatasetsAdminController } from './controllers/admin/datasets.controller.js';
import { EndpointsController } from './controllers/admin/endpoints.controller.js';
import { ErasuresController } from './controllers/admin/erasures.controller.js';
import { FileActionsController } from './controllers/admin/file-actions.controller.js';
import { FilesAdminController } from './controllers/admin/files.controller.js';
import { KeyActivityController } from './controllers/admin/key-activity.controller.js';
import { KeyExerciseController } from './controllers/admin/key-exercise.controller.js';
import { KeyLimitsController } from './controllers/admin/key-limits.controller.js';
import { KeyLifeController } from './controllers/admin/key-life.controller.js';
import { KeyReportController } from './controllers/admin/key-report.controller.js';
import { KeysController } from './controllers/admin/keys.controller.js';
import { LedgerController } from './controllers/admin/ledger.controller.js';
import { MembersController } from './controllers/admin/members.controller.js';
import { OperatorTokensController } from './controllers/admin/operator-tokens.controller.js';
import { PlatformFileController } from './controllers/admin/platform-file.controller.js';
import { PresetsController } from './controllers/admin/presets.controller.js';
import { PricesController } from './controllers/admin/prices.controller.js';
import { RecordsController } from './controllers/admin/records.controller.js';
import { MemberLinksController } from './controllers/admin/member-links.controller.js';
import { OidcController } from './controllers/admin/oidc.controller.js';
import { OwnSignInController } from './controllers/admin/own-sign-in.controller.js';
import { SessionsController } from './controllers/admin/sessions.controller.js';
import { SealingKeysController } from './controllers/admin/sealing-keys.controller.js';
import { SignInController } from './controllers/admin/sign-in.controller.js';
import { RequestsController } from './controllers/admin/requests.controller.js';
import { StatementsController } from './controllers/admin/statements.controller.js';
import { RunbookRunsController } from './controllers/admin/runbook-runs.controller.js';
import { RunbooksController } from './controllers/admin/runbooks.controller.js';
import { TenantPricesController } from './controllers/admin/tenant-prices.controller.js';
import { TenantDataController } from './controllers/admin/tenant-data.controller.js';
import { TenantsController } from './controllers/admin/tenants.controller.js';
import { WebhooksController } from './controllers/admin/webhooks.controller.js';

/** The doors of the admin plane. */
@Module({
  imports: [
    AgentsModule,
    ApprovalsModule,
    AuditModule,
    AuditChainModule,
    BudgetsModule,
    ConnectionsModule,
    DatasetsModule,
    ErasureModule,
    FilesModule,
    KeyDeletionModule,
    KeyHygieneModule,
    KeysModule,
    LedgerModule,
    LimitReportModule,
    MembersModule,
    ConfigurationModule,
    PricesModule,
    RequestLogModule,
    RunbookRunsModule,
    SealingModule,
    SessionsModule,
    SignInModule,
    SystemModule,
    TenantDataModule,
    TenantsModule,
    UsageModule,
    WebhooksModule,
  ],
  controllers: [
    AdminTokensController,
    AgentsController,
    ApprovalLinksController,
    ApprovalsAdminController,
    AuditController,
    AuditExportController,
    BudgetsController,
    ConnectionsController,
    DatasetContentsController,
    DatasetFilesAdminController,
    DatasetsAdminController,
    EndpointsController,
    ErasuresController,
    FileActionsController,
    FilesAdminController,
    KeyActivityController,
    KeyExerciseController,
    KeyLifeController,
    KeyLimitsController,
    KeyReportController,
    KeysController,
    LedgerController,
    MembersController,
    OperatorTokensController,
    PlatformFileController,
    PresetsController,
    PricesController,
    RecordsController,
    RequestsController,
    StatementsController,
    SealingKeysController,
    SignInController,
    OidcController,
    OwnSignInController,
    SessionsController,
    MemberLinksController,
    RunbookRunsController,
    RunbooksController,
    TenantPricesController,
    TenantDataController,
    TenantsController,
    WebhooksController,
  ],
  providers: [Actors, AdminUploads, AdminGuard, AdminFailures, CalledTenant],
  exports: [AdminFailures, AdminGuard],
})
export class AdminModule {}
