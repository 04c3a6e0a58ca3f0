import type { BatchObject } from '../../contracts/batches.js';
import type { RowPage } from '../../contracts/lists.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { BatchRecord } from '../../modules/batches/batch-record.js';

/** A batch as OpenAI shows it. What is not there yet is left out. */
export function presentBatch(batch: BatchRecord): BatchObject {
  const { errors, outputFileId, errorFileId, total, completed, failed } = batch;
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    ...(errors === null ? {} : { errors: { object: 'list' as const, data: [...errors] } }),
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: batch.status,
    ...(outputFileId === null ? {} : { output_file_id: outputFileId }),
    ...(errorFileId === null ? {} : { error_file_id: errorFileId }),
    created_at: toUnixSeconds(batch.createdAt),
    ...timeOf('in_progress_at', batch.inProgressAt),
    expires_at: toUnixSeconds(batch.windowEndsAt),
    ...timeOf('finalizing_at', batch.finalizingAt),
    ...timeOf('completed_at', batch.completedAt),
    ...timeOf('failed_at', batch.failedAt),
    ...timeOf('expired_at', batch.expiredAt),
    ...timeOf('cancelling_at', batch.cancellingAt),
    ...timeOf('cancelled_at', batch.cancelledAt),
    request_counts: { total, completed, failed },
    usage: {
      input_tokens: batch.inputTokens,
      input_tokens_details: { cached_tokens: batch.cachedInputTokens },
      output_tokens: batch.outputTokens,
      output_tokens_details: { reasoning_tokens: batch.reasoningTokens },
      total_tokens: batch.totalTokens,
    },
    metadata: batch.metadata,
  };
}

/** A page of batches. OpenAI's description allows no null for the ids of an empty one. */
export function presentBatches({ rows, hasMore }: RowPage<BatchRecord>) {
  const data = rows.map(presentBatch);
  const [first, last] = [data[0], data.at(-1)];
  const ends = first === undefined || last === undefined ? {} : { first_id: first.id, last_id: last.id };
  return { object: 'list' as const, data, ...ends, has_more: hasMore };
}

function timeOf<Name extends string>(name: Name, time: Date | null): Partial<Record<Name, number>> {
  return (time === null ? {} : { [name]: toUnixSeconds(time) }) as Partial<Record<Name, number>>;
}
