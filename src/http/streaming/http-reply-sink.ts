import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { ReplySink } from '../../modules/inference/reply-sink.js';
import { tenantHeaderPairs } from '../request-start.js';

/**
 * Writes a relayed answer straight to the socket: one write for a JSON answer, raw bytes for a stream. The reply is
 * taken out of Fastify's hands when the sink is made, so errors are written here too.
 */
export class HttpReplySink implements ReplySink {
  private readonly raw: ServerResponse;
  private streaming = false;

  constructor(
    private readonly request: FastifyRequest,
    reply: FastifyReply,
  ) {
    reply.hijack();
    this.raw = reply.raw;
  }

  get gone(): boolean {
    return this.raw.destroyed || this.raw.writableEnded;
  }

  json(body: Buffer): void {
    if (!this.gone) this.whole(200, body, []);
  }

  startStream(): void {
    this.streaming = true;
    if (this.gone) return;
    const headers = tenantHeaderPairs(this.request);
    headers.push('content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache, no-transform', 'x-accel-buffering', 'no');
    this.raw.writeHead(200, headers);
    this.raw.flushHeaders();
  }

  write(bytes: Buffer | string): boolean {
    return this.gone ? true : this.raw.write(bytes);
  }

  end(): void {
    if (!this.gone) this.raw.end();
  }

  fail(error: AppError): void {
    if (this.gone) return;
    this.request.gt.errorCode = error.code;
    const body = JSON.stringify(error.body());
    if (this.streaming) this.raw.end(`data: ${body}\n\n`);
    else this.whole(error.status, Buffer.from(body), [...Object.entries(error.headers).flat(), ...(error.status === 401 ? ['www-authenticate', 'Bearer'] : [])]);
  }

  onDrain(listener: () => void): void {
    this.raw.on('drain', listener);
  }

  onGone(listener: () => void): void {
    this.raw.once('close', () => {
      if (!this.raw.writableFinished) listener();
    });
  }

  private whole(status: number, body: Buffer, further: readonly string[]): void {
    const headers = tenantHeaderPairs(this.request);
    headers.push('content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), ...further);
    this.raw.writeHead(status, headers);
    this.raw.end(body);
  }
}
