import { AppError, type AppErrorOptions } from '../../kernel/app-error.js';
import type { ErrorCode } from '../../kernel/error-codes.js';

/** An embedding call without vectors. */
export class EmbeddingError extends AppError {
  constructor(
    code: ErrorCode,
    /** The same call may succeed later. */
    readonly mayPass: boolean,
    options: AppErrorOptions,
    /** The provider refused what it was sent; fewer texts it may take. */
    readonly refused = false,
  ) {
    super(code, options);
    this.name = 'EmbeddingError';
  }
}
