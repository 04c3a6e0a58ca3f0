import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import type { VectorStoreFileCounts, VectorStoreObject } from '../../contracts/vector-stores.js';
import { expiryOf, isExpired, type StoreCounts, type StoreRecord } from '../../modules/vector-stores/store-record.js';

/** A store in OpenAI's form; `gt` says whether it is a dataset, and what it embeds with. */
export function presentVectorStore(store: StoreRecord): VectorStoreObject {
  const { vectorStore: own } = store;
  const expiry = expiryOf(store);
  const days = own?.expiresDays ?? null;
  return {
    id: store.id,
    object: 'vector_store',
    created_at: toUnixSeconds(store.createdAt),
    name: own === null ? store.name || store.alias : own.name,
    description: own?.description ?? null,
    usage_bytes: store.usageBytes,
    file_counts: presentCounts(store.counts),
    status: isExpired(store) ? 'expired' : store.counts.in_progress > 0 ? 'in_progress' : 'completed',
    ...(days === null ? {} : { expires_after: { anchor: 'last_active_at', days } }),
    expires_at: secondsOrNull(expiry),
    last_active_at: own === null ? null : toUnixSeconds(own.lastActiveAt),
    metadata: (own?.metadata ?? {}) as VectorStoreObject['metadata'],
    gt: {
      kind: own === null ? 'dataset' : 'vector_store',
      embedding: own === null ? null : { connection: store.connection.name, model: store.model },
    },
  };
}

export function presentCounts(counts: StoreCounts): VectorStoreFileCounts {
  const { in_progress, completed, failed, cancelled } = counts;
  return { in_progress, completed, failed, cancelled, total: in_progress + completed + failed + cancelled };
}
