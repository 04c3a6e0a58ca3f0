import type { AdminFileObject, FileObject, FileStage, FileState } from '../../contracts/files.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { FileRecord } from '../../modules/files/file-record.js';
import { statusOf } from '../../modules/files/file-status.js';

/** A file in the contract's form (section 7). */
export function presentFile(file: FileRecord): FileObject {
  const isFailed = file.state === 'failed';
  return {
    id: file.id,
    object: 'file',
    bytes: Number(file.bytes),
    created_at: toUnixSeconds(file.createdAt),
    expires_at: file.expiresAt === null ? null : toUnixSeconds(file.expiresAt),
    filename: file.filename,
    purpose: file.purpose,
    status: statusOf(file),
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

/** A file as the admin plane shows it. */
export function presentAdminFile(file: FileRecord): AdminFileObject {
  return { ...presentFile(file), tenant: file.tenant.slug, key: file.keyId, media_type: file.mediaType };
}
