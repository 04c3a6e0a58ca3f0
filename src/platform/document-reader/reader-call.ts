import type { IncomingHttpHeaders } from 'node:http';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { EgressClient } from '../upstream/egress-client.js';
import type { UpstreamCall, UpstreamHandle } from '../upstream/upstream-call.js';
import { DocumentFailure } from '../documents/document-failure.js';
import { ReaderUnavailableError } from './reader-error.js';

/** Where an answer goes and what it may be. */
export interface ReplyFile {
  readonly path: string;
  readonly maxBytes: number;
  /** The media types that count as an answer of the reader. */
  readonly types: readonly string[];
  readonly signal: AbortSignal;
}

/** Statuses by which a reader says that it is the document with which it can do nothing. */
const refusals = new Set([400, 406, 413, 415, 422]);

/**
 * Makes one call to a document reader and writes its answer into a file as it comes, at the pace of the disk.
 * @throws DocumentFailure no_text, reader_failed; ReaderUnavailableError; the signal's reason.
 */
export async function callReader(client: Pick<EgressClient, 'dispatch'>, call: UpstreamCall, reply: ReplyFile): Promise<void> {
  reply.signal.throwIfAborted();
  const file = createWriteStream(reply.path, { mode: 0o600, flags: 'wx' });
  await once(file, 'open');
  try {
    await new Promise<void>((resolve, reject) => {
      let bytes = 0;
      const stop = (error: unknown): void => {
        handle.cancel();
        reject(error as Error);
      };
      const onAbort = (): void => stop(reply.signal.reason);
      reply.signal.addEventListener('abort', onAbort, { once: true });
      file.once('error', stop);
      const handle: UpstreamHandle = client.dispatch(call, {
        onHead: (status, headers) => {
          const fault = faultOf(status, headers, reply.types);
          if (fault !== undefined) stop(fault);
        },
        onData: (chunk) => {
          bytes += chunk.length;
          if (bytes > reply.maxBytes)
            return stop(new DocumentFailure('reader_failed', { cause: new Error('a reply too large') }));
          if (file.write(chunk)) return;
          handle.pause();
          file.once('drain', () => handle.resume());
        },
        onEnd: resolve,
        onFailure: ({ kind }) => stop(new ReaderUnavailableError(kind)),
      });
    });
    file.end();
    await finished(file);
  } finally {
    file.destroy();
  }
}

function faultOf(status: number, headers: IncomingHttpHeaders, types: readonly string[]): Error | undefined {
  if (status === 204) return new DocumentFailure('no_text');
  if (refusals.has(status)) return new DocumentFailure('reader_failed', { cause: new Error(`answered ${status}`) });
  if (status !== 200) return new ReaderUnavailableError(`answered ${status}`);
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!types.includes(type)) return new ReaderUnavailableError('answered with another media type');
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  return encoding === 'identity' ? undefined : new ReaderUnavailableError('answered in an encoding');
}
