import { AppError } from '../../../kernel/app-error.js';
import { SealError } from '../../../platform/secrets/key-ring.js';
import { failedCall, unreachableReason } from '../unreachable-reasons.js';
import { LoginError } from './login-error.js';

/** What a person is told whose login did not succeed: the short code of the provider, and no word of its own. */
export function loginRefusal(error: unknown): unknown {
  if (error instanceof SealError) {
    return new AppError('upstream_unavailable', {
      message: 'The stored client secret cannot be opened with GT_SECRET_KEYS. Give auth.client_secret again.',
      cause: error,
    });
  }
  if (!(error instanceof LoginError)) return error;
  const { kind, code, cause } = error;
  if (kind === 'away') {
    const call = failedCall(error);
    const why = call === undefined ? undefined : unreachableReason(call, 'auth (its issuer or an endpoint)');
    const message = [`The OAuth server does not answer (${code}).`, ...(why === undefined ? [] : [why.message])].join(' ');
    return new AppError('upstream_unavailable', { message, reason: why?.code ?? code, cause });
  }
  if (kind === 'ended') return new AppError('invalid_value', { message: `The login was refused (${code}). Begin again.`, cause });
  const message = `The OAuth server refused the request (${code}).`;
  return new AppError('upstream_error', { message, reason: code, cause });
}
