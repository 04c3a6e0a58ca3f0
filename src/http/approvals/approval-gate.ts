import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asksBody, hasApprovals, isBatchHeld, isHeld } from '../../catalog/approval.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import type { AppError } from '../../kernel/app-error.js';
import type { ApprovalRecord } from '../../modules/approvals/approval-record.js';
import { HeldCallsService } from '../../modules/approvals/held-calls.service.js';
import { idempotencyId } from '../../modules/idempotency/idempotency.service.js';
import { Log } from '../../observability/log.js';
import { identityOf } from '../auth/identity.js';
import type { BodyBudget } from '../body/json-body.js';
import { isIdempotencyKey, malformedKey } from '../idempotency/idempotency-key.js';
import { bodyRequestHash, requestHead } from '../idempotency/request-hash.js';
import { replyError, toAppError } from '../reply/error-reply.js';
import { tenantBase } from '../routing/gt-route.decorator.js';
import { readForm, withoutBoundary } from './held-body.js';
import { heldHeaders } from './held-headers.js';
import { HeldJudge, type BodyMembers } from './held-judge.js';
import { approvalRequired, approvalUrl, refuseWithoutResult, replyHeld, sendResult } from './held-reply.js';

const noBytes = Buffer.alloc(0);

/** The route that a frame of a socket asks for. */
const frameRoute: RouteId = 'responses.create';

/**
 * Where calls are held: after the first gate, so that they are paid when they are asked for, and before anything of the route. A
 * call of a key and tenant without approvals passes by one comparison.
 */
@Injectable()
export class ApprovalGate {
  constructor(
    private readonly held: HeldCallsService,
    private readonly judge: HeldJudge,
    private readonly log: Log,
  ) {}

  /** Whether a request may have to be held: its key or tenant puts something under approval. */
  concerns({ gt, routeOptions }: FastifyRequest): boolean {
    const { identity, approved, isAllowed } = gt;
    if (identity === undefined || approved !== undefined || !isAllowed) return false;
    return hasApprovals(identity.key) && routeOptions.config.gtRoute !== undefined;
  }

  /** Holds the request and answers it, or calls `next` where it need not be held. @param budget counts what it holds meanwhile. */
  pass(request: FastifyRequest, reply: FastifyReply, budget: Pick<BodyBudget, 'take'>, next: () => void): void {
    this.hold(request, reply, budget).then(
      (isHeldNow) => {
        if (!isHeldNow) next();
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.status >= 500) this.log.failure(error, { request_id: request.gt.requestId });
        replyError(request, reply, error);
      },
    );
  }

  /**
   * Holds what a frame of a socket asks for: it runs as `POST /responses`, and its result is the stream of events.
   * @param request the socket's. @returns the refusal with the id. @throws AppError as for a request.
   */
  async holdFrame(request: FastifyRequest, body: Buffer): Promise<AppError> {
    const identity = identityOf(request);
    const { method, path } = routeRow(frameRoute);
    const url = `${tenantBase}${path}`;
    const members = await this.judge.judgeJson(identity, request.headers, body, 'chat');
    const { headers } = request;
    const record = await this.held.hold({
      ...{ tenantId: identity.key.tenantId, keyId: identity.key.id, route: frameRoute, method, path: url, body },
      model: modelOf(members),
      requestHash: bodyRequestHash({ method, routeId: frameRoute, params: {}, url, headers }, body),
      idempotencyId: null,
      head: { url, headers: { ...heldHeaders(headers), 'content-type': 'application/json' }, ip: request.gt.ip },
    });
    return approvalRequired(record, approvalUrl(request, record.id));
  }

  private async hold(request: FastifyRequest, reply: FastifyReply, budget: Pick<BodyBudget, 'take'>): Promise<boolean> {
    const { key } = identityOf(request);
    const routeId = request.routeOptions.config.gtRoute as RouteId;
    if (!isHeld(key, routeId) && !asksBody(key, routeId)) return false;
    const header = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
    if (header !== undefined && !isIdempotencyKey(header)) throw malformedKey();
    const members = await this.judge.judge(request, routeId);
    if (asksBody(key, routeId) && !isBatchHeld(key, members['endpoint'])) return false;
    const { body, hashed } = await bodyOf(request, routeId, budget);
    // Who left before it was held sends it again, or not.
    if (request.gt.isOver) return true;
    const { url, method } = request;
    const record = await this.held.hold({
      ...{ tenantId: key.tenantId, keyId: key.id, route: routeId, method, path: url.split('?')[0] ?? url, body },
      model: modelOf(members),
      requestHash: bodyRequestHash(requestHead(request), hashed),
      idempotencyId: header === undefined ? null : idempotencyId(header),
      head: { url, headers: heldHeaders(request.headers), ip: request.gt.ip },
    });
    if (!request.gt.isOver) this.answer(request, reply, record);
    return true;
  }

  /** A repeat under an Idempotency-Key is answered with what became of the call. */
  private answer(request: FastifyRequest, reply: FastifyReply, record: ApprovalRecord): void {
    if (record.state === 'pending' || record.state === 'approved' || record.state === 'running')
      return replyHeld(request, reply, record);
    refuseWithoutResult(record);
    void reply.header('idempotent-replayed', 'true');
    sendResult(reply, record, this.held.resultOf(record));
  }
}

function modelOf({ model }: BodyMembers): string | null {
  return typeof model === 'string' && model.length <= 256 && !model.includes('\0') ? model : null;
}

/** The bytes of a body, and those that say which request it is. */
async function bodyOf(
  request: FastifyRequest,
  routeId: RouteId,
  budget: Pick<BodyBudget, 'take'>,
): Promise<{ readonly body: Buffer; readonly hashed: Buffer }> {
  if (routeRow(routeId).body === 'multipart') {
    const body = await readForm(request, budget);
    return { body, hashed: withoutBoundary(request.headers['content-type'] ?? '', body) };
  }
  const body = Buffer.isBuffer(request.body) ? request.body : noBytes;
  return { body, hashed: body };
}
