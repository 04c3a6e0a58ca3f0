import type { FileObject, FileStage, FileState } from '../../../contracts/files.js';
import { secondsOrNull, toUnixSeconds } from '../../../contracts/times.js';
import type { FileRecord } from './file-record.js';
import { statusOf } from './file-status.js';

/** A file in the contract's form (section 7): as the presenters show it and as events tell of it. */
export function fileObjectOf(file: FileRecord): FileObject {
  const isFailed = file.state === 'failed';
  const isOpenAi = file.kind === 'file';
  const expiresAt = secondsOrNull(file.expiresAt);
  return {
    id: file.id,
    object: 'file',
    bytes: Number(file.bytes),
    created_at: toUnixSeconds(file.createdAt),
    // OpenAI's clients know no null here.
    ...(isOpenAi && expiresAt === null ? {} : { expires_at: expiresAt }),
    filename: file.filename,
    purpose: file.purpose,
    status: statusOf(file),
    ...(isOpenAi && isFailed ? { status_details: file.errorMessage ?? '' } : {}),
    gt: {
      state: file.state as FileState,
      progress: { stage: (file.stage ?? 'queue') as FileStage, percent: file.percent },
      error: isFailed ? { code: file.errorCode ?? 'processing_failed', message: file.errorMessage ?? '' } : null,
      conversation_id: file.conversationId,
      dataset_id: file.datasetId,
      sha256: file.sha256,
      attempts: file.attempts,
    },
  };
}
