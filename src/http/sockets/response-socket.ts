import type { FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { isHeldOnSocket } from '../../catalog/approval.js';
import { AppError, asAppError, overloaded } from '../../kernel/app-error.js';
import { newTimedId } from '../../kernel/ids.js';
import { laneOf, readCreateFrame, type CreateFrame } from '../../modules/inference/kinds/responses/socket-request.js';
import { SocketCall } from '../../modules/inference/kinds/responses/socket-call.js';
import { SocketMemory } from '../../modules/inference/kinds/responses/socket-memory.js';
import type { Entry } from '../../modules/usage/gates/entry.js';
import { identityOf } from '../auth/identity.js';
import type { RequestContext } from '../door/request-context.js';
import { errorFrame } from './socket-frames.js';
import { SocketLanes } from './socket-lanes.js';
import { PeerWatch } from './peer-watch.js';
import { SocketSink, type EndedCall, type FrameChannel } from './socket-sink.js';
import { socketRoute, type SocketTools } from './socket-tools.js';

/** So many lanes of one socket may have work, and so many creates may wait. */
const maxLanes = 16;
const maxWaiting = 16;

/** Why a socket is closed (RFC 6455, section 7.4.1). Clients open a new one after 1001 and 1013, and not after 1008. */
export const closeCodes = { leaving: 1001, refused: 1008, broken: 1011, overloaded: 1013 } as const;

interface Create extends CreateFrame {
  /** Bytes that count until the call is over. */
  readonly held: number;
}

/**
 * One WebSocket of Responses. A frame is a call: its key is judged as things are by then, it passes the gates and is
 * answered, logged and booked like any other. Frames of one lane run one after the other.
 */
export class ResponseSocket implements FrameChannel {
  private readonly lanes: SocketLanes<Create>;
  private readonly memory: SocketMemory;
  private readonly sinks = new Set<SocketSink>();
  private readonly unwatch: () => void;
  private readonly peer: PeerWatch;
  /** No further call begins; the socket closes when the last one has ended. */
  private closing: { readonly code: number; readonly reason: string; readonly error?: AppError } | undefined;

  constructor(
    private readonly tools: SocketTools,
    private readonly request: FastifyRequest,
    private readonly socket: Socket,
    private readonly client: WebSocket,
  ) {
    const { budget } = tools;
    this.memory = new SocketMemory({
      take: (bytes) => budget.take(request, bytes),
      giveBack: (bytes) => budget.giveBack(request, bytes),
    });
    this.lanes = new SocketLanes(maxLanes, maxWaiting, (create, next) => this.judge(create, next));
    this.peer = new PeerWatch(client, socket, {
      take: (bytes) => budget.take(request, bytes),
      giveBack: (bytes) => budget.giveBack(request, bytes),
      onFull: () => this.close(closeCodes.overloaded, 'too many bytes are on their way in'),
    });
    client.on('message', (data, isBinary) => this.take(data as Buffer, isBinary));
    // ws has refused a frame, and has begun the close.
    client.on('error', () => this.close(closeCodes.broken, 'a frame was refused'));
    client.on('close', () => this.lost());
    // ws answers a ping by itself.
    client.on('ping', () => this.holdBack());
    socket.on('drain', () => {
      this.peer.readOn();
      for (const sink of this.sinks) sink.drained();
    });
    const { ip, startedAt } = request.gt;
    this.unwatch = tools.openStreams.add({
      identity: identityOf(request),
      routeId: socketRoute,
      ip,
      startedAt,
      // Its calls are told by themselves, before the socket closes.
      abort: () => setImmediate(() => this.close(closeCodes.refused, 'this API key may no longer be used')),
    });
  }

  get isOpen(): boolean {
    return this.client.readyState === this.client.OPEN;
  }

  get isFull(): boolean {
    return this.socket.writableNeedDrain;
  }

  send(frame: Buffer | string): void {
    if (!this.isOpen) return;
    this.client.send(frame, { binary: false });
    this.holdBack();
  }

  /** Who does not read is not read from either: the answers to its frames would have no bound. */
  private holdBack(): void {
    if (this.isFull) this.client.pause();
  }

  break(): void {
    this.close(closeCodes.broken, 'the answer broke off');
  }

  /** Sends a ping. A peer that has shown no sign of life since the last one is cut off. */
  beat(): void {
    this.peer.beat();
  }

  /** Closes the socket when its running calls have ended; those that wait are refused. @param error told before the end. */
  leave(code: number, reason: string, error?: AppError): void {
    if (this.closing !== undefined) return;
    this.closing = { code, reason, ...(error === undefined ? {} : { error }) };
    for (const create of this.lanes.dropWaiting()) this.refuse(create.streamId, error ?? overloaded(), create.held);
    this.closeWhenIdle();
  }

  /** Ends the connection now. */
  cut(): void {
    this.close(closeCodes.leaving, 'the server stops');
    this.client.terminate();
  }

  private take(frame: Buffer, isBinary: boolean): void {
    const held = this.peer.received(frame.length);
    let create: Create;
    try {
      if (isBinary) throw new AppError('invalid_request', { message: 'A frame must be a text of JSON.' });
      create = { ...readCreateFrame(frame), held };
    } catch (error) {
      this.refuse(isBinary ? undefined : laneOf(frame), asAppError(error), held);
      return;
    }
    if (this.closing !== undefined) this.refuse(create.streamId, this.closing.error ?? overloaded(), held);
    else if (!this.lanes.add(create.streamId ?? '', create)) this.refuse(create.streamId, tooManyCreates(), held);
  }

  /** Refuses a frame that has become no call. */
  private refuse(streamId: string | undefined, error: AppError, held: number): void {
    this.tools.budget.giveBack(this.request, held);
    this.send(errorFrame(error, streamId));
    const gt = this.contextOf();
    gt.errorCode = error.code;
    this.tools.log.note(this.request, gt, error.status, false);
  }

  /** Decides again whether the key may make the call, as things are now. */
  private judge(create: Create, next: () => void): void {
    this.tools.guard.judge(socketRoute, this.request, (refusal) => {
      if (!this.isOpen) {
        this.tools.budget.giveBack(this.request, create.held);
        next();
      } else if (refusal === undefined) this.run(create, next);
      else {
        this.refuse(create.streamId, refusal, create.held);
        next();
        if (refusal.status < 500) this.close(closeCodes.refused, 'this API key may no longer be used');
      }
    });
  }

  private run(create: Create, next: () => void): void {
    const { tools, request } = this;
    const gt = this.contextOf();
    const { body, streamId } = create;
    let { held } = create;
    const holdMore = (bytes: number): boolean => {
      const isGranted = tools.budget.take(request, bytes);
      if (isGranted) held += bytes;
      return isGranted;
    };
    const call = new SocketCall(this.memory, create);
    const over = ({ status, error, isGone }: EndedCall): void => {
      this.sinks.delete(sink);
      gt.entry?.leave();
      tools.budget.giveBack(request, held);
      if (error !== undefined) call.forgetPrevious();
      gt.errorCode = error?.code;
      tools.log.note(request, gt, status, isGone);
      next();
      this.closeWhenIdle();
    };
    const sink = new SocketSink(this, streamId, () => call.remember(), over);
    this.sinks.add(sink);
    const identity = identityOf(request);
    const entered = (entry: Entry): void => {
      gt.entry = entry;
      if (!this.sinks.has(sink)) return entry.leave();
      try {
        if (create.generates && isHeldOnSocket(identity.key)) return this.hold(body, sink);
        const { requestId, ip, startedAt, trace } = gt;
        const asked = { identity, requestId, ip, headers: request.headers, body, holdMore, startedAt, entry, trace };
        tools.inference.run(call, asked, sink, (name) => {
          gt.endpoint = name;
        });
      } catch (error) {
        sink.fail(asAppError(error));
      }
    };
    tools.gates.enter(identity.callLimits, entered, (error) => sink.fail(error));
  }

  /** Such a call runs once it is approved, as one of `POST /responses`: the socket only hears of it. */
  private hold(body: Buffer, sink: SocketSink): void {
    this.tools.approvals.holdFrame(this.request, body).then(
      (refusal) => sink.fail(refusal),
      (error: unknown) => sink.fail(asAppError(error)),
    );
  }

  /** What is known of one call: it has an id and a beginning of its own. */
  private contextOf(): RequestContext {
    const requestId = newTimedId('request', Date.now());
    const { headers, method, routeOptions } = this.request;
    return {
      ...this.request.gt,
      requestId,
      startedAt: performance.now(),
      isAllowed: true,
      endpoint: undefined,
      bodies: undefined,
      entry: undefined,
      trace: this.tools.tracing.ofRequest(headers, method, routeOptions.url ?? '', socketRoute),
    };
  }

  private closeWhenIdle(): void {
    const { closing } = this;
    if (closing === undefined || !this.lanes.isIdle) return;
    if (closing.error !== undefined) this.send(errorFrame(closing.error));
    this.close(closing.code, closing.reason);
  }

  private close(code: number, reason: string): void {
    if (this.isOpen) this.client.close(code, reason);
    this.peer.stop();
    this.closing ??= { code, reason };
    this.endCalls();
  }

  /** Ends all that still runs: nobody will read it. */
  private endCalls(): void {
    for (const create of this.lanes.dropWaiting()) this.tools.budget.giveBack(this.request, create.held);
    for (const sink of [...this.sinks]) sink.lost();
  }

  private lost(): void {
    this.unwatch();
    this.endCalls();
    this.memory.clear();
    this.tools.onClosed();
  }
}

function tooManyCreates(): AppError {
  const message = `On one WebSocket at most ${maxLanes} lanes may have work and ${maxWaiting} creates may wait.`;
  return new AppError('rate_limit_exceeded', { message, headers: { 'retry-after': '1' } });
}
