import type { IncomingHttpHeaders } from 'node:http';
import type { OutboundWay } from './way/outbound-way.js';

/** A body that comes piece by piece. It is read as fast as the provider takes it, and left when the call is over. */
export interface StreamedBody extends AsyncIterable<Uint8Array> {
  /** It can be read again from its beginning, as far as it was read. */
  readonly isRepeatable?: boolean;
  /** Told now and then: so many of its first bytes were taken by the kernel, and nobody reads them here any more. */
  sent?(bytes: number): void;
}

/** One request to a provider. */
export interface UpstreamCall {
  /** Scheme, host and port, see `upstreamTarget`. */
  readonly origin: string;
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Names and values in turn, or an object. Never `host`, which always is the origin's, nor `content-length`. */
  readonly headers: string[] | Record<string, string>;
  readonly body: Buffer | StreamedBody | null;
  /** How it leaves; by default directly. */
  readonly way?: OutboundWay | undefined;
  /** For whom it is made: it takes one of the places that tenants share, and waits for it. The platform's own calls have none. */
  readonly tenantId?: string | undefined;
}

/**
 * - `busy`: the process has as many calls under way as this tenant may have now. Nothing was sent, and no provider was asked.
 * - `refused`: no connection was made (no such name, address not allowed, connection refused, connect limit, TLS), or
 *   the call itself was malformed. Nothing was sent.
 * - `timeout_first_byte`, `timeout_idle`, `timeout_total`: a limit of the settings was reached.
 * - `broken`: the connection died, or the reply was no whole HTTP reply.
 */
export type UpstreamFailureKind = 'busy' | 'refused' | 'timeout_first_byte' | 'timeout_idle' | 'timeout_total' | 'broken';

export interface UpstreamFailure {
  readonly kind: UpstreamFailureKind;
  /** True when any byte of the request may have reached the provider: it may have worked, and charged. */
  readonly sent: boolean;
  /** For the log only: it names hosts and addresses. */
  readonly cause: unknown;
}

/**
 * What a caller hears of its call: `onSending` and `onHead` at most once, then any number of `onData`, and exactly one of `onEnd` and
 * `onFailure`, once, last. Nothing is called before `dispatch` has returned, and nothing after `cancel`.
 * An error thrown by `onHead` or `onData` fails the call as `broken`; one of `onEnd` or `onFailure` is a process warning.
 */
export interface UpstreamHandler {
  /** There is a connection, and the request is about to be written to it. */
  onSending?(): void;
  /** The final head (never 1xx). Redirects come as they are. Names of headers are lower case. */
  onHead(status: number, headers: IncomingHttpHeaders): void;
  /** Bytes of the body as they arrive, never empty; the buffer is the caller's to keep. */
  onData(chunk: Buffer): void;
  /** The whole reply has arrived. While paused it comes only when every byte has been handed over. */
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
}

export interface UpstreamHandle {
  /** True when every byte of the request was taken by the kernel: from then on nothing reads the call's body. */
  readonly sent: boolean;
  /**
   * Stops reading, so that a fast provider waits instead of filling memory. At most one more chunk arrives. The idle
   * limit does not run while paused; the total limit does.
   */
  pause(): void;
  resume(): void;
  /** Ends the call: the socket is destroyed at once, and the handler hears nothing more. Safe at any time, also twice. */
  cancel(): void;
}

/**
 * Limits of one call in milliseconds; 0 means none. The first three are measured to about a second. While a body that is a
 * stream still comes, only the time counts in which the provider does not take what is there; all of them begin when it is sent.
 */
export interface UpstreamLimits {
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}
