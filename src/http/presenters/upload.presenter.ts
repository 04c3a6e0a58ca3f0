import type { UploadObject, UploadPartObject } from '../../contracts/uploads.js';
import { toUnixSeconds } from '../../contracts/times.js';
import { statusOfUpload, type UploadRecord } from '../../modules/files/uploads/upload-record.js';
import { presentFile } from './file.presenter.js';

/** An upload in OpenAI's form. */
export function presentUpload(upload: UploadRecord): UploadObject {
  return {
    id: upload.id,
    object: 'upload',
    bytes: Number(upload.bytes),
    created_at: toUnixSeconds(upload.createdAt),
    expires_at: toUnixSeconds(upload.expiresAt),
    filename: upload.filename,
    purpose: upload.purpose,
    status: statusOfUpload(upload),
    ...(upload.file === null ? {} : { file: presentFile(upload.file) }),
  };
}

/** A part of one. */
export function presentUploadPart(part: {
  readonly id: string;
  readonly uploadId: string;
  readonly createdAt: Date;
}): UploadPartObject {
  return { id: part.id, object: 'upload.part', created_at: toUnixSeconds(part.createdAt), upload_id: part.uploadId };
}
