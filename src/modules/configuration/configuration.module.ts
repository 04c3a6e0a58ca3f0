import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { BudgetsModule } from '../budgets/budgets.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { PricesModule } from '../prices/prices.module.js';
import { TenantsModule } from '../tenants/tenants.module.js';
import { ApplyTurns } from './apply-turns.js';
import { ApplyTransactions } from './apply-transactions.repository.js';
import { BudgetSection } from './budget-section.js';
import { ExportService } from './export.service.js';
import { AddressJudge } from './judged-addresses.js';
import { KeySections } from './key-sections.js';
import { ApplyService } from './apply.service.js';
import { PlatformPrices } from './platform-prices.js';
import { ProviderSections } from './provider-sections.js';
import { PublishingSections } from './publishing-sections.js';
import { Sections } from './sections.js';
import { TenantSettings } from './tenant-settings.js';
import { TenantStateRepository } from './tenant-state.repository.js';

/**
 * Configuration as code: `gt apply` and `gt export`. A file's entries and stored rows are brought into one form
 * (forms.ts) and compared (section-plan.ts); what differs is done by the services that own it (*-sections.ts).
 */
@Module({
  imports: [AgentsModule, BudgetsModule, ConnectionsModule, DatasetsModule, KeysModule, PricesModule, TenantsModule],
  providers: [
    AddressJudge,
    ApplyTransactions,
    ApplyTurns,
    BudgetSection,
    ExportService,
    KeySections,
    ApplyService,
    PlatformPrices,
    ProviderSections,
    PublishingSections,
    Sections,
    TenantSettings,
    TenantStateRepository,
  ],
  exports: [ExportService, ApplyService],
})
export class ConfigurationModule {}
