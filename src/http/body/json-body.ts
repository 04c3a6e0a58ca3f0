import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { AppError, overloaded } from '../../kernel/app-error.js';
import { ShareBudget } from '../../kernel/share-budget.js';
import type { BodyRooms } from './body-rooms.js';
import { dropBytes } from '../../kernel/drop-bytes.js';
import { SlowBodies, usualPatience, type IncomingBody } from './slow-bodies.js';

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Counts the bytes of request bodies that this process holds; they are given back when the reply is over. Of them a tenant
 * has its share (kernel/share-budget.ts). Bodies of the admin plane count apart, so that a tenant whose clients fill its
 * share can still be administered.
 */
export class BodyBudget {
  private readonly budget: ShareBudget;

  /** @param sharePercent a tenant's share of them. */
  constructor(maxBytes: number, sharePercent?: number) {
    this.budget = new ShareBudget(maxBytes, sharePercent);
  }

  /** Counts bytes of a request's body; false when its tenant may not have so many now, or nobody waits for the reply. */
  take(request: FastifyRequest, bytes: number): boolean {
    if (request.gt.isOver) return false;
    const isGranted = this.budget.take(holderOf(request), bytes);
    if (isGranted) request.gt.bodyBytes += bytes;
    return isGranted;
  }

  /** Gives back what was counted for a request, all of it or so many bytes. */
  giveBack(request: FastifyRequest, bytes = request.gt.bodyBytes): void {
    const given = Math.min(bytes, request.gt.bodyBytes);
    if (given === 0) return;
    this.budget.giveBack(holderOf(request), given);
    request.gt.bodyBytes -= given;
  }
}

function holderOf({ gt: { identity, admin } }: FastifyRequest): string {
  return identity?.key.tenantId ?? `admin ${admin?.tenantId ?? ''}`;
}

/**
 * Reads JSON bodies as one Buffer, copied at most once, and leaves the parsing to the route: an inference call is
 * forwarded without ever being parsed. Multipart bodies stay unread for the upload's own parser.
 */
export function registerBodyParsers(
  fastify: FastifyInstance,
  maxJsonBytes: number,
  budget: BodyBudget,
  rooms: BodyRooms,
  patience = usualPatience,
): void {
  const slow = new SlowBodies(patience);
  fastify.removeAllContentTypeParsers();
  const json = (request: FastifyRequest, payload: IncomingMessage, done: Done): void => {
    new BodyReader(request, maxJsonBytes, budget, rooms, slow, done).read(payload);
  };
  fastify.addContentTypeParser('application/json', { bodyLimit: Number.MAX_SAFE_INTEGER }, json);
  fastify.addContentTypeParser(/^application\/[a-z0-9.+-]+\+json/, { bodyLimit: Number.MAX_SAFE_INTEGER }, json);
  fastify.addContentTypeParser('multipart/form-data', (_request: FastifyRequest, _payload: IncomingMessage, done: Done) =>
    done(null),
  );
}

/** A body's size and encoding as far as the headers tell: refused before anything of it is read (contract section 3). */
export function refuseByHeaders(
  request: FastifyRequest,
  accepts: 'none' | 'json' | 'multipart',
  maxJsonBytes: number,
): AppError | undefined {
  const { headers } = request;
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    return new AppError('unsupported_media_type', {
      message: 'Request bodies must not be compressed: leave out Content-Encoding.',
    });
  }
  if (accepts === 'none') return undefined;
  const length = headers['content-length'];
  const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  const type = headers['content-type'];
  if (hasBody && !mediaTypeFits(type, accepts)) {
    return new AppError('unsupported_media_type', {
      message: `The Content-Type must be ${accepts === 'json' ? 'application/json' : 'multipart/form-data'}${type === undefined ? '; none was sent' : ''}.`,
    });
  }
  if (accepts === 'json' && length !== undefined && Number(length) > maxJsonBytes) return tooLarge(maxJsonBytes);
  return undefined;
}

function mediaTypeFits(type: string | undefined, accepts: 'json' | 'multipart'): boolean {
  if (type === 'application/json') return accepts === 'json';
  const essence = (type ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (accepts === 'multipart') return essence === 'multipart/form-data';
  return essence === 'application/json' || /^application\/[a-z0-9.+-]+\+json$/.test(essence);
}

function tooLarge(limit: number): AppError {
  return new AppError('payload_too_large', { message: `The request body is larger than the ${limit} bytes that are allowed.` });
}

/** Free bytes on both sides of a body that came in several pieces: its model and the like are changed in place. */
const spareBytes = 8 * 1024;

/** One body on its way in. A body whose length was declared is copied into its place as it comes. */
class BodyReader implements IncomingBody {
  readonly startedAt = performance.now();
  movedAt = this.startedAt;
  received = 0;
  private readonly declared: number;
  private target: Buffer | undefined;
  private readonly chunks: Buffer[] = [];
  private done: Done | undefined;

  constructor(
    private readonly request: FastifyRequest,
    private readonly maxBytes: number,
    private readonly budget: BodyBudget,
    private readonly rooms: BodyRooms,
    private readonly slow: SlowBodies,
    done: Done,
  ) {
    this.declared = Number(request.headers['content-length'] ?? 0);
    this.done = done;
  }

  /** Begins to read. A declared length is counted whole, so that a body is refused at its beginning and not in its midst. */
  read(payload: IncomingMessage): void {
    if (!this.budget.take(this.request, this.declared)) return this.finish(overloaded());
    this.slow.add(this);
    payload.on('data', (chunk: Buffer) => this.add(chunk));
    payload.on('end', () => this.finish(null, this.body()));
    payload.on('error', (cause) =>
      this.finish(new AppError('invalid_request', { message: 'The request body ended early.', cause })),
    );
  }

  giveUp(error: AppError): void {
    this.finish(error);
  }

  private add(chunk: Buffer): void {
    if (this.done === undefined) return;
    this.movedAt = performance.now();
    const { length } = chunk;
    if (this.received + length > this.maxBytes) return this.finish(tooLarge(this.maxBytes));
    if (this.declared === 0 && !this.budget.take(this.request, length)) return this.finish(overloaded());
    if (length < this.declared) {
      this.target ??= this.rooms.take(this.request.gt.identity?.key.tenantId, this.declared + 2 * spareBytes);
      chunk.copy(this.target, spareBytes + this.received);
      dropBytes(chunk);
    } else {
      this.chunks.push(chunk);
    }
    this.received += length;
  }

  private body(): Buffer {
    if (this.target !== undefined) {
      this.request.gt.bodyRoom = this.target;
      return this.target.subarray(spareBytes, spareBytes + this.received);
    }
    const [only] = this.chunks;
    return this.chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.chunks);
  }

  private finish(error: Error | null, body?: Buffer): void {
    this.slow.delete(this);
    const { done } = this;
    this.done = undefined;
    done?.(error, body);
  }
}
