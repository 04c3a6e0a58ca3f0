import { Injectable } from '@nestjs/common';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import type { SearchTarget } from '../../retrieval/passage.js';

/** A dataset or a conversation with files that are ready, and which connection makes its vectors where its row says so. */
export interface PassageTarget extends SearchTarget {
  readonly connectionId: string | null;
}

/** Files of one conversation were embedded by one model, unless its agent has changed since; more are not asked. */
const mostModels = 4;

/** Finds what a call may be answered from. */
@Injectable()
export class PassageTargetsRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** The tenant's datasets of these ids, and the conversation once for each model that embedded files of it. */
  async find(tenantId: string, datasetIds: readonly string[], conversationId: string | undefined): Promise<PassageTarget[]> {
    return this.database.run(tenantId, async (tx) => [
      ...(await datasets(tx, tenantId, datasetIds)),
      ...(conversationId === undefined ? [] : await conversations(tx, tenantId, conversationId)),
    ]);
  }
}

async function datasets(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<PassageTarget[]> {
  if (ids.length === 0) return [];
  const rows = await tx.dataset.findMany({
    where: { tenantId, kind: 'dataset', id: { in: [...ids] } },
    select: { id: true, model: true, connectionId: true },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ id, model, connectionId }) => ({ kind: 'dataset', id, embeddingModel: model, connectionId }));
}

async function conversations(tx: Transaction, tenantId: string, id: string): Promise<PassageTarget[]> {
  // A file is embedded as a whole: its first passage tells the model.
  const rows = await tx.$queryRaw<{ model: string | null }[]>`
    select distinct (select c.embedding_model from chunks c
                      where c.tenant_id = f.tenant_id and c.file_id = f.id order by c.ordinal limit 1) as model
      from files f
     where f.tenant_id = ${tenantId} and f.conversation_id = ${id} and f.state <> 'failed'
       and exists (select from chunks c where c.tenant_id = f.tenant_id and c.file_id = f.id)
     order by model limit ${mostModels}::int`;
  return rows.map(({ model }) => ({ kind: 'conversation', id, embeddingModel: model, connectionId: null }));
}
