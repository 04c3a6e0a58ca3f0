import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { routeRow } from '../../catalog/routes.js';
import type { ErrorCode } from '../../kernel/error-codes.js';
import type { IdempotencyRun } from '../../modules/idempotency/idempotency-run.js';
import { idempotencyId, IdempotencyService } from '../../modules/idempotency/idempotency.service.js';
import { isKept } from '../../modules/idempotency/kept-answers.js';
import { Log } from '../../observability/log.js';
import { identityOf } from '../auth/identity.js';
import { replyError, toAppError } from '../reply/error-reply.js';
import { isIdempotencyKey, malformedKey } from './idempotency-key.js';
import { sendAgain } from '../reply/repeated-answer.js';
import { bodyRequestHash, requestHead } from './request-hash.js';

const noBytes = Buffer.alloc(0);

/** Headers that belong to one reply and are made anew for a repeat. */
const ownHeaders = /^(?:content-length|transfer-encoding|connection|keep-alive|date|retry-after.*|x-ratelimit-.*)$/;

/**
 * The `Idempotency-Key` at the door: which POST has one, which request it stands for, what was answered. A request
 * without the header passes here by one comparison. Answers that the relay writes are kept by RecordedReplySink.
 */
@Injectable()
export class IdempotentCalls {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly log: Log,
  ) {}

  /**
   * Before the handler, for a request with the header: puts the run on the request, claims the key and calls `next`, or
   * answers. Uploads pass: their handler claims when it has read the files (claim-upload.ts). The header means nothing
   * but for a POST of the data plane.
   */
  begin(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const routeId = request.routeOptions.config.gtRoute;
    if (routeId === undefined || request.method !== 'POST') return next();
    const header = request.headers['idempotency-key'];
    if (!isIdempotencyKey(header)) return replyError(request, reply, malformedKey());
    this.beginAs(idempotencyId(header), request, reply, next);
  }

  /** The same for a request that has no such header: an approved call has the key of the request that was held, by its hash. */
  beginAs(id: string, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const routeId = request.routeOptions.config.gtRoute;
    if (routeId === undefined || request.method !== 'POST') return next();
    const { key } = identityOf(request);
    const run = this.idempotency.beginAs({ tenantId: key.tenantId, keyId: key.id, id, requestId: request.gt.requestId });
    request.gt.idempotency = run;
    reply.raw.once('close', () => closed(run, reply));
    if (routeRow(routeId).body === 'multipart') next();
    else this.claimBody(run, request, reply, next);
  }

  /** Before a reply of Fastify is sent: keeps it or frees the key. Never rejects. */
  async conclude(run: IdempotencyRun, request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    if (!run.isRunning) return;
    const body = bytesOf(payload);
    const facts = { status: reply.statusCode, errorCode: request.gt.errorCode as ErrorCode | undefined, isProviders: false };
    if (body !== undefined && isKept(facts)) await run.keep({ status: reply.statusCode, headers: keptHeaders(reply), body });
    else await run.release();
  }

  private claimBody(run: IdempotencyRun, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const body = Buffer.isBuffer(request.body) ? request.body : noBytes;
    this.claim(run, bodyRequestHash(requestHead(request), body), reply).then(
      (isOurs) => {
        if (isOurs) next();
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.status >= 500) this.log.failure(error, { request_id: request.gt.requestId });
        replyError(request, reply, error);
      },
    );
  }

  private async claim(run: IdempotencyRun, requestHash: string, reply: FastifyReply): Promise<boolean> {
    const stored = await run.claim(requestHash);
    if (stored !== undefined) sendAgain(reply, stored);
    else if (reply.raw.destroyed) await run.release();
    else return true;
    return false;
  }
}

/**
 * The connection is closed. A relayed call has been broken off if it was not over; a handler that Fastify waits for goes
 * on and its answer is kept, so that a client that gave up waiting finds it on its next attempt.
 */
function closed(run: IdempotencyRun, reply: FastifyReply): void {
  if (reply.sent) void run.release();
}

/** The payload as bytes; undefined for a stream of Fastify's, which is not kept. */
function bytesOf(payload: unknown): Buffer | undefined {
  if (payload === undefined || payload === null) return noBytes;
  if (typeof payload === 'string') return Buffer.from(payload);
  return Buffer.isBuffer(payload) ? payload : undefined;
}

function keptHeaders(reply: FastifyReply): Record<string, string> {
  const kept = Object.entries(reply.getHeaders()).filter(([name, value]) => value !== undefined && !ownHeaders.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
