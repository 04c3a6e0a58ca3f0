import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { LearnedBatch } from './learned-batch.js';

/** Of which connection something was learned, and what was in force there at that time. */
export interface LearnedOf {
  readonly tenantId: string;
  readonly connectionId: string;
  /** Scheme, host and port of the provider that refused. */
  readonly origin: string;
  readonly embeddingBatchSize: number | null;
}

/** Keeps on the connection what a provider's refusals taught, for the admin and for other processes. */
@Injectable()
export class LearnedBatchesRepository {
  constructor(private readonly database: TenantDatabase) {}

  /**
   * Writes only what is new, or was learned again after half an hour or more: each write wakes the change feed. Nothing is
   * written when the connection has got another address or size meanwhile. The connection's time of change stays.
   * @throws DatabaseAwayError.
   */
  async keep({ tenantId, connectionId, origin, embeddingBatchSize }: LearnedOf, learned: LearnedBatch): Promise<void> {
    const message = learned.message?.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd') ?? null;
    await this.database.run(
      tenantId,
      (transaction) => transaction.$executeRaw`
        update connections
           set embedding_batch_learned = ${learned.size}, embedding_batch_model = ${learned.model},
               embedding_batch_refusal = ${message}, embedding_batch_learned_at = ${learned.learnedAt}
         where tenant_id = ${tenantId} and id = ${connectionId}
           and (base_url = ${origin} or starts_with(base_url, ${`${origin}/`}))
           and embedding_batch_size is not distinct from ${embeddingBatchSize}::integer
           and (embedding_batch_learned is distinct from ${learned.size}
                or embedding_batch_model is distinct from ${learned.model}
                or embedding_batch_learned_at < ${learned.learnedAt}::timestamptz - interval '30 minutes')`,
    );
  }
}
