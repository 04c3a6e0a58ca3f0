import type { AppError } from '../../../kernel/app-error.js';
import type { Recording } from '../../idempotency/recording.js';
import { isMendable } from '../call/mendable.js';
import type { ReplySink } from '../call/reply-sink.js';

/**
 * The sink of a try after which another one may follow: a failure of the provider, told before anything of an answer was sent,
 * goes to nobody, and the next try is made in its place.
 */
export class FallbackReply implements ReplySink {
  private readonly headers: (readonly [name: string, value: string])[] = [];
  private hasBegun = false;

  /** @param next makes the next try. */
  constructor(
    private readonly client: ReplySink,
    private readonly next: () => void,
  ) {}

  get gone(): boolean {
    return this.client.gone;
  }

  /** Held back until it is known that this try answers: another one has headers of its own. */
  setHeader(name: string, value: string): void {
    if (this.hasBegun) this.client.setHeader(name, value);
    else this.headers.push([name, value]);
  }

  /** Sends nothing yet: a further try may have another head. */
  head(status: number, type: string, headers?: readonly string[]): void {
    this.client.head(status, type, headers);
  }

  write(bytes: Buffer | string, kept?: Buffer): boolean {
    this.begin();
    return this.client.write(bytes, kept);
  }

  end(last?: Buffer | string, kept?: Buffer): void {
    this.begin();
    this.client.end(last, kept);
  }

  fail(error: AppError, last?: string): void {
    if (this.hasBegun || this.client.gone || !isMendable(error)) {
      this.begin();
      this.client.fail(error, last);
    } else this.next();
  }

  recording(last: Buffer): Recording | undefined {
    this.begin();
    return this.client.recording(last);
  }

  onDrain(listener: () => void): void {
    this.client.onDrain(listener);
  }

  onGone(listener: () => void): void {
    this.client.onGone(listener);
  }

  onFlushed(listener: () => void): void {
    this.client.onFlushed(listener);
  }

  /** From here on there is no other try. */
  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    for (const [name, value] of this.headers) this.client.setHeader(name, value);
  }
}
