import type { IncomingHttpHeaders } from 'node:http';
import { parsedOrUndefined } from '../../kernel/parse-json.js';
import type { OutboundWay } from './way/outbound-way.js';
import type { UpstreamCall, UpstreamFailureKind, UpstreamHandle, UpstreamHandler, UpstreamLimits } from './upstream-call.js';

export interface JsonRequest {
  /** See `upstreamTarget`. */
  readonly origin: string;
  readonly path: string;
  readonly method: UpstreamCall['method'];
  readonly headers?: Record<string, string>;
  /** Written as it is; its `content-type` belongs into `headers`. */
  readonly body?: Buffer | null;
  /** Largest reply in bytes. Default: 4 MiB. */
  readonly maxBytes?: number;
  /** Limit of the whole call in milliseconds. Default: 30 s. */
  readonly totalMs?: number;
  /** See `UpstreamCall`. */
  readonly way?: OutboundWay | undefined;
}

export interface JsonReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body, of unknown shape; undefined when it is empty or no JSON. */
  readonly body: unknown;
}

/** A control call without a reply that can be used. Its message and cause are for the log. */
export class EgressError extends Error {
  constructor(
    readonly kind: UpstreamFailureKind | 'redirected' | 'too_large',
    /** True when the provider may have seen the request. */
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super(`The call failed: ${kind}.`, { cause });
    this.name = 'EgressError';
  }
}

type Begin = (call: UpstreamCall, handler: UpstreamHandler, limits: UpstreamLimits) => UpstreamHandle;

/** Makes one control call with `begin` and gathers its reply. @throws EgressError */
export function callJson(request: JsonRequest, begin: Begin): Promise<JsonReply> {
  const { maxBytes = 4 * 1024 * 1024, totalMs = 30_000 } = request;
  const call: UpstreamCall = {
    origin: request.origin,
    path: request.path,
    method: request.method,
    headers: { accept: 'application/json', 'accept-encoding': 'identity', ...request.headers },
    body: request.body ?? null,
    way: request.way,
  };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head = { status: 0, headers: {} };
    const give = (kind: 'redirected' | 'too_large') => {
      handle.cancel();
      reject(new EgressError(kind, true));
    };
    const handle = begin(
      call,
      {
        onHead: (status, headers) => {
          head = { status, headers };
          if (status < 400 && status >= 300) give('redirected');
        },
        onData: (chunk) => {
          bytes += chunk.length;
          if (bytes > maxBytes) give('too_large');
          else chunks.push(chunk);
        },
        onEnd: () => resolve({ ...head, body: parsedOrUndefined(Buffer.concat(chunks)) }),
        onFailure: ({ kind, sent, cause }) => reject(new EgressError(kind, sent, cause)),
      },
      // The total limit is the only one: it may be below what undici can measure.
      { firstByteMs: 0, idleMs: 0, totalMs },
    );
  });
}
