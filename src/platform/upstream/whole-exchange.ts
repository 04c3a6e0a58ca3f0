import type { IncomingHttpHeaders } from 'node:http';
import { parsedOrUndefined } from '../../kernel/parse-json.js';
import type { EgressClient } from './egress-client.js';
import type { UpstreamCall, UpstreamFailure } from './upstream-call.js';

/** What a provider answered, whole. */
export interface WholeReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined when the body is no JSON. */
  readonly body: unknown;
  /** The body as it came. */
  readonly bytes: Buffer;
}

/** A call that got no whole answer. */
export class ExchangeFailedError extends Error {
  override readonly name = 'ExchangeFailedError';

  constructor(readonly failure: UpstreamFailure) {
    super(`The call failed: ${failure.kind}.`, { cause: failure.cause });
  }
}

/**
 * One call with an answer in one piece.
 * @throws ExchangeFailedError; the signal's reason when it fires, and then the call is cut at once.
 */
export function exchange(
  client: Pick<EgressClient, 'dispatch'>,
  call: UpstreamCall,
  maxBytes: number,
  signal: AbortSignal,
): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: Omit<WholeReply, 'body' | 'bytes'> = { status: 0, headers: {} };
    const cut = (reason: unknown): void => {
      handle.cancel();
      done(() => reject(reason as Error));
    };
    const onAbort = (): void => cut(signal.reason);
    const done = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const handle = client.dispatch(call, {
      onHead: (status, headers) => {
        head = { status, headers };
      },
      onData: (chunk) => {
        bytes += chunk.length;
        if (bytes > maxBytes) cut(new ExchangeFailedError({ kind: 'broken', sent: true, cause: 'the reply is too large' }));
        else chunks.push(chunk);
      },
      onEnd: () =>
        done(() => {
          const whole = Buffer.concat(chunks, bytes);
          resolve({ ...head, body: parsedOrUndefined(whole), bytes: whole });
        }),
      onFailure: (failure) => done(() => reject(new ExchangeFailedError(failure))),
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
