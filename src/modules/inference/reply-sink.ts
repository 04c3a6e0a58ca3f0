import type { AppError } from '../../kernel/app-error.js';
import type { Recording } from '../idempotency/recording.js';

/** How an answer ends: as a whole JSON body, or as a stream with these last bytes. */
export type AnswerEnding = { readonly json: Buffer } | { readonly last: Buffer };

/**
 * Where a call's answer goes. The door gives one for each request; the relay says what happens and never sees HTTP.
 * Exactly one of `json`, `fail` (before a stream) or `startStream` is called; a stream ends with `end` or `fail`.
 */
export interface ReplySink {
  /** True once the client has left; whatever is said then is dropped. */
  readonly gone: boolean;
  /** A header of the answer's head, for what is known only behind the door; no effect once the head was sent. */
  setHeader(name: string, value: string): void;
  /** A whole JSON answer with status 200. */
  json(body: Buffer): void;
  /** Sends the head of an event stream at once. */
  startStream(): void;
  /** Sends bytes of events; false when the client reads more slowly, then `onDrain` says when to go on. */
  write(bytes: Buffer | string): boolean;
  /** Ends the stream in good order; `last` are its last bytes, where they are known to be. */
  end(last?: Buffer | string): void;
  /**
   * For a call that stores something with its answer: how the answer, which is about to end so, is written down for its
   * repeats in the transaction that stores it. Absent or undefined where it cannot be repeated.
   */
  recording?(ending: AnswerEnding): Recording | undefined;
  /** Before a stream: the error as the answer. Within one: an error event and a clean end. */
  fail(error: AppError): void;
  onDrain(listener: () => void): void;
  /** Called once when the client leaves before the answer was complete. */
  onGone(listener: () => void): void;
}
