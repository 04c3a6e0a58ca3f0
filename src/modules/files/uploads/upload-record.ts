import type { UploadStatus } from '../../../contracts/uploads.js';
import type { Upload } from '../../../platform/database/generated/client.js';
import { AppError } from '../../../kernel/app-error.js';
import type { FileRecord } from '../record/file-record.js';

/** A run that has said nothing for this long has died with its process. */
export const runSeconds = 15;

/** An upload, and the file that was made of it as long as there is one. */
export interface UploadRecord extends Upload {
  readonly file: FileRecord | null;
}

/** Whether a call makes the file of the parts now. */
export function isBeingCompleted({ run, beatAt }: Pick<Upload, 'run' | 'beatAt'>): boolean {
  return run !== null && beatAt !== null && Date.now() - beatAt.getTime() < runSeconds * 1000;
}

/** An open upload whose time is over is expired from that moment on, whenever the job comes. */
export function statusOfUpload(upload: Pick<Upload, 'state' | 'expiresAt' | 'run' | 'beatAt'>): UploadStatus {
  const isOver = upload.state === 'pending' && upload.expiresAt.getTime() <= Date.now() && !isBeingCompleted(upload);
  return isOver ? 'expired' : (upload.state as UploadStatus);
}

/** @throws AppError invalid_request for an upload that has ended, conflict while its file is made. */
export function refuseEnded(upload: Upload): void {
  const status = statusOfUpload(upload);
  if (status !== 'pending') throw new AppError('invalid_request', { message: `This upload is ${status}.` });
  if (!isBeingCompleted(upload)) return;
  const message = 'This upload is being completed. Ask again in a moment.';
  throw new AppError('conflict', { message, headers: { 'retry-after': '2' } });
}
