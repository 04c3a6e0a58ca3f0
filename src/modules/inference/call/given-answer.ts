import { AppError } from '../../../kernel/app-error.js';
import type { CallStart } from '../../../platform/journal/call-record.js';

/** What a provider has answered to a call that was written into one of its batches. */
export interface GivenAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** How the call is booked: as what it was when it was written, and each time under the same id. */
  readonly booking: Pick<CallStart, 'id' | 'connectionId' | 'model' | 'startedAtMs'>;
  /** Told when the call is let through: from then on it is booked, however it ends. */
  booked(): void;
}

/** A call that cannot stand in a batch of its provider: the platform has to do more for it than to send it. */
export class NotHandedOnError extends AppError {
  constructor(why: string) {
    super('unsupported_parameter', { message: `The provider's batches cannot make this request: ${why}.` });
  }
}
