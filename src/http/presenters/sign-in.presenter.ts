import { toUnixSeconds } from '../../contracts/times.js';
import type { SignInState } from '../../contracts/sign-in.js';
import type { CredentialRecord } from '../../modules/sign-in/credentials.repository.js';

/** How a member signs in. @param credential null for one who never did. */
export function presentSignIn(credential: CredentialRecord | null): SignInState {
  return {
    object: 'sign_in',
    password: credential?.passwordHash != null,
    password_set_at: credential?.passwordSetAt == null ? null : toUnixSeconds(credential.passwordSetAt),
    totp: credential?.totpConfirmedAt != null,
    recovery_codes_left: credential?.recoveryCodes.length ?? 0,
    oidc: credential?.oidcSubject != null,
  };
}

export function presentRecoveryCodes(codes: readonly string[]) {
  return { object: 'recovery_codes' as const, codes: [...codes] };
}
