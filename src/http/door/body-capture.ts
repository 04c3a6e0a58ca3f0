import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestBodies } from '../../modules/request-log/bodies/request-bodies.js';
import type { KeptBody } from '../../modules/request-log/bodies/kept-body.js';

/**
 * Copies what is answered to a call of a tenant that keeps bodies. All answers go out by their response's own `write` and `end`,
 * whoever makes them. Calls of other tenants pass by one comparison.
 */
export function captureAnswer(request: FastifyRequest, reply: FastifyReply, bodies: RequestBodies): void {
  const { gt } = request;
  if (gt.identity?.tenant.keepsBodies !== true) return;
  const kept = bodies.begin();
  if (kept === undefined) return;
  gt.bodies = kept;
  copyInto(kept.answer, reply);
}

/** Copies the body of such a call when it is read. Forms are not read as a whole. */
export function captureRequest({ gt, body }: FastifyRequest): void {
  if (Buffer.isBuffer(body)) gt.bodies?.request.add(body);
}

type Send = (chunk?: unknown, ...rest: unknown[]) => unknown;

function copyInto(body: KeptBody, { raw }: FastifyReply): void {
  const copying =
    (send: Send): Send =>
    (chunk, ...rest) => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) body.add(chunk);
      return send(chunk, ...rest);
    };
  const own = raw as unknown as { write: Send; end: Send };
  own.write = copying(raw.write.bind(raw) as Send);
  own.end = copying(raw.end.bind(raw) as Send);
}
