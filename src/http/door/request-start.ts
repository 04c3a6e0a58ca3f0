import type { FastifyRequest } from 'fastify';
import type { ApprovedCall } from '../../modules/approvals/approved-call.js';
import { safeToEcho } from '../reply/echoed-id.js';
import { ReplyFrame } from '../reply/reply-frame.js';
import type { RequestContext } from './request-context.js';

/**
 * A request's context at its arrival. The caller's own request id is kept when it is safe to print.
 * @param ip the caller's address in its normal form. @param approved the call that was held, where the request is one.
 */
export function startContext(
  request: FastifyRequest,
  ip = request.ip,
  frame = new ReplyFrame(),
  approved?: ApprovedCall,
): RequestContext {
  return {
    requestId: request.id,
    echoedId: safeToEcho(request.headers['x-request-id']) ?? request.id,
    startedAt: performance.now(),
    ip,
    frame,
    bodyBytes: 0,
    bodyRoom: undefined,
    identity: undefined,
    isAllowed: false,
    entry: undefined,
    admin: undefined,
    endpoint: undefined,
    errorCode: undefined,
    isOver: false,
    isSocket: false,
    rateHeaders: undefined,
    trace: undefined,
    approved,
    bodies: undefined,
    idempotency: undefined,
  };
}
