import type { AppError } from '../../kernel/app-error.js';

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
  /** Before a stream: the error as the answer. Within one: an error event and a clean end. */
  fail(error: AppError): void;
  onDrain(listener: () => void): void;
  /** Called once when the client leaves before the answer was complete. */
  onGone(listener: () => void): void;
}
