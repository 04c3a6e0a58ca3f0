import type { Allowlist } from '../../catalog/facts.js';
import type { Dataset, VectorStore } from '../../platform/database/generated/client.js';

/** Whose stores a call may see: the tenant's own, and as stores the datasets that its key may read. */
export interface StoreReader {
  readonly tenantId: string;
  /** What the call's embeddings are booked on. */
  readonly keyId: string;
  readonly datasets: Allowlist;
  readonly files: FileRights;
}

/** Whether a call may name files of POST /files: not for lack of a scope, or all are absent for it. */
export type FileRights = 'named' | 'no_scope' | 'absent';

/** Each is enough to name files of POST /files. */
export const fileScopes = ['files:read', 'files:write'] as const;

/** A vector store, or a dataset that is read as one: then `vectorStore` is null. */
export interface StoreRow extends Dataset {
  readonly vectorStore: VectorStore | null;
  readonly connection: { readonly name: string };
}

/** How many files a store has in each state. */
export interface StoreCounts {
  readonly in_progress: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

export const noFiles = { in_progress: 0, completed: 0, failed: 0, cancelled: 0 } as const satisfies StoreCounts;

/** A store with what its files are and take. */
export interface StoreRecord extends StoreRow {
  readonly counts: StoreCounts;
  readonly usageBytes: number;
}

const dayMs = 86_400_000;

/** When the store expires by its last activity; null: never. */
export function expiryOf({ vectorStore }: Pick<StoreRow, 'vectorStore'>): Date | null {
  if (vectorStore === null || vectorStore.expiresDays === null) return null;
  return new Date(vectorStore.lastActiveAt.getTime() + vectorStore.expiresDays * dayMs);
}

/** True from the moment on at which it expires, whether or not the sweep has come by. */
export function isExpired(store: Pick<StoreRow, 'vectorStore'>): boolean {
  const expiry = expiryOf(store);
  return store.vectorStore?.state === 'expired' || (expiry !== null && expiry.getTime() <= Date.now());
}
