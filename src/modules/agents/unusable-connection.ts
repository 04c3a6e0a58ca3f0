import { AppError } from '../../kernel/app-error.js';
import { modalities } from '../../contracts/scopes.js';
import type { ConnectionTarget } from './published-endpoint.js';

/**
 * A connection that cannot be called: its secret does not open, or its row cannot be read. Its endpoints stay published;
 * whoever asks it for what a call needs gets the error that the caller is answered, so that no path can forget to check.
 */
export class UnusableConnection implements ConnectionTarget {
  /** Nobody can tell; whoever asks for it gets the error. */
  readonly served = new Set(modalities);
  readonly isUsable = false;
  readonly embeddingBatchSize = null;
  readonly embeddingBatchLearned = null;

  constructor(
    readonly id: string,
    readonly name: string,
  ) {}

  /** @throws AppError upstream_unavailable, as do all members below. */
  get wire(): never {
    throw this.refusal();
  }

  get dialect(): never {
    throw this.refusal();
  }

  get basePath(): never {
    throw this.refusal();
  }

  get namedPaths(): never {
    throw this.refusal();
  }

  get wireHeaders(): never {
    throw this.refusal();
  }

  get origin(): never {
    throw this.refusal();
  }

  get hasDeployments(): never {
    throw this.refusal();
  }

  get hasCompletions(): never {
    throw this.refusal();
  }

  pathsOf(): never {
    throw this.refusal();
  }

  get authHeader(): never {
    throw this.refusal();
  }

  get habits(): never {
    throw this.refusal();
  }

  get login(): never {
    throw this.refusal();
  }

  get droppedFields(): never {
    throw this.refusal();
  }

  private refusal(): AppError {
    return new AppError('upstream_unavailable', {
      message: 'This model cannot be called: its connection needs the attention of your administrator.',
    });
  }
}
