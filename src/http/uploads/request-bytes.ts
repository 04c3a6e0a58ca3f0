import type { IncomingMessage } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import { usualPatience, type BodyPace } from '../body/slow-bodies.js';
import { drainPolitely } from './polite-drain.js';

const usualStallMs = 60_000;
/** A client for which we waited this share of a span is measured by it. */
const waitingShare = 0.9;

export interface RequestBytesLimits {
  /** Largest body. */
  readonly maxBytes: number;
  /** Longest silence of the client while it is waited for, in milliseconds. Default 60,000. */
  readonly stallMs?: number;
  /** So many bytes must come in each span in which the client is waited for. Default: as for every body. */
  readonly pace?: BodyPace;
}

interface Waiting {
  readonly since: number;
  readonly resolve: (chunk: Buffer | undefined) => void;
  readonly reject: (error: AppError) => void;
}

/**
 * A request's body, one chunk at a time: the client is held back until the next one is asked for. A body that stands still
 * or drips is given up like an upload; the time in which nobody asks does not count.
 */
export class RequestBytes {
  private waiting: Waiting | undefined;
  private readonly early: Buffer[] = [];
  private received = 0;
  private failure: AppError | undefined;
  private waitedMs = 0;
  private receivedBefore = 0;
  private readonly pace: BodyPace;
  private readonly stall: NodeJS.Timeout;
  private readonly span: NodeJS.Timeout;

  constructor(
    private readonly raw: IncomingMessage,
    private readonly limits: RequestBytesLimits,
  ) {
    this.pace = limits.pace ?? usualPatience;
    this.stall = setTimeout(() => this.judgeSilence(), limits.stallMs ?? usualStallMs).unref();
    this.span = setInterval(() => this.judgePace(), this.pace.paceMs).unref();
    raw.on('data', this.onData).on('end', this.onEnd).on('error', this.onError).on('close', this.onClose);
    raw.pause();
  }

  /** The next bytes; undefined when the body has ended. @throws AppError 400 (the client left), 408, 413. */
  next(): Promise<Buffer | undefined> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const chunk = this.early.shift();
    if (chunk !== undefined) return Promise.resolve(chunk);
    if (this.raw.readableEnded) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.waiting = { since: performance.now(), resolve, reject };
      this.stall.refresh();
      this.raw.resume();
    });
  }

  /** Nobody asks any more. What the client still sends is thrown away for a while. */
  stop(): void {
    this.release();
    this.early.length = 0;
    drainPolitely(this.raw);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.raw.pause();
    this.received += chunk.length;
    if (this.received > this.limits.maxBytes) this.fail(tooLarge(this.limits.maxBytes));
    else if (this.waiting === undefined) this.early.push(chunk);
    else this.settled().resolve(chunk);
  };

  private readonly onEnd = (): void => {
    this.release();
    if (this.waiting !== undefined) this.settled().resolve(undefined);
  };

  private readonly onError = (cause: Error): void => {
    this.fail(new AppError('invalid_request', { message: 'The request body ended early.', cause }));
  };

  private readonly onClose = (): void => {
    if (!this.raw.readableEnded && this.early.length === 0)
      this.fail(new AppError('invalid_request', { message: 'The request body ended early.' }));
  };

  /** Takes the one who waits out. */
  private settled(): Waiting {
    const { waiting } = this;
    if (waiting === undefined) throw new Error('Nobody waits for the body.');
    this.waiting = undefined;
    this.waitedMs += performance.now() - waiting.since;
    return waiting;
  }

  /** Gives the rest up: whoever waits for it, or asks for it later, gets this error. */
  fail(error: AppError): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.release();
    if (this.waiting !== undefined) this.settled().reject(error);
  }

  private release(): void {
    clearTimeout(this.stall);
    clearInterval(this.span);
    this.raw.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
  }

  private judgeSilence(): void {
    if (this.waiting === undefined) this.stall.refresh();
    else this.fail(new AppError('request_timeout', { message: 'The upload stood still for too long.' }));
  }

  private judgePace(): void {
    const now = performance.now();
    const waitedMs =
      this.waitedMs + (this.waiting === undefined ? 0 : now - Math.max(this.waiting.since, now - this.pace.paceMs));
    if (waitedMs >= waitingShare * this.pace.paceMs && this.received - this.receivedBefore < this.pace.paceBytes) {
      this.fail(new AppError('request_timeout', { message: 'The upload came too slowly.' }));
      return;
    }
    this.receivedBefore = this.received;
    this.waitedMs = 0;
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('payload_too_large', {
    message: `The request body is larger than the ${maxBytes} bytes that are allowed.`,
  });
}
