import { AppError } from '../../kernel/app-error.js';

/**
 * What callers see when the storage is full, unreachable or broken: 503, so that clients try again. The driver's own
 * error is the cause, for the log.
 */
export function storageFailure(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('overloaded', {
    message: 'The file storage is not available right now. Please try again.',
    headers: { 'retry-after': '5' },
    cause,
  });
}

/** Whether a file system's error says that there is no such file or folder. */
export function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}
