import { AppError } from '../../../kernel/app-error.js';
import { needsAttention } from '../needs-attention.js';
import { LoginError } from './login-error.js';

const sentences: Readonly<Record<string, string>> = {
  resting: "The model provider's sign-in does not answer right now. Please try again.",
};

/**
 * What a call is answered that cannot sign in (503).
 * @param state the login's, or `resting` where the provider gives no tokens now: only then it is worth asking again.
 */
export function oauthUnavailable(state: string | undefined, cause?: unknown): AppError {
  const message =
    sentences[state ?? ''] ?? 'This model cannot be called: the login of its connection has ended. Ask your administrator.';
  const headers: Record<string, string> = state === 'resting' ? { 'retry-after': '5' } : { 'x-should-retry': 'false' };
  return new AppError('oauth_unavailable', {
    message,
    headers,
    cause,
    ...(cause === undefined ? { reason: `login_${state ?? 'none'}` } : {}),
    ...(cause instanceof LoginError ? { reason: cause.code } : {}),
  });
}

/** The same for a login that is known; one that does not open is as any secret that does not (502). */
export function withoutTokens(login: { readonly state: string; readonly isSealed: boolean } | undefined): AppError {
  return login?.isSealed === true ? needsAttention() : oauthUnavailable(login?.state);
}
