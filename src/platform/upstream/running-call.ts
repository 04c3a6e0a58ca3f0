import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import type { CallOptions, Connection, SocketWatcher } from './one-call-client.js';
import type { UpstreamCall, UpstreamFailureKind, UpstreamHandle, UpstreamHandler, UpstreamLimits } from './upstream-call.js';

/** One call in flight: the handle that the caller holds, and the handler that undici talks to. No promises, no streams. */
export class RunningCall implements UpstreamHandle, SocketWatcher, Dispatcher.DispatchHandler {
  /** Set by undici directly before the request is written: from then on the provider may have seen it. */
  private controller: Dispatcher.DispatchController | undefined;
  private connection: Connection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private starting = true;
  private paused = false;
  private socketEnded = false;
  private settled = false;
  private cancelled = false;
  /** The body where it is a stream. */
  private source: Readable | undefined;

  constructor(private readonly handler: UpstreamHandler) {}

  start(pool: Pool, call: UpstreamCall, limits: UpstreamLimits): void {
    if (limits.totalMs > 0) this.timer = setTimeout(() => this.onTotalTimeout(), limits.totalMs);
    const { body } = call;
    if (body !== null && !Buffer.isBuffer(body)) this.source = streamOf(body);
    const options: CallOptions = {
      path: call.path,
      method: call.method,
      headers: call.headers,
      body: this.source ?? (body as Buffer | null),
      headersTimeout: limits.firstByteMs,
      bodyTimeout: limits.idleMs,
      watcher: this,
    };
    pool.dispatch(options, this);
    this.starting = false;
  }

  /** Fails a call that could not even be handed to a pool. */
  refuse(cause: unknown, { body }: UpstreamCall): void {
    if (body !== null && !Buffer.isBuffer(body)) streamOf(body).destroy();
    this.fail('refused', cause);
  }

  get sent(): boolean {
    const { connection } = this;
    if (this.source?.readableEnded === false) return false;
    return this.controller !== undefined && connection?.watcher === this && connection.socket?.writableLength === 0;
  }

  pause(): void {
    this.paused = true;
    if (!this.socketEnded) this.controller?.pause();
  }

  resume(): void {
    this.paused = false;
    // Not at once: undici's parser must not be entered from within another call's chunk.
    queueMicrotask(() => {
      if (!this.paused && !this.settled) this.controller?.resume();
    });
  }

  cancel(): void {
    this.cancelled = true;
    if (this.settled) return;
    this.settle();
    this.controller?.abort(new Error('The caller left.'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, not aborted: a call that was cancelled while it waited leaves the fresh connection to the next one.
    // A second start would be undici repeating a request that the provider may have seen.
    if (this.settled || this.controller !== undefined) throw new Error('The call is over or was already sent.');
    this.controller = controller;
    if (this.paused) controller.pause();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200 && !this.settled) this.handler.onHead(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (chunk.length > 0 && !this.settled) this.handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.settled) return;
    this.settle();
    this.tell(() => this.handler.onEnd());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(this.controller === undefined ? 'refused' : kindOf(error), error);
  }

  onConnection(connection: Connection): void {
    this.connection = connection;
  }

  /** All bytes have been handed over. undici cannot end a paused reply (see OneCallClient), so it must not stay paused. */
  onSocketEnd(): void {
    if (this.settled) return;
    this.socketEnded = true;
    this.controller?.resume();
  }

  private onTotalTimeout(): void {
    const error = new Error('The total limit of the call was reached.');
    this.fail('timeout_total', error);
    this.controller?.abort(error);
  }

  private fail(kind: UpstreamFailureKind, cause: unknown): void {
    if (this.settled) return;
    this.settle();
    const failure = { kind, sent: this.controller !== undefined, cause };
    const notify = () => this.tell(() => this.handler.onFailure(failure));
    if (this.starting) queueMicrotask(notify);
    else notify();
  }

  private settle(): void {
    this.settled = true;
    clearTimeout(this.timer);
    this.source?.destroy();
  }

  private tell(last: () => void): void {
    if (this.cancelled) return;
    try {
      last();
    } catch (error) {
      // undici would swallow it or end the process; it is a fault of ours and must be seen.
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}

/** A body that breaks off is the failure of its call: it must not end the process as well. */
function streamOf(body: Readable | AsyncIterable<Uint8Array>): Readable {
  const stream = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  return stream.on('error', () => undefined);
}

function kindOf(error: NodeJS.ErrnoException): UpstreamFailureKind {
  if (error.code === 'UND_ERR_HEADERS_TIMEOUT') return 'timeout_first_byte';
  if (error.code === 'UND_ERR_BODY_TIMEOUT') return 'timeout_idle';
  return 'broken';
}
