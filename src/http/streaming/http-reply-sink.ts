import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { ReplySink } from '../../modules/inference/reply-sink.js';
import { replyHeaderPairs } from '../request-start.js';
import { errorHeaders } from '../errors/error-reply.js';
import { jsonType, sendWhole } from '../whole-reply.js';
import { eventStreamType } from './event-stream-type.js';

/**
 * Writes a relayed answer straight to the socket: one write for a JSON answer, raw bytes for a stream. The reply is
 * taken out of Fastify's hands when the sink is made, so errors are written here too.
 */
export class HttpReplySink implements ReplySink {
  private readonly raw: ServerResponse;
  protected streaming = false;
  private readonly further: string[] = [];

  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    reply.hijack();
    this.raw = reply.raw;
  }

  get gone(): boolean {
    return this.raw.destroyed || this.raw.writableEnded;
  }

  setHeader(name: string, value: string): void {
    this.further.push(name, value);
  }

  json(body: Buffer): void {
    if (!this.gone) this.whole(200, body, this.jsonHeaders());
  }

  startStream(): void {
    this.streaming = true;
    if (!this.gone) this.head([...this.further, ...eventStreamType]);
  }

  write(bytes: Buffer | string): boolean {
    return this.gone ? true : this.raw.write(bytes);
  }

  end(last?: Buffer | string): void {
    if (!this.gone) this.raw.end(last);
  }

  fail(error: AppError): void {
    if (this.gone) return;
    this.request.gt.errorCode = error.code;
    const body = JSON.stringify(error.body());
    if (this.streaming) this.raw.end(`data: ${body}\n\n`);
    else this.whole(error.status, Buffer.from(body), [...this.further, ...errorHeaders(error)]);
  }

  onDrain(listener: () => void): void {
    this.raw.on('drain', listener);
  }

  onGone(listener: () => void): void {
    this.raw.once('close', () => {
      if (!this.raw.writableFinished) listener();
    });
  }

  /** Headers of a whole JSON answer, names and values in turn. */
  protected jsonHeaders(): readonly string[] {
    return this.further.length === 0 ? jsonType : [...this.further, ...jsonType];
  }

  /** Sends the head of a stream. `own` are names and values in turn; the headers of every reply are added. */
  protected head(own: readonly string[]): void {
    const headers = replyHeaderPairs(this.request);
    headers.push(...own);
    this.raw.writeHead(200, headers);
    this.raw.flushHeaders();
  }

  /** Sends a whole answer in one write; `own` as above. */
  protected whole(status: number, body: Buffer, own: readonly string[]): void {
    sendWhole(this.request, this.reply, status, body, own);
  }
}
