import { AppError, type AppErrorOptions } from '../../kernel/app-error.js';
import type { ErrorCode } from '../../kernel/error-codes.js';

/** How a provider refused a call: in its own cleaned sentence, null when it gave none. */
export interface Refusal {
  readonly sentence: string | null;
}

/** An embedding call without vectors. */
export class EmbeddingError extends AppError {
  constructor(
    code: ErrorCode,
    /** The same call may succeed later. */
    readonly mayPass: boolean,
    options: AppErrorOptions,
    /** Set when the provider refused what it was sent; fewer texts it may take. */
    readonly refusal?: Refusal,
  ) {
    super(code, options);
    this.name = 'EmbeddingError';
  }
}
