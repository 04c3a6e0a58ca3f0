import { AppError } from '../../../kernel/app-error.js';
import type { ReplySink } from '../call/reply-sink.js';

/**
 * Takes the whole answer of a call that the platform makes for another one, whose client gets nothing of it. When that
 * client leaves, the call ends.
 */
export class GatheredReply implements ReplySink {
  private readonly parts: Buffer[] = [];
  private readonly flushed: (() => void)[] = [];
  private settle: ((outcome: Buffer | AppError) => void) | undefined;
  /** The answer. @throws AppError when there is none. */
  readonly whole: Promise<Buffer>;

  /** @param client the sink of the call for which this one is made. */
  constructor(private readonly client: ReplySink) {
    this.whole = new Promise((resolve, reject) => {
      this.settle = (outcome) => {
        if (outcome instanceof AppError) reject(outcome);
        else resolve(outcome);
      };
    });
  }

  get gone(): boolean {
    return this.client.gone;
  }

  setHeader(): void {
    // The answer has no headers that anybody reads.
  }

  head(): void {
    // Neither a status: an answer that is no success fails.
  }

  write(bytes: Buffer | string): boolean {
    this.parts.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    return true;
  }

  end(last?: Buffer | string): void {
    if (last !== undefined) this.write(last);
    this.settle?.(Buffer.concat(this.parts));
    for (const listener of this.flushed) listener();
  }

  fail(error: AppError): void {
    this.settle?.(error);
    for (const listener of this.flushed) listener();
  }

  recording(): undefined {
    return undefined;
  }

  onDrain(): void {
    // Nothing ever waits here.
  }

  onGone(listener: () => void): void {
    this.client.onGone(() => {
      listener();
      this.fail(new AppError('request_timeout', { message: 'The client left.' }));
    });
  }

  onFlushed(listener: () => void): void {
    this.flushed.push(listener);
  }
}
