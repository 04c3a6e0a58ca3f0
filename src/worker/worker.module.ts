import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import type { Config } from '../config/load-config.js';
import { AuditSealingModule } from '../modules/audit-chain/audit-sealing.module.js';
import { BackgroundRunsModule } from '../modules/background-runs/background-runs.module.js';
import { BatchRunsModule } from '../modules/batch-runs/batch-runs.module.js';
import { BudgetsModule } from '../modules/budgets/budgets.module.js';
import { ConversationsModule } from '../modules/conversations/conversations.module.js';
import { ErasureRunsModule } from '../modules/erasure/erasure-runs.module.js';
import { FileProcessingModule } from '../modules/files/file-processing.module.js';
import { FineTuningRunsModule } from '../modules/fine-tuning/fine-tuning-runs.module.js';
import { FilesModule } from '../modules/files/files.module.js';
import { RequestLogModule } from '../modules/request-log/request-log.module.js';
import { RetrievalModule } from '../modules/retrieval/retrieval.module.js';
import { RunbookWorkerModule } from '../modules/runbook-runs/runbook-worker.module.js';
import { StoredCompletionsModule } from '../modules/stored-completions/stored-completions.module.js';
import { SystemModule } from '../modules/system/system.module.js';
import { UsageModule } from '../modules/usage/usage.module.js';
import { VectorStoreSweepModule } from '../modules/vector-stores/vector-store-sweep.module.js';
import { WebhookDeliveryModule } from '../modules/webhooks/webhook-delivery.module.js';
import { KeyHygieneModule } from '../modules/key-hygiene/key-hygiene.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { SecretsModule } from '../platform/secrets/secrets.module.js';
import { AuditSealProcessor } from './processors/audit-seal.processor.js';
import { BatchRunProcessor } from './processors/batch-run.processor.js';
import { BatchesSweepProcessor } from './processors/batches-sweep.processor.js';
import { ConversationsExpireProcessor } from './processors/conversations-expire.processor.js';
import { FineTuningRunProcessor } from './processors/fine-tuning-run.processor.js';
import { FineTuningSweepProcessor } from './processors/fine-tuning-sweep.processor.js';
import { ErasureRunProcessor } from './processors/erasure-run.processor.js';
import { ErasuresSweepProcessor } from './processors/erasures-sweep.processor.js';
import { FileProcessProcessor } from './processors/file-process.processor.js';
import { FilesExpireProcessor } from './processors/files-expire.processor.js';
import { FilesOrphansProcessor } from './processors/files-orphans.processor.js';
import { FilesSweepProcessor } from './processors/files-sweep.processor.js';
import { IngestionProcessProcessor } from './processors/ingestion-process.processor.js';
import { KeysEndingProcessor } from './processors/keys-ending.processor.js';
import { PassagesVectorsProcessor } from './processors/passages-vectors.processor.js';
import { VectorsRecallProcessor } from './processors/vectors-recall.processor.js';
import { PassagesWordsProcessor } from './processors/passages-words.processor.js';
import { PlatformSweepProcessor } from './processors/platform-sweep.processor.js';
import { RequestDaysProcessor } from './processors/request-days.processor.js';
import { ResponseRunProcessor } from './processors/response-run.processor.js';
import { ResponsesSweepProcessor } from './processors/responses-sweep.processor.js';
import { RunbookRunProcessor } from './processors/runbook-run.processor.js';
import { RunbooksExpireProcessor } from './processors/runbooks-expire.processor.js';
import { RunbooksSweepProcessor } from './processors/runbooks-sweep.processor.js';
import { StoredExpireProcessor } from './processors/stored-expire.processor.js';
import { UploadsExpireProcessor } from './processors/uploads-expire.processor.js';
import { UsageMonthsProcessor } from './processors/usage-months.processor.js';
import { UsageSumsProcessor } from './processors/usage-sums.processor.js';
import { VectorStoresSweepProcessor } from './processors/vector-stores-sweep.processor.js';
import { WebhooksDeliverProcessor } from './processors/webhooks-deliver.processor.js';
import { WebhooksExpireProcessor } from './processors/webhooks-expire.processor.js';
import { WebhooksSweepProcessor } from './processors/webhooks-sweep.processor.js';

/**
 * The worker process: the same modules as the API behind another door, jobs instead of requests. A new job's processor
 * is listed here; start-worker holds the list against the job catalogue. Journals that dead processes left are adopted
 * here too, so that their usage is booked although no API runs.
 */
@Module({})
export class WorkerModule {
  static with(config: Config): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ConfigModule.forRoot(config),
        ObservabilityModule.of('gt-worker'),
        DatabaseModule,
        SecretsModule,
        DiscoveryModule,
        QueueModule,
        AuditSealingModule,
        BackgroundRunsModule,
        BatchRunsModule,
        BudgetsModule,
        ConversationsModule,
        ErasureRunsModule,
        FileProcessingModule,
        FilesModule,
        FineTuningRunsModule,
        KeyHygieneModule,
        RequestLogModule,
        RetrievalModule,
        RunbookWorkerModule,
        StoredCompletionsModule,
        SystemModule,
        UsageModule,
        VectorStoreSweepModule,
        WebhookDeliveryModule,
      ],
      providers: [
        PlatformSweepProcessor,
        AuditSealProcessor,
        BatchRunProcessor,
        BatchesSweepProcessor,
        ConversationsExpireProcessor,
        StoredExpireProcessor,
        ErasureRunProcessor,
        ErasuresSweepProcessor,
        FileProcessProcessor,
        FilesSweepProcessor,
        FilesExpireProcessor,
        FilesOrphansProcessor,
        FineTuningRunProcessor,
        FineTuningSweepProcessor,
        IngestionProcessProcessor,
        KeysEndingProcessor,
        PassagesVectorsProcessor,
        VectorsRecallProcessor,
        PassagesWordsProcessor,
        RequestDaysProcessor,
        ResponseRunProcessor,
        ResponsesSweepProcessor,
        RunbookRunProcessor,
        RunbooksExpireProcessor,
        RunbooksSweepProcessor,
        UploadsExpireProcessor,
        UsageMonthsProcessor,
        UsageSumsProcessor,
        VectorStoresSweepProcessor,
        WebhooksDeliverProcessor,
        WebhooksSweepProcessor,
        WebhooksExpireProcessor,
      ],
    };
  }
}
