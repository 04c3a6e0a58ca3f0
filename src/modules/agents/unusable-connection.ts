import { modalities } from '../../contracts/scopes.js';
import { needsAttention } from '../connections/needs-attention.js';
import type { ConnectionTarget } from './connection-target.js';

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
    throw needsAttention();
  }

  get dialect(): never {
    throw needsAttention();
  }

  get basePath(): never {
    throw needsAttention();
  }

  get namedPaths(): never {
    throw needsAttention();
  }

  get wireHeaders(): never {
    throw needsAttention();
  }

  get staticHeaders(): never {
    throw needsAttention();
  }

  get secretTexts(): never {
    throw needsAttention();
  }

  get origin(): never {
    throw needsAttention();
  }

  get hasDeployments(): never {
    throw needsAttention();
  }

  get hasCompletions(): never {
    throw needsAttention();
  }

  pathsOf(): never {
    throw needsAttention();
  }

  get batches(): never {
    throw needsAttention();
  }

  get tuning(): never {
    throw needsAttention();
  }

  placeOf(): never {
    throw needsAttention();
  }

  get tokens(): never {
    throw needsAttention();
  }

  get habits(): never {
    throw needsAttention();
  }

  get way(): never {
    throw needsAttention();
  }

  get login(): never {
    throw needsAttention();
  }

  get circuit(): never {
    throw needsAttention();
  }

  get droppedFields(): never {
    throw needsAttention();
  }
}
