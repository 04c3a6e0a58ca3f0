import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { WebSocket, WebSocketServer } from 'ws';
import { Config } from '../../config/config.module.js';
import { AppError, asAppError, overloaded } from '../../kernel/app-error.js';
import { InferenceService } from '../../modules/inference/inference.service.js';
import { OpenStreams } from '../../modules/open-streams/open-streams.js';
import { SocketPlaces } from '../../modules/open-streams/socket-places.js';
import { Gates } from '../../modules/usage/gates/gates.js';
import { identityOf } from '../auth/identity.js';
import { replyError } from '../reply/error-reply.js';
import { replyHeaderPairs } from '../reply/reply-headers.js';
import { routePlace } from '../routing/gt-route.decorator.js';
import { closeCodes, ResponseSocket } from './response-socket.js';
import { socketRoute, type SocketTools } from './socket-tools.js';
import { upgradeHead } from './upgrades.js';

/** What every request of this process passes. */
type Surroundings = Pick<SocketTools, 'guard' | 'log' | 'budget' | 'tracing' | 'approvals'>;

interface Open {
  /** Leaves its place among the sockets of its key. */
  readonly leave: () => void;
  readonly end: NodeJS.Timeout;
}

/**
 * The door of the WebSocket of Responses: `GET /responses`. The guard has let the request in like any other. Pings, the
 * longest life of a socket, and the end of all sockets at shutdown are its business.
 */
@Injectable()
export class SocketDoor implements OnModuleDestroy {
  /** Loaded with the first socket: most processes never see one. */
  private server: Promise<WebSocketServer> | undefined;
  private readonly sockets = new Map<ResponseSocket, Open>();
  /** Requests that are being upgraded. */
  private readonly upgrading = new WeakMap<IncomingMessage, { readonly request: FastifyRequest; readonly reply: FastifyReply }>();
  private beats: NodeJS.Timeout | undefined;
  private isLeaving = false;

  constructor(
    private readonly config: Config,
    private readonly inference: InferenceService,
    private readonly openStreams: OpenStreams,
    private readonly gates: Gates,
    private readonly places: SocketPlaces,
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
    for (const socket of this.sockets.keys()) socket.leave(closeCodes.leaving, 'the server stops');
  }

  /** Ends all sockets now. */
  cut(): void {
    this.isLeaving = true;
    for (const socket of [...this.sockets.keys()]) socket.cut();
  }

  onModuleDestroy(): void {
    this.cut();
    clearInterval(this.beats);
  }

  private upgrade(request: FastifyRequest, reply: FastifyReply, surroundings: Surroundings): void {
    if (this.config.GT_SOCKETS_PER_KEY === 0) return replyError(request, reply, socketsOff());
    const head = upgradeHead(request.raw);
    if (head === undefined) return replyError(request, reply, new AppError('upgrade_required'));
    this.upgrading.set(request.raw, { request, reply });
    this.open(request, reply, head, surroundings).catch((error: unknown) => replyError(request, reply, asAppError(error)));
  }

  /** @throws AppError why the key gets no socket now. */
  private async open(request: FastifyRequest, reply: FastifyReply, head: Buffer, surroundings: Surroundings): Promise<void> {
    this.server ??= this.openServer();
    const server = await this.server;
    const leave = await this.places.take(identityOf(request).key.id);
    if (leave === undefined) throw tooManySockets(this.config.GT_SOCKETS_PER_KEY);
    let isOpen = false;
    try {
      if (this.isLeaving) throw overloaded();
      server.handleUpgrade(request.raw, request.raw.socket, head, (client) => {
        isOpen = true;
        reply.hijack();
        this.begin(request, client, surroundings, leave);
      });
    } finally {
      if (!isOpen) leave();
    }
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

  private begin(request: FastifyRequest, client: WebSocket, surroundings: Surroundings, leave: () => void): void {
    const { gt } = request;
    const { socket } = request.raw;
    gt.isSocket = true;
    gt.entry?.leave();
    surroundings.log.note(request, gt, 101, false);
    const { inference, openStreams, gates } = this;
    const tools = { ...surroundings, inference, openStreams, gates, onClosed: () => this.forget(opened) };
    const opened: ResponseSocket = new ResponseSocket(tools, request, socket, client);
    const end = setTimeout(() => {
      opened.leave(closeCodes.leaving, 'the socket is too old', new AppError('websocket_connection_limit_reached'));
    }, this.config.GT_SOCKET_MAX_MS);
    this.sockets.set(opened, { leave, end: end.unref() });
    this.beats ??= setInterval(() => this.beat(), this.config.GT_SOCKET_PING_MS).unref();
  }

  private beat(): void {
    for (const socket of [...this.sockets.keys()]) socket.beat();
  }

  private forget(socket: ResponseSocket): void {
    const known = this.sockets.get(socket);
    if (known === undefined) return;
    this.sockets.delete(socket);
    clearTimeout(known.end);
    known.leave();
  }
}

/** Said in other words than to a request that is no upgrade: one may have lost its headers at a proxy. */
function socketsOff(): AppError {
  const message = 'WebSockets are switched off on this server. Send POST /responses instead.';
  return new AppError('upgrade_required', { message });
}

function tooManySockets(most: number): AppError {
  const message = `This API key has ${most} WebSockets open, which is as many as it may have.`;
  return new AppError('rate_limit_exceeded', { message, headers: { 'retry-after': '1' } });
}
