import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { AppError } from '../../kernel/app-error.js';
import { replyHeaderPairs } from './reply-headers.js';
import { eventStreamType } from './event-stream-type.js';

/** Server-sent events of our own: named events with one JSON line each, and comments that keep the connection alive. */
export class EventStream {
  private readonly raw: ServerResponse;
  private readonly keepAlive: NodeJS.Timeout;

  /** Takes the reply out of Fastify's hands and sends its head at once. */
  constructor(request: FastifyRequest, reply: FastifyReply, keepAliveMs: number) {
    reply.hijack();
    this.raw = reply.raw;
    const headers = replyHeaderPairs(request);
    headers.push(...eventStreamType);
    this.raw.writeHead(200, headers);
    this.raw.flushHeaders();
    this.keepAlive = setInterval(() => this.write(': ping\n'), Math.max(1, keepAliveMs));
    this.onGone(() => clearInterval(this.keepAlive));
  }

  /** Calls the listener when the client leaves or the stream ends; at once when the client left before it began. */
  onGone(listener: () => void): void {
    if (this.raw.destroyed) listener();
    else this.raw.once('close', listener);
  }

  /** The client has not read what was sent: more would wait in memory. */
  get isFull(): boolean {
    return this.raw.writableNeedDrain;
  }

  /** A client that does not read in time misses nothing that counts: each event holds the whole state. */
  send(event: string, data: object): void {
    if (!this.isFull) this.tell(event, data);
  }

  /** An event that must not be missed. Whoever sends many asks `isFull` between. */
  tell(event: string, data: object): void {
    this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** The end of a stream that has no last event. */
  close(): void {
    clearInterval(this.keepAlive);
    if (!this.raw.destroyed && !this.raw.writableEnded) this.raw.end();
  }

  /** The last event, and the end of the stream. */
  end(event: string, data: object): void {
    this.tell(event, data);
    this.close();
  }

  /** An error within the stream, and its end (contract section 5). */
  fail(error: AppError): void {
    this.write(`data: ${JSON.stringify(error.body())}\n\n`);
    this.close();
  }

  private write(text: string): void {
    if (!this.raw.destroyed && !this.raw.writableEnded) this.raw.write(text);
  }
}
