import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Config } from '../../config/config.module.js';
import { DocumentFailure } from '../documents/document-failure.js';
import type { ReaderReply } from '../documents/reader-replies.js';
import { EgressClient } from '../upstream/egress-client.js';
import { EgressPolicy, portOf } from '../upstream/egress-policy.js';
import { upstreamTarget } from '../upstream/origin.js';
import { callReader } from './reader-call.js';
import { ReaderUnavailableError } from './reader-error.js';
import { readerKinds, type ReaderKind } from './reader-kinds.js';

interface Server {
  readonly kind: ReaderKind;
  readonly url: string;
  readonly client: EgressClient;
  readonly headers: Record<string, string>;
}

/** Largest answer, in bytes: as much text as one document may give. */
const maxReplyBytes = 64 * 1024 * 1024;
const healthMs = 2_000;

/**
 * The operator's own document reader (GT_DOCUMENT_READER_URL). Only it is called, at exactly that host and port, which may be
 * private, and no redirect is followed. Neither the file's name nor whose it is goes there.
 */
@Injectable()
export class DocumentReader implements OnApplicationShutdown {
  private readonly server: Server | undefined;

  constructor(private readonly config: Config) {
    this.server = serverOf(config);
  }

  /** Whether there is one. */
  get isSet(): boolean {
    return this.server !== undefined;
  }

  /**
   * Sends the document at `path`, byte by byte, and writes the answer into the new file `replyPath`.
   * @returns as what the answer is to be parsed.
   * @throws DocumentFailure reader_failed, reader_too_large, no_text; ReaderUnavailableError; the signal's reason.
   */
  async read(path: string, filename: string, replyPath: string, signal: AbortSignal): Promise<ReaderReply> {
    const { server } = this;
    if (server === undefined) throw new ReaderUnavailableError('none is set');
    if ((await stat(path)).size > this.config.GT_DOCUMENT_READER_MAX_BYTES) throw new DocumentFailure('reader_too_large');
    const bytes = createReadStream(path).on('error', () => undefined);
    const limit = AbortSignal.timeout(this.config.GT_DOCUMENT_READER_MS);
    try {
      const { method, path: ownPath, headers, body } = server.kind.request({ extension: extensionOf(filename), bytes });
      await callReader(
        server.client,
        {
          ...upstreamTarget(server.url, ownPath),
          method,
          headers: { 'accept-encoding': 'identity', ...headers, ...server.headers },
          body,
        },
        { path: replyPath, maxBytes: maxReplyBytes, types: server.kind.answers, signal: AbortSignal.any([signal, limit]) },
      );
    } catch (error) {
      if (limit.aborted && error === limit.reason) throw new ReaderUnavailableError('took too long');
      throw error;
    } finally {
      bytes.destroy();
    }
    return server.kind.reply;
  }

  /** Whether it answers, asked of the server at this moment. */
  async answers(): Promise<boolean> {
    const { server } = this;
    if (server === undefined) return false;
    const target = upstreamTarget(server.url, server.kind.healthPath);
    const call = { ...target, method: 'GET', headers: { accept: '*/*', ...server.headers }, totalMs: healthMs } as const;
    const reply = await server.client.json(call).catch(() => undefined);
    return reply?.status === 200;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.server?.client.onApplicationShutdown();
  }
}

function serverOf(config: Config): Server | undefined {
  if (config.GT_DOCUMENT_READER_URL === undefined) return undefined;
  const url = new URL(config.GT_DOCUMENT_READER_URL);
  const kind = readerKinds[config.GT_DOCUMENT_READER_KIND];
  const limitMs = config.GT_DOCUMENT_READER_MS;
  const limits = { GT_UPSTREAM_FIRST_BYTE_MS: limitMs, GT_UPSTREAM_IDLE_MS: limitMs, GT_UPSTREAM_TOTAL_MS: limitMs };
  const { GT_UPSTREAM_CONNECT_MS, GT_SHUTDOWN_GRACE_MS, GT_DOCUMENT_READER_TOKEN: token } = config;
  return {
    kind,
    url: url.href,
    // The operator named this address: it is allowed as if it stood in GT_ALLOW_PRIVATE_UPSTREAMS, and no other is.
    client: new EgressClient(
      { GT_UPSTREAM_CONNECT_MS, GT_SHUTDOWN_GRACE_MS, ...limits },
      new EgressPolicy(`${url.hostname}:${portOf(url)}`),
    ),
    headers: token === undefined ? {} : kind.tokenHeader(token),
  };
}

/** The ending of a file's name, as far as it can be one of a type. */
function extensionOf(filename: string): string {
  return /\.([A-Za-z0-9]{1,10})$/.exec(filename)?.[1]?.toLowerCase() ?? '';
}
