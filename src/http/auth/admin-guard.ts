import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { roleReaches } from '../../catalog/admin/roles.js';
import { adminRouteRow, type AdminRouteId } from '../../catalog/admin-routes.js';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash, maskCredential } from '../../kernel/credentials.js';
import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import { AdminDirectory } from '../../modules/members/admin-directory.js';
import { SessionDirectory } from '../../modules/sessions/session-directory.js';
import { HostDirectory } from '../../modules/tenants/host-directory.js';
import { Log } from '../../observability/log.js';
import { steps } from '../../observability/tracing/attribute-names.js';
import { replyError, toAppError } from '../reply/error-reply.js';
import { AdminFailures } from './admin-failures.js';
import { BearerAuthenticator, type BearerResult } from './bearer.js';
import { crossSiteRefusal } from './same-origin.js';
import { cookieOf } from './session-cookie.js';

/** Whose request it is, or why nobody's. */
type Judged = (found: AdminIdentity | AppError) => void;

/**
 * The guard of the admin plane: a `gtad_` token or, where no header has one, the cookie of a session; then the role that the row
 * asks for (contract sections 2, 10). Rows for anyone are let through where the request is no other site's.
 */
@Injectable()
export class AdminGuard {
  private readonly bearer: BearerAuthenticator<AdminIdentity>;

  constructor(
    directory: AdminDirectory,
    private readonly sessions: SessionDirectory,
    private readonly hosts: HostDirectory,
    private readonly failures: AdminFailures,
    private readonly log: Log,
    private readonly config: Config,
  ) {
    this.bearer = new BearerAuthenticator<AdminIdentity>('gtad_', directory);
  }

  check(routeId: AdminRouteId, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const step = request.gt.trace?.step(steps.keyCheck);
    this.judge(routeId, request, (refusal) => {
      step?.end(refusal?.code);
      if (refusal === undefined) next();
      else replyError(request, reply, refusal.status === 401 ? (this.failures.count(request) ?? refusal) : refusal);
    });
  }

  /**
   * Decides by the request's headers, as things are now, and notes who asks. For an answer that lasts, it is asked again.
   * @param judged hears why not; undefined for a call that may be made.
   */
  judge(routeId: AdminRouteId, request: FastifyRequest, judged: (refusal: AppError | undefined) => void): void {
    if (adminRouteRow(routeId).role === 'anyone') {
      judged(crossSiteRefusal(request, this.config));
      return;
    }
    this.identify(request, (found) => judged(found instanceof AppError ? found : roleRefusal(routeId, request, found)));
  }

  private identify(request: FastifyRequest, judged: Judged): void {
    const { authorization } = request.headers;
    const secret = authorization === undefined ? cookieOf(request, this.config, 'session') : undefined;
    if (secret !== undefined) {
      this.bySession(request, secret, judged);
      return;
    }
    this.bearer.authenticate(authorization, request.raw.socket, (result) => {
      if (result.outcome === 'failed') this.log.failure(result.error, { request_id: request.gt.requestId });
      judged(result.outcome === 'identified' ? result.identity : authenticationError(result));
    });
  }

  private bySession(request: FastifyRequest, secret: string, judged: Judged): void {
    const decide = (identity: AdminIdentity | undefined): void =>
      judged(identity === undefined ? sessionOver() : (this.sessionRefusal(request, identity) ?? identity));
    const hash = credentialHash(secret);
    const known = this.sessions.peek(hash);
    if (known !== undefined) {
      decide(known);
      return;
    }
    this.sessions.find(hash).then(decide, (error: unknown) => {
      this.log.failure(error, { request_id: request.gt.requestId });
      judged(toAppError(error));
    });
  }

  /** A session is good for one tenant, and only for requests of this platform's own pages. */
  private sessionRefusal(request: FastifyRequest, { tenantId }: AdminIdentity): AppError | undefined {
    const owner = this.hosts.isEmpty ? undefined : this.hosts.ownerOf(request.hostname);
    if (tenantId !== null && owner !== undefined && owner !== tenantId) return sessionOver();
    return crossSiteRefusal(request, this.config);
  }
}

function roleRefusal(routeId: AdminRouteId, request: FastifyRequest, identity: AdminIdentity): AppError | undefined {
  request.gt.admin = identity;
  if (identity.isSuspended === true) return new AppError('tenant_suspended');
  const { role } = adminRouteRow(routeId);
  if (role === 'anyone' || roleReaches(identity.role, role)) return undefined;
  const what = identity.sessionId === undefined ? 'your token has' : 'you have';
  return new AppError('insufficient_role', { message: `This needs the role ${role}; ${what} the role ${identity.role}.` });
}

function sessionOver(): AppError {
  return new AppError('invalid_api_key', { message: 'Your session has ended. Sign in again.' });
}

function authenticationError(result: BearerResult<AdminIdentity>): AppError {
  switch (result.outcome) {
    case 'missing':
      return new AppError('missing_api_key', { message: 'The admin plane needs an Authorization header: Bearer gtad_...' });
    case 'failed':
      return toAppError(result.error);
    case 'unknown':
      return new AppError('invalid_api_key', { message: `Incorrect admin token provided: ${maskCredential(result.secret)}.` });
    default:
      return new AppError('invalid_api_key', { message: 'The Authorization header is not of the form "Bearer gtad_...".' });
  }
}
