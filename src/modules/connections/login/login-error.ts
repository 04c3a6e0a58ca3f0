/**
 * Why a provider gave no tokens.
 * - `ended`: it takes what was shown no more, or a person said no: only a new login helps.
 * - `pending`, `slow_down`: the person has not finished yet.
 * - `misconfigured`: it does not know the client, or not what is asked for.
 * - `away`: it could not be reached, or cannot answer now.
 */
export type LoginFailureKind = 'ended' | 'pending' | 'slow_down' | 'misconfigured' | 'away';

/** No tokens came. The message holds no text, host or secret of the provider. */
export class LoginError extends Error {
  constructor(
    readonly kind: LoginFailureKind,
    /** OAuth's word for it, or one of ours, at most 64 characters. */
    readonly code: string,
    cause?: unknown,
  ) {
    super(`No tokens: ${code}.`, { cause });
    this.name = 'LoginError';
  }
}

const ending = new Set([
  'invalid_grant',
  'expired_token',
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
]);
const passing = new Set(['temporarily_unavailable', 'server_error']);

/** What an OAuth server's short code means, which came with this status. */
export function meaningOf(code: string, status: number): LoginFailureKind {
  if (code === 'authorization_pending') return 'pending';
  if (code === 'slow_down') return 'slow_down';
  if (ending.has(code)) return 'ended';
  return status === 429 || status >= 500 || passing.has(code) ? 'away' : 'misconfigured';
}

/** The short code of a renewal that failed here: its client secret was sealed with a key that has left the ring. */
export const sealedCode = 'sealed';

/** A provider's short code as it may be stored and shown. */
export function shortCode(code: string): string {
  return /^[a-z0-9_]{1,64}$/.test(code) ? code : 'unknown_error';
}
