import { AppError, overloaded } from '../../kernel/app-error.js';
import type { ReplySink } from '../inference/call/reply-sink.js';

/** A longer answer is no line of an output. */
const mostBytes = 32 * 1024 * 1024;

/** How a request of a batch came out. */
export type LineOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'failed'; readonly error: AppError }
  /** The run has let go of it. */
  | { readonly kind: 'left' };

/** Counts what the answers of a process hold together. */
export interface AnswerMemory {
  /** False where there is no room for so many more bytes now; an answer that is alone has room. @param mine what it holds so far. */
  take(bytes: number, mine: number): boolean;
  giveBack(bytes: number): void;
}

/** Gathers the answer of one request of a batch. */
export class LineReply implements ReplySink {
  readonly outcome: Promise<LineOutcome>;
  private settle: (outcome: LineOutcome) => void = () => undefined;
  private readonly parts: Buffer[] = [];
  private bytes = 0;
  private status = 200;
  private isOver = false;
  private readonly left: (() => void)[] = [];

  constructor(private readonly memory: AnswerMemory) {
    this.outcome = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get gone(): boolean {
    return this.isOver;
  }

  setHeader(): void {
    // An answer in a file has no headers.
  }

  head(status: number): void {
    this.status = status;
  }

  write(bytes: Buffer | string): boolean {
    if (this.isOver) return true;
    const part = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    if (this.bytes + part.length > mostBytes) this.breakOff(tooLong());
    else if (!this.memory.take(part.length, this.bytes)) this.breakOff(overloaded());
    else {
      this.bytes += part.length;
      this.parts.push(part);
    }
    return true;
  }

  end(last?: Buffer | string): void {
    if (last !== undefined) this.write(last);
    this.over({ kind: 'answered', status: this.status, body: Buffer.concat(this.parts) });
  }

  fail(error: AppError): void {
    this.over({ kind: 'failed', error });
  }

  /** Ends the call from outside: the provider's call is broken off. */
  leave(): void {
    this.close({ kind: 'left' });
  }

  recording(): undefined {
    return undefined;
  }

  onDrain(): void {
    // Nothing ever waits here.
  }

  onGone(listener: () => void): void {
    this.left.push(listener);
  }

  onFlushed(listener: () => void): void {
    void this.outcome.then(listener);
  }

  private breakOff(error: AppError): void {
    this.close({ kind: 'failed', error });
  }

  private close(outcome: LineOutcome): void {
    if (this.isOver) return;
    const listeners = this.left.splice(0);
    this.over(outcome);
    for (const listener of listeners) listener();
  }

  private over(outcome: LineOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.memory.giveBack(this.bytes);
    this.settle(outcome);
    // What refers to it longer than it is needed keeps nothing of the call.
    this.parts.length = 0;
    this.left.length = 0;
    this.settle = () => undefined;
  }
}

function tooLong(): AppError {
  return new AppError('upstream_error', { message: 'The answer is longer than a line of a batch may be.' });
}
