import type { AppError } from '../../../kernel/app-error.js';
import type { Recording } from '../../idempotency/recording.js';

/**
 * Where a call's answer goes. The door gives one for each request; the relay says what happens and never sees HTTP. An
 * answer has a `head`, any number of `write`s and an `end`, whatever its type: JSON, events, sound, a form. `fail` ends it
 * at any moment, before the head too.
 */
export interface ReplySink {
  /** True once the client has left; whatever is said then is dropped. */
  readonly gone: boolean;
  /**
   * A header of the answer's head or of its error, for what is known only behind the door; no effect once the head was sent. Said
   * again, it takes the place of what was said before.
   */
  setHeader(name: string, value: string): void;
  /**
   * Begins the answer. It is sent with the first bytes: an answer that is ended with all its bytes at once goes out in one
   * write with its length. `headers` are further names and values in turn.
   */
  head(status: number, type: string, headers?: readonly string[]): void;
  /**
   * Sends bytes; false when the client reads more slowly, then `onDrain` says when to go on.
   * @param kept what is written down for repeats in their place, where that is something else.
   */
  write(bytes: Buffer | string, kept?: Buffer): boolean;
  /** Ends the answer in good order; `last` are its last bytes, where they are known to be. @param kept as with `write`. */
  end(last?: Buffer | string, kept?: Buffer): void;
  /**
   * Before any byte was sent: the error as the answer. Later: `last`, the error in the answer's own form, and a clean end;
   * without it the connection breaks, so that what was sent does not look whole.
   */
  fail(error: AppError, last?: string): void;
  /**
   * For a call that stores something with its answer, when its head is known: how the answer, which is about to end with
   * these bytes, is written down for its repeats in the transaction that stores it. Undefined where it cannot be repeated.
   */
  recording(last: Buffer): Recording | undefined;
  onDrain(listener: () => void): void;
  /** Called once when the client leaves before the answer was complete. */
  onGone(listener: () => void): void;
  /** Called once when nothing of the answer is held here any more: the client has it, or has left. */
  onFlushed(listener: () => void): void;
}
