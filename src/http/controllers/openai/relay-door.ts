import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routeRow } from '../../../catalog/routes.js';
import type { InferenceKind } from '../../../modules/inference/call/inference-kind.js';
import type { InferenceRequest } from '../../../modules/inference/call/inference-request.js';
import type { RequestForm } from '../../../modules/inference/call/request-form.js';
import { ExchangeTools } from '../../../modules/inference/exchange/exchange-tools.js';
import { InferenceService } from '../../../modules/inference/inference.service.js';
import { inferenceKinds } from '../../../modules/inference/kinds/kinds.js';
import type { Entry } from '../../../modules/usage/gates/entry.js';
import { Log } from '../../../observability/log.js';
import { identityOf } from '../../auth/identity.js';
import { BodyRooms } from '../../body/body-rooms.js';
import type { BodyBudget } from '../../body/json-body.js';
import { openReplySink } from '../../idempotency/recorded-reply-sink.js';
import { replyError, toAppError } from '../../reply/error-reply.js';
import { RepeatedAnswer, sendAgain } from '../../reply/repeated-answer.js';
import { routePlace } from '../../routing/gt-route.decorator.js';
import { RelayForms } from '../../uploads/relay-forms.js';

const noBody = Buffer.alloc(0);

/**
 * The door of the relayed routes. It stands on Fastify itself and not behind a controller: Nest's way to a handler, with a
 * promise for each of its steps, costs a twentieth of a relayed call (docs/decisions/speed.md).
 */
@Injectable()
export class RelayDoor {
  constructor(
    private readonly inference: InferenceService,
    private readonly tools: ExchangeTools,
    private readonly rooms: BodyRooms,
    private readonly forms: RelayForms,
    private readonly log: Log,
  ) {}

  /** Puts the routes on their rows of the table; the hooks judge them like all others. @param budget counts what requests hold. */
  register(fastify: FastifyInstance, budget: Pick<BodyBudget, 'take'>): void {
    for (const kind of inferenceKinds) {
      const takesForm = routeRow(kind.routeId).body === 'multipart';
      fastify.route({
        ...routePlace(kind.routeId),
        config: { gtRoute: kind.routeId },
        handler: (request, reply) => {
          if (takesForm) this.relayForm(kind, request, reply, budget);
          else this.relay(kind, request, reply, budget);
        },
      });
    }
  }

  private relayForm(kind: InferenceKind, request: FastifyRequest, reply: FastifyReply, budget: Pick<BodyBudget, 'take'>): void {
    this.forms.receive(request, reply).then(
      (form) => this.relay(kind, request, reply, budget, form),
      (thrown: unknown) => {
        if (thrown instanceof RepeatedAnswer) return sendAgain(reply, thrown.answer);
        const error = toAppError(thrown);
        if (error.status >= 500) this.log.failure(error, { request_id: request.gt.requestId });
        replyError(request, reply, error);
      },
    );
  }

  private relay(
    kind: InferenceKind,
    request: FastifyRequest,
    reply: FastifyReply,
    budget: Pick<BodyBudget, 'take'>,
    form?: RequestForm,
  ): void {
    const { gt } = request;
    this.inference.run(
      kind,
      {
        identity: identityOf(request),
        requestId: gt.requestId,
        ip: gt.ip,
        headers: request.headers,
        body: Buffer.isBuffer(request.body) ? request.body : noBody,
        form,
        bodyRoom: gt.bodyRoom,
        releaseBody: this.releaseOf(request),
        holdMore: (bytes) => budget.take(request, bytes),
        startedAt: gt.startedAt,
        entry: entryOf(request),
        trace: gt.trace,
        approved: approvedOf(gt),
      },
      openReplySink(request, reply, this.tools.replies),
      (endpoint) => {
        gt.endpoint = endpoint;
      },
    );
  }

  /** Gives the body's room to the tenant's next body. A request that may be repeated keeps its own. */
  private releaseOf(request: FastifyRequest): (() => void) | undefined {
    const { gt } = request;
    const { bodyRoom: room, identity } = gt;
    if (room === undefined || identity === undefined || gt.idempotency !== undefined) return undefined;
    return () => {
      gt.bodyRoom = undefined;
      request.body = undefined;
      this.rooms.giveBack(identity.key.tenantId, room);
    };
  }
}

/** How an approved call says that it goes out. */
function approvedOf({ approved, requestId }: FastifyRequest['gt']): InferenceRequest['approved'] {
  return approved && { sending: () => approved.sending(requestId) };
}

/** The place behind the first gate that the hook of the request took. */
function entryOf({ gt }: FastifyRequest): Entry {
  if (gt.entry === undefined) throw new Error('A relayed request has not passed the first gate.');
  return gt.entry;
}
