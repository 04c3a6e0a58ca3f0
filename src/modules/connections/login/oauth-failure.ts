import * as oidc from 'openid-client';
import { EgressError } from '../../../platform/upstream/json-call.js';
import { LoginError, meaningOf, shortCode } from './login-error.js';

/** What went wrong when an OAuth server was asked. */
export function failureOf(error: unknown): LoginError {
  if (error instanceof LoginError) return error;
  for (let cause: unknown = error, depth = 0; cause != null && depth < 5; depth += 1) {
    if (cause instanceof oidc.ResponseBodyError) return told(cause.error, cause.status, error);
    if (cause instanceof oidc.AuthorizationResponseError) return told(cause.error, 400, error);
    if (cause instanceof EgressError) return unanswered(cause);
    if (cause instanceof Response) return wrongStatus(cause.status, error);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return new LoginError('misconfigured', 'invalid_answer', error);
}

function told(code: string, status: number, cause: unknown): LoginError {
  const word = shortCode(code);
  return new LoginError(meaningOf(word, status), word, cause);
}

/** A redirect is an answer, and one that does not change by itself. */
function unanswered(error: EgressError): LoginError {
  if (error.kind === 'redirected') return new LoginError('misconfigured', 'redirected', error);
  return new LoginError('away', error.kind === 'refused' ? 'unreachable' : 'no_answer', error);
}

function wrongStatus(status: number, cause: unknown): LoginError {
  return new LoginError(status === 429 || status >= 500 ? 'away' : 'misconfigured', `status_${status}`, cause);
}
