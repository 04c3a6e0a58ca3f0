import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { roleReaches } from '../../catalog/admin/roles.js';
import { adminRouteRow, type AdminRouteId } from '../../catalog/admin-routes.js';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { maskCredential } from '../../kernel/credentials.js';
import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import { AdminDirectory } from '../../modules/members/admin-directory.js';
import { Log } from '../../observability/log.js';
import { steps } from '../../observability/tracing/attribute-names.js';
import { replyError, toAppError } from '../reply/error-reply.js';
import { BearerAuthenticator, type BearerResult } from './bearer.js';
import { FailureLimiter } from './failure-limiter.js';

/** The guard of the admin plane: `gtad_` tokens alone, then the role that the row asks for (contract sections 2, 10). */
@Injectable()
export class AdminGuard {
  private readonly bearer: BearerAuthenticator<AdminIdentity>;
  private readonly failures: FailureLimiter;

  constructor(
    directory: AdminDirectory,
    private readonly log: Log,
    config: Config,
  ) {
    this.bearer = new BearerAuthenticator<AdminIdentity>('gtad_', directory);
    this.failures = new FailureLimiter(config.GT_AUTH_FAILURES_PER_MINUTE);
  }

  check(routeId: AdminRouteId, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const step = request.gt.trace?.step(steps.keyCheck);
    this.bearer.authenticate(request.headers.authorization, request.raw.socket, (result) => {
      if (result.outcome === 'failed') this.log.failure(result.error, { request_id: request.gt.requestId });
      const refusal =
        result.outcome === 'identified' ? roleRefusal(routeId, request, result.identity) : authenticationError(result);
      step?.end(refusal?.code);
      if (refusal === undefined) next();
      else replyError(request, reply, refusal.status === 401 ? (this.failures.count(request.gt.ip) ?? refusal) : refusal);
    });
  }
}

function roleRefusal(routeId: AdminRouteId, request: FastifyRequest, identity: AdminIdentity): AppError | undefined {
  request.gt.admin = identity;
  const { role } = adminRouteRow(routeId);
  if (roleReaches(identity.role, role)) return undefined;
  return new AppError('insufficient_role', { message: `This needs the role ${role}; your token has the role ${identity.role}.` });
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
