import { AppError } from '../../kernel/app-error.js';
import type { CallAnswer } from './approval-record.js';

/** An error as the result of a call. */
export function errorAnswer(error: AppError): { readonly answer: CallAnswer; readonly body: Buffer } {
  return {
    answer: { status: error.status, headers: { 'content-type': 'application/json; charset=utf-8' } },
    body: Buffer.from(JSON.stringify(error.body())),
  };
}

/** Of a call whose process died, or stopped, behind its going out: nobody knows what came of it. */
export function interrupted(): AppError {
  return new AppError('internal_error', {
    message: 'The server was interrupted while it made this approved call. It may have had its effect, and is not made again.',
  });
}

/** Of a call whose answer has no end. */
export function brokenOff(cause?: unknown): AppError {
  return new AppError('upstream_error', { message: 'The answer to this approved call broke off before its end.', cause });
}

/** Of a call whose answer cannot be kept. */
export function tooLarge(): AppError {
  return new AppError('internal_error', { message: 'The answer to this approved call is larger than can be kept.' });
}

/** Of a call that is not what was approved, as far as can be told. */
export function notWhole(cause: unknown): AppError {
  return new AppError('internal_error', { message: 'The stored request cannot be read any more. It was not run.', cause });
}
