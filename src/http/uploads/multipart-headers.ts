import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';

export interface MultipartLimits {
  /** Largest file. */
  readonly maxFileBytes: number;
  /** Most fields besides the file. */
  readonly maxFields: number;
  /** Largest value of a field. */
  readonly maxFieldBytes: number;
}

/** A part's own headers and boundary, more than real clients send. */
const partOverheadBytes = 4 * 1024;

/** The largest body that can hold a file and fields within the limits. */
export function maxBodyBytes({ maxFileBytes, maxFields, maxFieldBytes }: MultipartLimits): number {
  return maxFileBytes + maxFields * (maxFieldBytes + partOverheadBytes) + 4 * partOverheadBytes;
}

/**
 * What the headers alone tell of an upload that cannot be accepted: 415 when it is no multipart form, 413 when it is
 * longer than any allowed upload. To be asked before anything of the body is read.
 */
export function refuseUploadByHeaders(headers: IncomingHttpHeaders, limits: MultipartLimits): AppError | undefined {
  const type = headers['content-type'];
  if (type?.split(';')[0]?.trim().toLowerCase() !== 'multipart/form-data') {
    const told = type === undefined ? '; none was sent' : '';
    return new AppError('unsupported_media_type', { message: `The Content-Type must be multipart/form-data${told}.` });
  }
  if (Number(headers['content-length'] ?? 0) > maxBodyBytes(limits)) return fileTooLarge(limits.maxFileBytes);
  return undefined;
}

/** The answer to a file that is larger than allowed. */
export function fileTooLarge(maxFileBytes: number): AppError {
  return new AppError('payload_too_large', {
    param: 'file',
    message: `The file is larger than the ${maxFileBytes} bytes that are allowed.`,
  });
}
