import type { FileStatus } from '../../../contracts/files.js';
import type { File } from '../../../platform/database/generated/client.js';

/** What the status of a file depends on. */
export type StatusFacts = Pick<File, 'kind' | 'state' | 'stage'>;

/** A file's state in the words of its kind (contract section 7): files of `POST /files` have OpenAI's. */
export function statusOf({ kind, state, stage }: StatusFacts): FileStatus {
  const isOpenAi = kind === 'file';
  if (state === 'ready') return isOpenAi ? 'processed' : 'ready';
  if (state === 'failed') return isOpenAi ? 'error' : 'failed';
  if (isOpenAi) return 'uploaded';
  return stage === null ? 'queued' : 'processing';
}
