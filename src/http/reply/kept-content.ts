import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const gzipped = promisify(gzip);

/** A content that many ask for: its bytes stay in memory, and are compressed once. */
export class KeptContent {
  /** Of the bytes as they are. */
  readonly hash: string;
  private compressed: Promise<Buffer> | undefined;

  /** @param compressed the same bytes in gzip, where somebody has made them already. */
  constructor(
    readonly type: string,
    readonly bytes: Buffer,
    compressed?: Buffer,
  ) {
    if (compressed !== undefined) this.compressed = Promise.resolve(compressed);
    this.hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  }

  /** The bytes in gzip. */
  gzip(): Promise<Buffer> {
    this.compressed ??= gzipped(this.bytes, { level: 9 });
    return this.compressed;
  }
}

/**
 * Sends a kept content, in gzip to whoever takes it, or 304 to whoever has it already (RFC 9110, sections 12.5.3 and 13.1.2).
 * @param cacheControl for how long it may be kept by others.
 */
export async function sendKept(
  request: FastifyRequest,
  reply: FastifyReply,
  content: KeptContent,
  cacheControl: string,
): Promise<void> {
  const isGzip = takesGzip(request.headers['accept-encoding']);
  const etag = `"${content.hash}${isGzip ? '-gzip' : ''}"`;
  void reply.headers({ etag, 'cache-control': cacheControl, vary: 'accept-encoding' });
  if (names(request.headers['if-none-match'], etag)) {
    await reply.code(304).send();
    return;
  }
  if (isGzip) void reply.header('content-encoding', 'gzip');
  await reply.type(content.type).send(isGzip ? await content.gzip() : content.bytes);
}

function takesGzip(accepted: string | string[] | undefined): boolean {
  const [, weight = '1'] = /(?:^|,)\s*gzip\s*(?:;\s*q=([0-9.]+)\s*)?(?:,|$)/i.exec(String(accepted ?? '')) ?? ['', '0'];
  return Number(weight) > 0;
}

function names(asked: string | undefined, etag: string): boolean {
  return (asked ?? '').split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}
