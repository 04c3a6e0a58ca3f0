import type { AppError } from '../../kernel/app-error.js';
import { isOfRights } from './line-waits.js';
import { refusedLine, unmadeLine } from './output-line.js';

/** The line of a request that failed: with an answer of its own, or as one that was not made where its key lacks the right. */
export function failedLine(customId: string, error: AppError, requestId: string): string {
  return isOfRights(error) ? unmadeLine(customId, error) : refusedLine(customId, error, requestId);
}
