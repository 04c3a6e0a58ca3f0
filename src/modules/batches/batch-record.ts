import type { BatchEndpoint, BatchError, BatchRoute, BatchStatus } from '../../contracts/batches.js';

/** Which batch. Batches belong to the tenant: every key of it with the scope sees them. */
export interface BatchPlace {
  readonly tenantId: string;
  readonly id: string;
}

/** What a batch is once its files are written. */
export type BatchEnd = Extract<BatchStatus, 'completed' | 'expired' | 'cancelled'>;

/** A batch that is to be made. */
export interface NewBatch extends BatchPlace {
  readonly keyId: string;
  /** The caller's address: the key's list of addresses is asked with it for every line. */
  readonly ip: string;
  readonly endpoint: BatchEndpoint;
  readonly route: BatchRoute;
  readonly inputFileId: string;
  readonly storageKey: string;
  readonly inputBytes: number;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** How long the files that it makes are kept, in seconds; null: until they are deleted. */
  readonly outputSeconds: number | null;
}

/** Tokens of answers, as they tell them. */
export interface BatchTokens {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
}

/** Their names, in the order in which statements take them. */
export const tokenFigures = ['inputTokens', 'cachedInputTokens', 'outputTokens', 'reasoningTokens', 'totalTokens'] as const;

/** A batch as its row tells it. */
export interface BatchRecord extends NewBatch, BatchTokens {
  readonly status: BatchStatus;
  readonly endsAs: BatchEnd;
  /** It has ended, and its requests are removed. */
  readonly cleared: boolean;
  readonly errors: readonly BatchError[] | null;
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly createdAt: Date;
  readonly windowEndsAt: Date;
  readonly inProgressAt: Date | null;
  readonly finalizingAt: Date | null;
  readonly completedAt: Date | null;
  readonly failedAt: Date | null;
  readonly expiredAt: Date | null;
  readonly cancellingAt: Date | null;
  readonly cancelledAt: Date | null;
}

/** Thrown where a run writes to a batch that it has no more: it was silent for too long, or the batch has ended without it. */
export class LostBatchError extends Error {
  override readonly name = 'LostBatchError';
}
