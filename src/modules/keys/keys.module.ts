import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CountingBudgetsModule } from '../budgets/counting-budgets.module.js';
import { PriceDirectoryModule } from '../prices/price-directory.module.js';
import { KeyBatchesRepository } from './key-batches.repository.js';
import { KeyBatchService } from './key-batch.service.js';
import { KeyContentsRepository } from './key-contents.repository.js';
import { KeyDirectory } from './key-directory.js';
import { KeyExerciseService } from './key-exercise.service.js';
import { KeyGranting } from './key-granting.js';
import { KeyInsightService } from './key-insight.service.js';
import { KeyLifeService } from './key-life.service.js';
import { KeyLookupRepository } from './key-lookup.repository.js';
import { KeyNarrowingService } from './key-narrowing.service.js';
import { KeyNotices } from './key-notices.js';
import { KeyRights } from './key-rights.js';
import { KeySecretsRepository } from './key-secrets.repository.js';
import { KeyViews } from './key-views.js';
import { KeysRepository } from './keys.repository.js';
import { KeysService } from './keys.service.js';
import { PresetsRepository } from './presets.repository.js';
import { PresetsService } from './presets.service.js';

/**
 * Keys: what they grant (key-facts), who a secret is (key-directory), and their life on the admin plane.
 * The permission function itself stands in catalog/decide.ts.
 */
@Module({
  imports: [AuditModule, CountingBudgetsModule, PriceDirectoryModule],
  providers: [
    KeyBatchesRepository,
    KeyBatchService,
    KeyContentsRepository,
    KeyDirectory,
    KeyExerciseService,
    KeyGranting,
    KeyInsightService,
    KeyLifeService,
    KeyLookupRepository,
    KeyNarrowingService,
    KeyNotices,
    KeyRights,
    KeySecretsRepository,
    KeysRepository,
    KeysService,
    KeyViews,
    PresetsRepository,
    PresetsService,
  ],
  exports: [
    KeyBatchService,
    KeyContentsRepository,
    KeyDirectory,
    KeyExerciseService,
    KeyInsightService,
    KeyLifeService,
    KeyNarrowingService,
    KeyRights,
    KeysService,
    KeyViews,
    PresetsService,
  ],
})
export class KeysModule {}
