import { AppError } from '../../kernel/app-error.js';

/**
 * - `refused`: it will not do it, and says why (400, 413, 422).
 * - `absent`: it knows nothing of the kind (404).
 * - `locked`: it does not take the credentials (401, 403).
 * - `busy`: it has done nothing, and may later (429, 503, or its connection's circuit).
 * - `away`: there was no whole answer, or one of its own failures.
 * - `unreadable`: it has answered with something that is no answer.
 */
export type ProviderFaultKind = 'refused' | 'absent' | 'locked' | 'busy' | 'away' | 'unreadable';

/** A call to a provider that came to nothing. Its message is for clients: it names nothing of the provider. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';

  constructor(
    readonly kind: ProviderFaultKind,
    /** Whether the provider may have done what was asked all the same. */
    readonly mayBeDone: boolean,
    message: string,
    readonly further: {
      readonly waitMs?: number | undefined;
      /** Which of the platform's parameters the provider blames. */
      readonly param?: string | null;
      readonly code?: string | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: further.cause });
  }

  /** As it is answered to a client who waits for the call. */
  asAppError(): AppError {
    const { waitMs, param = null, cause } = this.further;
    const options = { message: this.message, cause: cause ?? this };
    switch (this.kind) {
      case 'refused':
        return new AppError('invalid_request', { ...options, param });
      case 'busy':
        return new AppError('rate_limit_exceeded', {
          ...options,
          headers: { 'retry-after': String(Math.max(1, Math.ceil((waitMs ?? 1_000) / 1000))) },
        });
      case 'away':
        return new AppError(this.mayBeDone ? 'upstream_error' : 'upstream_unavailable', options);
      default:
        return new AppError('upstream_error', options);
    }
  }
}
