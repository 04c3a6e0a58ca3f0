import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import type { FairPlaces } from '../../kernel/fair-places.js';
import type { CallOptions, Connection, SocketWatcher } from './one-call-client.js';
import type {
  StreamedBody,
  UpstreamCall,
  UpstreamFailureKind,
  UpstreamHandle,
  UpstreamHandler,
  UpstreamLimits,
} from './upstream-call.js';

/** One call in flight: the handle that the caller holds, and the handler that undici talks to. No promises, no streams. */
export class RunningCall implements UpstreamHandle, SocketWatcher, Dispatcher.DispatchHandler {
  /** Set by undici directly before the request is written: from then on the provider may have seen it. */
  private controller: Dispatcher.DispatchController | undefined;
  private connection: Connection | undefined;
  private total: NodeJS.Timeout | undefined;
  private starting = true;
  private paused = false;
  private socketEnded = false;
  private settled = false;
  private cancelled = false;
  /** The body where it is a stream. */
  private source: Readable | undefined;
  private firstByte: NodeJS.Timeout | undefined;
  /** Limits of a body that is a stream, which run only while the provider is waited for. */
  private limits: UpstreamLimits | undefined;
  private hasHead = false;

  /** Where it holds a place, and for whom. */
  private places: FairPlaces | undefined;
  private holder = '';
  /** Ends its waiting for one. */
  private leaveLine: (() => void) | undefined;

  constructor(private readonly handler: UpstreamHandler) {}

  /** Takes a place for its tenant until the call is over; false where there is none now. */
  takePlace(places: FairPlaces, holder: string): boolean {
    if (!places.take(holder)) return false;
    this.hold(places, holder);
    return true;
  }

  /** Waits for a place, and fails as `busy` where there is none in time. @param start begins the call. */
  waitForPlace(places: FairPlaces, holder: string, call: UpstreamCall, start: () => void): void {
    this.leaveLine = places.wait(holder, {
      granted: () => {
        this.hold(places, holder);
        // Not at once: undici must not be entered from within the end of another call.
        queueMicrotask(() => {
          if (!this.settled) start();
        });
      },
      refused: (why) => this.refuse(new Error(`There was no place for the call: ${why}.`), call, 'busy'),
    });
  }

  private hold(places: FairPlaces, holder: string): void {
    this.places = places;
    this.holder = holder;
  }

  start(pool: Pool, call: UpstreamCall, limits: UpstreamLimits): void {
    this.limitTotal(limits);
    const { body } = call;
    if (body !== null && !Buffer.isBuffer(body)) {
      this.limits = limits;
      this.source = streamOf(this.watched(body));
    }
    const options: CallOptions = {
      path: call.path,
      method: call.method,
      headers: call.headers,
      body: this.source ?? (body as Buffer | null),
      headersTimeout: this.source === undefined ? limits.firstByteMs : 0,
      bodyTimeout: limits.idleMs,
      watcher: this,
    };
    pool.dispatch(options, this);
    this.starting = false;
  }

  /** Fails a call that could not even be handed to a pool. */
  refuse(cause: unknown, { body }: UpstreamCall, kind: 'refused' | 'busy' = 'refused'): void {
    if (body !== null && !Buffer.isBuffer(body)) streamOf(body).destroy();
    this.fail(kind, cause);
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
    this.handler.onSending?.();
    if (this.paused) controller.pause();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) {
      this.hasHead = true;
      clearTimeout(this.firstByte);
    }
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

  /**
   * The body on its way into undici. The limits of the first byte and of the whole call run while the provider does not take
   * what is there, and from when it has all: for a body that is still coming nobody waits but its sender.
   */
  private async *watched(body: StreamedBody): AsyncGenerator<Uint8Array> {
    let handedOver = 0;
    for await (const chunk of body) {
      this.awaitProvider();
      handedOver += chunk.length;
      yield chunk;
      this.stopWaiting();
      body.sent?.(Math.max(0, handedOver - this.unsentBytes(handedOver)));
    }
    this.awaitProvider();
  }

  /** Bytes of the body that are still held on their way to the kernel, framing included. */
  private unsentBytes(handedOver: number): number {
    const { connection, source } = this;
    if (source === undefined || connection?.watcher !== this || connection.socket === undefined) return handedOver;
    return source.readableLength + connection.socket.writableLength;
  }

  private awaitProvider(): void {
    const { limits } = this;
    if (limits === undefined || this.settled) return;
    this.stopWaiting();
    this.limitTotal(limits);
    if (limits.firstByteMs === 0 || this.hasHead) return;
    this.firstByte = setTimeout(
      () => this.onTimeout('timeout_first_byte', 'The limit of the first byte was reached.'),
      limits.firstByteMs,
    );
  }

  private limitTotal({ totalMs }: UpstreamLimits): void {
    if (totalMs === 0) return;
    this.total = setTimeout(() => this.onTimeout('timeout_total', 'The total limit of the call was reached.'), totalMs);
  }

  private stopWaiting(): void {
    clearTimeout(this.total);
    clearTimeout(this.firstByte);
  }

  private onTimeout(kind: UpstreamFailureKind, text: string): void {
    const error = new Error(text);
    this.fail(kind, error);
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
    this.places?.leave(this.holder);
    this.leaveLine?.();
    this.stopWaiting();
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
function streamOf(body: AsyncIterable<Uint8Array>): Readable {
  const stream = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  return stream.on('error', () => undefined);
}

function kindOf(error: NodeJS.ErrnoException): UpstreamFailureKind {
  if (error.code === 'UND_ERR_HEADERS_TIMEOUT') return 'timeout_first_byte';
  if (error.code === 'UND_ERR_BODY_TIMEOUT') return 'timeout_idle';
  return 'broken';
}
