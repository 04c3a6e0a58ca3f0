import type { ReplyFrame } from '../reply/reply-frame.js';
import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import type { ApprovedCall } from '../../modules/approvals/approved-call.js';
import type { IdempotencyRun } from '../../modules/idempotency/idempotency-run.js';
import type { Identity } from '../../modules/keys/key-facts.js';
import type { KeptBodies } from '../../modules/request-log/bodies/kept-body.js';
import type { Entry } from '../../modules/usage/gates/entry.js';
import type { CallTrace } from '../../observability/tracing/call-trace.js';
import type { RouteId } from '../../catalog/routes.js';
import type { AdminRouteId } from '../../catalog/admin-routes.js';

/** What the hooks have learned of a request. Lives on `request.gt`. */
export interface RequestContext {
  /** `req_…`: usage and logs are keyed by it. */
  readonly requestId: string;
  /** `x-request-id` of the reply: the caller's when it is safe, else ours (contract section 6). */
  readonly echoedId: string;
  /** `performance.now()` at arrival. */
  readonly startedAt: number;
  /** The caller's address, through trusted proxies, in its normal form (door/client-address.ts). */
  readonly ip: string;
  /** What this process says in every reply. */
  readonly frame: ReplyFrame;
  /** Bytes of the request's body that are held for it. */
  bodyBytes: number;
  /** A buffer of its own that the body is a part of; what is free beside the body may be written. */
  bodyRoom: Buffer | undefined;
  /** Set by the guard of the data plane. */
  identity: Identity | undefined;
  /** The guard of the data plane let the call through. */
  isAllowed: boolean;
  /** The request's place behind the first gate, on the data plane; given back when the reply is over. */
  entry: Entry | undefined;
  /** Headers that tell what is left of the limits that the request counts against; undefined where there are none. */
  rateHeaders: (() => readonly string[]) | undefined;
  /** Set by the guard of the admin plane. */
  admin: AdminIdentity | undefined;
  /** The published name that the call used, for the log. */
  endpoint: string | undefined;
  /** Code of the error that was answered, for the log. */
  errorCode: string | undefined;
  /** The reply is over: what is taken for the request from now on is never given back. */
  isOver: boolean;
  /** The connection has become a socket, whose calls are logged one by one. */
  isSocket: boolean;
  /** The call's trace, where it has one. */
  trace: CallTrace | undefined;
  /** The call was held and approved: it is made for the key that asked, and nobody has sent it just now. */
  readonly approved: ApprovedCall | undefined;
  /** Both bodies, of a call whose tenant keeps them. */
  bodies: KeptBodies | undefined;
  /** Set for a POST with an `Idempotency-Key`. */
  idempotency: IdempotencyRun | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    gt: RequestContext;
  }
  interface FastifyContextConfig {
    gtRoute?: RouteId;
    gtAdminRoute?: AdminRouteId;
  }
}
