import type { IncomingHttpHeaders } from 'node:http';
import type { EgressClient } from './egress-client.js';
import { EgressError } from './json-call.js';
import type { OutboundWay } from './way/outbound-way.js';
import type { UpstreamCall, UpstreamFailure, UpstreamHandle, UpstreamHandler } from './upstream-call.js';

export interface StreamedFetchOptions {
  /** Told of each piece of a reply's body as it comes, before it is decoded. What it throws fails the reply. */
  onBytes?(count: number): void;
  /** See `UpstreamCall`. */
  readonly way?: OutboundWay | undefined;
  readonly tenantId?: string | undefined;
}

/** Statuses whose replies have no body. */
const bodiless = new Set([204, 205, 304]);

/** How encodings are called where streams are decoded. */
const decoders: ReadonlyMap<string, 'gzip' | 'deflate'> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/**
 * `fetch` over the egress client, for libraries that make their calls by it: with the client's policy and limits, and a body
 * that is read only as fast as it is asked for. A redirect is a reply, and is not followed. A call that fails, and a body that
 * breaks off, reject with `EgressError`; one that is aborted with the signal's reason.
 */
export function streamedFetch(
  client: Pick<EgressClient, 'dispatch'>,
  options: StreamedFetchOptions = {},
): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    signal?.throwIfAborted();
    const { origin, pathname, search } = new URL(request.url);
    const method = request.method as UpstreamCall['method'];
    const headers = Object.fromEntries([...request.headers].filter(([name]) => name !== 'host' && name !== 'content-length'));
    return new StreamedReply(options, signal).begin((handler) =>
      client.dispatch(
        { origin, path: `${pathname}${search}`, method, headers, body, way: options.way, tenantId: options.tenantId },
        handler,
      ),
    );
  };
}

/** One reply on its way: first its head is waited for, then its body is read. */
class StreamedReply implements UpstreamHandler {
  private handle: UpstreamHandle | undefined;
  private body: ReadableStreamDefaultController<Uint8Array> | undefined;
  private give: (response: Response) => void = () => undefined;
  private refuse: (error: unknown) => void = () => undefined;
  private readonly onAbort = (): void => this.stop(this.signal?.reason);

  constructor(
    private readonly options: StreamedFetchOptions,
    private readonly signal: AbortSignal | undefined,
  ) {}

  begin(dispatch: (handler: UpstreamHandler) => UpstreamHandle): Promise<Response> {
    const response = new Promise<Response>((resolve, reject) => {
      this.give = resolve;
      this.refuse = reject;
    });
    this.handle = dispatch(this);
    this.signal?.addEventListener('abort', this.onAbort, { once: true });
    return response;
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    try {
      this.give(this.responseOf(status, headers));
    } catch (error) {
      this.stop(new EgressError('broken', true, error));
    }
  }

  onData(chunk: Buffer): void {
    if (this.body === undefined) return;
    try {
      this.options.onBytes?.(chunk.length);
      this.body.enqueue(chunk);
    } catch (error) {
      this.stop(error);
      return;
    }
    if ((this.body.desiredSize ?? 0) <= 0) this.handle?.pause();
  }

  onEnd(): void {
    this.release();
    this.body?.close();
  }

  onFailure({ kind, sent, cause }: UpstreamFailure): void {
    this.release();
    this.fail(new EgressError(kind, sent, cause));
  }

  private responseOf(status: number, given: IncomingHttpHeaders): Response {
    const encoding = given['content-encoding']?.trim().toLowerCase() ?? 'identity';
    const headers = new Headers();
    for (const [name, value] of Object.entries(given))
      for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
    if (bodiless.has(status)) return new Response(null, { status, headers });
    if (encoding === 'identity') return new Response(this.read(), { status, headers });
    const decoder = decoders.get(encoding);
    if (decoder === undefined) throw new Error(`The reply has the content encoding "${encoding}".`);
    headers.delete('content-encoding');
    headers.delete('content-length');
    return new Response(this.read().pipeThrough(new DecompressionStream(decoder)), { status, headers });
  }

  private read(): ReadableStream<Uint8Array> {
    this.handle?.pause();
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.body = controller;
        },
        pull: () => this.handle?.resume(),
        cancel: () => this.stop(undefined),
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends the call from this side. */
  private stop(reason: unknown): void {
    this.release();
    this.handle?.cancel();
    this.fail(reason);
  }

  private fail(reason: unknown): void {
    this.refuse(reason);
    this.body?.error(reason);
    this.body = undefined;
  }

  private release(): void {
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}
