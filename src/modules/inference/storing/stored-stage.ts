import { AppError } from '../../../kernel/app-error.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { Recording } from '../../idempotency/recording.js';
import type { NewCompletion } from '../../stored-completions/completion-record.js';
import type { AnswerPart } from '../call/answer-part.js';
import type { KeptCall } from '../call/kept-call.js';
import type { KeepingStage, Pass } from '../call/stage.js';

/** How a completion gets into the database. */
export interface StoredEnding {
  insert(tx: Transaction, made: NewCompletion): Promise<void>;
  /** Does the work in a transaction. */
  run(work: Recording): Promise<void>;
}

/**
 * Gives an answer the id by which it is found again, and stores it when it is whole, before its end goes out: so what the
 * client has whole is there. A call that is a turn of a conversation too is stored in the turn's transaction.
 */
export class StoredStage implements KeepingStage {
  private hasJoined = false;
  private isAbandoned = false;

  constructor(
    private readonly call: KeptCall,
    private readonly ending: StoredEnding,
  ) {}

  event(part: AnswerPart, pass: Pass): void {
    const given = this.call.take(part);
    if (given !== undefined) pass(given);
  }

  end(): void {
    // Nothing was held back.
  }

  reply(part: AnswerPart): AnswerPart {
    return this.call.take(part) ?? part;
  }

  join(recording: Recording | undefined): Recording {
    this.hasJoined = true;
    return this.work(recording);
  }

  async seal(recording: Recording | undefined): Promise<void> {
    if (!this.hasJoined) await this.ending.run(this.work(recording));
  }

  abandon(): void {
    this.isAbandoned = true;
  }

  private work(recording: Recording | undefined): Recording {
    const made = this.call.completion();
    return async (tx) => {
      await this.ending.insert(tx, made);
      if (this.isAbandoned) throw new AppError('request_timeout', { message: 'The client left.' });
      await recording?.(tx);
    };
  }
}
