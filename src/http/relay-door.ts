import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { chatKind, completionKind, embeddingKind, type InferenceKind } from '../modules/inference/inference-kinds.js';
import { InferenceService } from '../modules/inference/inference.service.js';
import { identityOf } from './auth/identity.js';
import { BodyRooms } from './body/body-rooms.js';
import { openReplySink } from './idempotency/recorded-reply-sink.js';
import { routePlace } from './routing/gt-route.decorator.js';

const noBody = Buffer.alloc(0);

/** OpenAI's inference routes that are relayed byte by byte. */
export const relayedKinds: readonly InferenceKind[] = [chatKind, completionKind, embeddingKind];

/**
 * The door of the relayed routes. It stands on Fastify itself and not behind a controller: Nest's way to a handler, with a
 * promise for each of its steps, costs a twentieth of a relayed call (docs/decisions/speed.md).
 */
@Injectable()
export class RelayDoor {
  constructor(
    private readonly inference: InferenceService,
    private readonly rooms: BodyRooms,
  ) {}

  /** Puts the routes on their rows of the table; the hooks judge them like all others. */
  register(fastify: FastifyInstance): void {
    for (const kind of relayedKinds) {
      fastify.route({
        ...routePlace(kind.routeId),
        config: { gtRoute: kind.routeId },
        handler: (request, reply) => this.relay(kind, request, reply),
      });
    }
  }

  private relay(kind: InferenceKind, request: FastifyRequest, reply: FastifyReply): void {
    const { gt } = request;
    this.inference.run(
      kind,
      {
        identity: identityOf(request),
        requestId: gt.requestId,
        ip: gt.ip,
        headers: request.headers,
        body: Buffer.isBuffer(request.body) ? request.body : noBody,
        bodyRoom: gt.bodyRoom,
        releaseBody: this.releaseOf(request),
        startedAt: gt.startedAt,
      },
      openReplySink(request, reply),
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
