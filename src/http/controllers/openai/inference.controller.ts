import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { chatKind, completionKind, embeddingKind, type InferenceKind } from '../../../modules/inference/inference-kinds.js';
import { InferenceService } from '../../../modules/inference/inference.service.js';
import { identityOf } from '../../auth/identity.js';
import { BodyRooms } from '../../body/body-rooms.js';
import { openReplySink } from '../../idempotency/recorded-reply-sink.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';

const noBody = Buffer.alloc(0);

/** OpenAI's inference routes that are relayed byte by byte. */
@Controller()
export class InferenceController {
  constructor(
    private readonly inference: InferenceService,
    private readonly rooms: BodyRooms,
  ) {}

  @GtRoute('chat.completions.create')
  createChatCompletion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.relay(chatKind, request, reply);
  }

  @GtRoute('completions.create')
  createCompletion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.relay(completionKind, request, reply);
  }

  @GtRoute('embeddings.create')
  createEmbedding(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.relay(embeddingKind, request, reply);
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
