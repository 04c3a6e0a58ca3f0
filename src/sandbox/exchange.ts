import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxState } from './sandbox-state.js';

const nothing = Buffer.alloc(0);

/** One request with its answer. Every wait of the sandbox goes through it, so that work ends when the client leaves. */
export class Exchange {
  /** The request's body as received; empty until it was read and for methods without one. */
  body: Buffer = nothing;
  private left = false;
  private cutHere = false;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly state: SandboxState,
    /** The path without its query, exactly as sent. */
    readonly path: string,
  ) {
    response.once('close', () => {
      this.left = true;
    });
  }

  /** True once the connection has gone or the answer is complete: whoever produces output stops. */
  get gone(): boolean {
    return this.left;
  }

  /** True when the client left before its answer was complete. */
  get abortedByClient(): boolean {
    return this.left && !this.response.writableFinished && !this.cutHere;
  }

  /** Waits that many milliseconds, or until the client leaves. */
  pause(milliseconds: number): Promise<void> {
    return this.until((wake) => {
      const timer = setTimeout(wake, milliseconds);
      return () => clearTimeout(timer);
    });
  }

  /** Waits for one turn of the event loop, in which the bytes written so far leave as one packet. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Waits until the client leaves. */
  departure(): Promise<void> {
    return this.until(() => () => undefined);
  }

  /** Waits until the connection takes more bytes, or the client leaves. */
  drained(): Promise<void> {
    return this.until((wake) => {
      this.response.once('drain', wake);
      return () => this.response.off('drain', wake);
    });
  }

  /** Breaks the connection, but only after all bytes written so far are on their way. */
  async cut(): Promise<void> {
    if (this.left) return;
    this.cutHere = true;
    await this.until((wake) => {
      this.response.write('', wake);
      return () => undefined;
    });
    this.response.socket?.destroy();
  }

  private until(start: (wake: () => void) => () => unknown): Promise<void> {
    if (this.left) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        stop();
        this.response.off('close', wake);
        resolve();
      };
      this.response.once('close', wake);
      const stop = start(wake);
    });
  }
}
