import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket, WebSocketServer } from 'ws';
import { Config } from '../../config/config.module.js';
import { AppError, asAppError, overloaded } from '../../kernel/app-error.js';
import { InferenceService } from '../../modules/inference/inference.service.js';
import { OpenStreams } from '../../modules/open-streams/open-streams.js';
import { Gates } from '../../modules/usage/gates/gates.js';
import { identityOf } from '../auth/identity.js';
import { replyError } from '../reply/error-reply.js';
import { replyHeaderPairs } from '../reply/reply-headers.js';
import { routePlace } from '../routing/gt-route.decorator.js';
import { closeCodes, ResponseSocket } from './response-socket.js';
import { socketRoute, type SocketTools } from './socket-tools.js';
import { upgradeHead } from './upgrades.js';

/** What every request of this process passes. */
type Surroundings = Pick<SocketTools, 'guard' | 'log' | 'budget'>;

interface Open {
  readonly keyId: string;
  readonly end: NodeJS.Timeout;
}

/**
 * The door of the WebSocket of Responses: `GET /responses`. The guard has let the request in like any other. Pings, the
 * longest life of a socket, how many a key may have, and the end of all sockets at shutdown are its business.
 */
@Injectable()
export class SocketDoor implements OnModuleDestroy {
  /** Loaded with the first socket: most processes never see one. */
  private server: Promise<WebSocketServer> | undefined;
  private readonly open = new Map<ResponseSocket, Open>();
  private readonly ofKey = new Map<string, number>();
  /** Requests that are being upgraded. */
  private readonly upgrading = new WeakMap<IncomingMessage, { readonly request: FastifyRequest; readonly reply: FastifyReply }>();
  private beats: NodeJS.Timeout | undefined;
  private isLeaving = false;

  constructor(
    private readonly config: Config,
    private readonly inference: InferenceService,
    private readonly openStreams: OpenStreams,
    private readonly gates: Gates,
  ) {}

  /** Puts the route on its row; the hooks judge it like all others. */
  register(fastify: FastifyInstance, surroundings: Surroundings): void {
    fastify.route({
      ...routePlace(socketRoute),
      config: { gtRoute: socketRoute },
      handler: (request, reply) => this.upgrade(request, reply, surroundings),
    });
  }

  /** Takes no further sockets and ends those that are open, each after its running calls. */
  leave(): void {
    this.isLeaving = true;
    for (const socket of this.open.keys()) socket.leave(closeCodes.leaving, 'the server stops');
  }

  /** Ends all sockets now. */
  cut(): void {
    this.isLeaving = true;
    for (const socket of [...this.open.keys()]) socket.cut();
  }

  onModuleDestroy(): void {
    this.cut();
    clearInterval(this.beats);
  }

  private upgrade(request: FastifyRequest, reply: FastifyReply, surroundings: Surroundings): void {
    const head = upgradeHead(request.raw);
    const refusal = this.refusal(identityOf(request).key.id, head);
    if (refusal !== undefined || head === undefined) {
      replyError(request, reply, refusal ?? new AppError('upgrade_required'));
      return;
    }
    this.upgrading.set(request.raw, { request, reply });
    const socket = request.raw.socket;
    this.server ??= this.openServer();
    this.server.then(
      (server) =>
        server.handleUpgrade(request.raw, socket, head, (client) => {
          reply.hijack();
          this.begin(request, socket, client, surroundings);
        }),
      (error: unknown) => replyError(request, reply, asAppError(error)),
    );
  }

  /** Why a key gets no socket now. */
  private refusal(keyId: string, head: Buffer | undefined): AppError | undefined {
    const most = this.config.GT_SOCKETS_PER_KEY;
    if (head === undefined || most === 0) return new AppError('upgrade_required');
    if (this.isLeaving) return overloaded();
    return (this.ofKey.get(keyId) ?? 0) >= most ? tooManySockets(most) : undefined;
  }

  private async openServer(): Promise<WebSocketServer> {
    const { WebSocketServer } = await import('ws');
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.config.GT_MAX_JSON_BYTES,
      handleProtocols: () => false,
    });
    server.on('headers', (lines, raw) => {
      const request = this.upgrading.get(raw)?.request;
      const pairs = request === undefined ? [] : replyHeaderPairs(request);
      for (let at = 0; at < pairs.length; at += 2)
        if (pairs[at] !== 'connection') lines.push(`${pairs[at] ?? ''}: ${pairs[at + 1] ?? ''}`);
    });
    server.on('wsClientError', (error, _socket, raw) => {
      const asked = this.upgrading.get(raw);
      if (asked === undefined) return;
      const message = `The WebSocket cannot be opened: ${error.message}.`;
      replyError(asked.request, asked.reply, new AppError('invalid_request', { message }));
    });
    return server;
  }

  private begin(request: FastifyRequest, socket: Socket, client: WebSocket, surroundings: Surroundings): void {
    const { gt } = request;
    const { id: keyId } = identityOf(request).key;
    gt.isSocket = true;
    gt.entry?.leave();
    surroundings.log.note(request, gt, 101, false);
    const { inference, openStreams, gates } = this;
    const tools = { ...surroundings, inference, openStreams, gates, onClosed: () => this.forget(opened) };
    const opened: ResponseSocket = new ResponseSocket(tools, request, socket, client);
    const end = setTimeout(() => {
      opened.leave(closeCodes.leaving, 'the socket is too old', new AppError('websocket_connection_limit_reached'));
    }, this.config.GT_SOCKET_MAX_MS);
    this.open.set(opened, { keyId, end: end.unref() });
    this.ofKey.set(keyId, (this.ofKey.get(keyId) ?? 0) + 1);
    this.beats ??= setInterval(() => this.beat(), this.config.GT_SOCKET_PING_MS).unref();
  }

  private beat(): void {
    for (const socket of [...this.open.keys()]) socket.beat();
  }

  private forget(socket: ResponseSocket): void {
    const known = this.open.get(socket);
    if (known === undefined) return;
    this.open.delete(socket);
    clearTimeout(known.end);
    const left = (this.ofKey.get(known.keyId) ?? 1) - 1;
    if (left > 0) this.ofKey.set(known.keyId, left);
    else this.ofKey.delete(known.keyId);
  }
}

function tooManySockets(most: number): AppError {
  const message = `This API key has ${most} WebSockets open, which is as many as it may have.`;
  return new AppError('rate_limit_exceeded', { message, headers: { 'retry-after': '1' } });
}
