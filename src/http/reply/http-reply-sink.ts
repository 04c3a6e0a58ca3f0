import type { FastifyReply, FastifyRequest } from 'fastify';
import { validateHeaderValue, type ServerResponse } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { Recording } from '../../modules/idempotency/recording.js';
import type { ReplySink } from '../../modules/inference/call/reply-sink.js';
import { replyHeaderPairs } from './reply-headers.js';
import { errorHeaders } from './error-reply.js';
import { sendWhole } from './whole-reply.js';
import { eventStreamType } from './event-stream-type.js';

const noHeaders: readonly string[] = [];
const eventStream = 'text/event-stream';

/**
 * Writes a relayed answer straight to the socket: one write for an answer that is ended with all its bytes, raw bytes for
 * one that comes piece by piece. The reply is taken out of Fastify's hands when the sink is made, so errors are written
 * here too.
 */
export class HttpReplySink implements ReplySink {
  private readonly raw: ServerResponse;
  /** The head was sent. */
  protected started = false;
  protected status = 0;
  private type = '';
  private own = noHeaders;
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
    // Here and not when the head is written: nobody could answer for it there.
    validateHeaderValue(name, value);
    const at = this.further.findIndex((one, index) => index % 2 === 0 && one === name);
    if (at === -1) this.further.push(name, value);
    else this.further[at + 1] = value;
  }

  head(status: number, type: string, headers: readonly string[] = noHeaders): void {
    this.status = status;
    this.type = type;
    this.own = headers;
  }

  write(bytes: Buffer | string): boolean {
    if (this.gone) return true;
    if (!this.started) this.begin(this.status, this.headers());
    return this.raw.write(bytes);
  }

  end(last?: Buffer | string): void {
    if (this.gone) return;
    if (this.started) this.raw.end(last);
    else this.whole(this.status, last === undefined || typeof last === 'string' ? Buffer.from(last ?? '') : last, this.headers());
  }

  fail(error: AppError, last?: string): void {
    if (this.gone) return;
    this.request.gt.errorCode = error.code;
    if (!this.started)
      this.whole(error.status, Buffer.from(JSON.stringify(error.body())), [...this.further, ...errorHeaders(error)]);
    else if (last !== undefined) this.raw.end(last);
    else this.raw.destroy();
  }

  recording(_last: Buffer): Recording | undefined {
    return undefined;
  }

  onDrain(listener: () => void): void {
    this.raw.on('drain', listener);
  }

  onGone(listener: () => void): void {
    this.raw.once('close', () => {
      if (!this.raw.writableFinished) listener();
    });
  }

  onFlushed(listener: () => void): void {
    if (this.raw.destroyed || this.raw.writableFinished) listener();
    else this.raw.once('close', listener);
  }

  /** Sends the head of an answer that comes piece by piece, with its first bytes. */
  protected begin(status: number, own: readonly string[]): void {
    this.started = true;
    const headers = replyHeaderPairs(this.request);
    headers.push(...own);
    this.raw.writeHead(status, headers);
  }

  /** Sends a whole answer in one write. `own` are names and values in turn; the headers of every reply are added. */
  protected whole(status: number, body: Buffer, own: readonly string[]): void {
    this.started = true;
    sendWhole(this.request, this.reply, status, body, own);
  }

  protected headers(): readonly string[] {
    const { type, further, own } = this;
    const typed = type.startsWith(eventStream) ? eventStreamType : ['content-type', type];
    return further.length === 0 && own.length === 0 ? typed : [...further, ...own, ...typed];
  }
}
