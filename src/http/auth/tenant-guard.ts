import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { decide, type Refusal } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { maskCredential } from '../../kernel/credentials.js';
import type { ApprovedCall } from '../../modules/approvals/approved-call.js';
import { KeyDirectory } from '../../modules/keys/key-directory.js';
import { KeyRights } from '../../modules/keys/key-rights.js';
import type { Identity } from '../../modules/keys/key-facts.js';
import { HostDirectory } from '../../modules/tenants/host-directory.js';
import { Log } from '../../observability/log.js';
import { Metrics } from '../../observability/metrics.js';
import { steps } from '../../observability/tracing/attribute-names.js';
import { replyError, toAppError } from '../reply/error-reply.js';
import { unknownUrl } from '../routing/unknown-url.js';
import { BearerAuthenticator, type BearerResult } from './bearer.js';
import { FailureLimiter } from './failure-limiter.js';

/**
 * The guard of the data plane: runs in `onRequest` on the matched row, before anything of the body is read. With a
 * key that is in memory it decides at once, without a promise. What it decides is catalog/decide.ts.
 */
@Injectable()
export class TenantGuard {
  private readonly bearer: BearerAuthenticator<Identity>;
  private readonly failures: FailureLimiter;

  constructor(
    keys: KeyDirectory,
    private readonly rights: KeyRights,
    private readonly hosts: HostDirectory,
    private readonly metrics: Metrics,
    private readonly log: Log,
    config: Config,
  ) {
    this.bearer = new BearerAuthenticator<Identity>('gtak_', keys);
    this.failures = new FailureLimiter(config.GT_AUTH_FAILURES_PER_MINUTE);
  }

  check(routeId: RouteId, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const step = request.gt.trace?.step(steps.keyCheck);
    this.judge(routeId, request, (refusal) => {
      step?.end(refusal?.code);
      if (refusal === undefined) {
        request.gt.isAllowed = true;
        next();
      } else if (refusal.status === 401 && request.gt.approved === undefined) this.refuseUnknown(request, reply, refusal);
      else replyError(request, reply, refusal);
    });
  }

  /**
   * Decides by the request's headers, as things are now, and notes whose key they have. For an open socket that is asked
   * again before each of its calls.
   * @param judged hears why not; undefined for a call that may be made.
   */
  judge(routeId: RouteId, request: FastifyRequest, judged: (refusal: AppError | undefined) => void): void {
    const { approved } = request.gt;
    if (approved !== undefined) return this.judgeApproved(routeId, request, approved, judged);
    this.bearer.authenticate(request.headers.authorization, request.raw.socket, (result) => {
      if (result.outcome === 'failed') this.log.failure(result.error, { request_id: request.gt.requestId });
      judged(result.outcome === 'identified' ? this.refusal(routeId, request, result) : authenticationError(result));
    });
  }

  /** An approved call has no secret: the key that asked is judged, as it is now. */
  private judgeApproved(
    routeId: RouteId,
    request: FastifyRequest,
    { tenantId, keyId, head: { ip } }: ApprovedCall,
    judged: (refusal: AppError | undefined) => void,
  ): void {
    this.rights.read({ tenantId, keyId, ip }, routeId).then(
      (identity) => {
        request.gt.identity = identity;
        judged(undefined);
      },
      (error: unknown) => judged(toAppError(error)),
    );
  }

  private refusal(
    routeId: RouteId,
    request: FastifyRequest,
    { identity, secret }: Extract<BearerResult<Identity>, { outcome: 'identified' }>,
  ): AppError | undefined {
    const refused = decide({
      key: identity.key,
      tenant: identity.tenant,
      row: routeRow(routeId),
      ip: request.gt.ip,
      hostTenantId: this.hosts.isEmpty ? undefined : this.hosts.ownerOf(request.hostname),
      nowMs: Date.now(),
    });
    request.gt.identity = identity;
    return refused === undefined ? undefined : refusalError(refused, request, secret);
  }

  private refuseUnknown(request: FastifyRequest, reply: FastifyReply, refusal: AppError): void {
    this.metrics.authFailures.inc();
    replyError(request, reply, this.failures.count(request.gt.ip) ?? refusal);
  }
}

function authenticationError(result: BearerResult<Identity>): AppError {
  switch (result.outcome) {
    case 'missing':
      return new AppError('missing_api_key');
    case 'failed':
      return toAppError(result.error);
    case 'unknown':
      return incorrectKey(result.secret);
    default:
      return new AppError('invalid_api_key', { message: 'The Authorization header is not of the form "Bearer gtak_...".' });
  }
}

function incorrectKey(secret: string, reason = ''): AppError {
  const text = `Incorrect API key provided: ${maskCredential(secret)}.`;
  return new AppError('invalid_api_key', { message: reason === '' ? text : `${text} ${reason}` });
}

/** The decision as an error; only the right secret is told that it was revoked, disabled or has expired. */
function refusalError(refused: Refusal, request: FastifyRequest, secret: string): AppError {
  if (refused.code === 'invalid_api_key') return incorrectKey(secret, refused.message);
  if (refused.code === 'unknown_url') return unknownUrl(request);
  const { code, ...options } = refused;
  return new AppError(code, options);
}
