import { loginSettings, type OauthAuth } from '../../../contracts/connection-logins.js';
import { changedLogin, endsLogin, newLogin, type LoginChange } from './login-settings.js';

/** What becomes of a connection's login when the connection changes. */
export interface LoginPlan extends LoginChange {
  /** True where none of what was stored goes on: a new login, or one that is no more good. */
  readonly begins: boolean;
  /** Where it begins: whether calls may sign in without anybody logging in. */
  readonly state: 'in' | 'out';
}

/**
 * Plans the login of a connection of mode `oauth`. @param before undefined where there was none.
 * @param auth what is given of it; undefined keeps all.
 * @param isMoved the provider has another origin: tokens are never sent to a host that they were not got for.
 * @throws AppError missing_required_parameter.
 */
export function plannedLogin(
  before: { readonly settings: unknown; readonly clientSecret: Uint8Array | null } | undefined,
  auth: OauthAuth | undefined,
  isMoved: boolean,
): LoginPlan {
  if (before === undefined) {
    const change = newLogin(auth ?? { mode: 'oauth' });
    return { ...change, begins: true, state: change.settings.grant === 'client_credentials' ? 'in' : 'out' };
  }
  const stored = loginSettings.parse(before.settings);
  const change =
    auth === undefined ? { settings: stored, secret: undefined } : changedLogin(stored, before.clientSecret !== null, auth);
  const isTrusted = !isMoved || typeof change.secret === 'string';
  return {
    ...change,
    begins: isMoved || typeof change.secret === 'string' || endsLogin(stored, change.settings),
    state: change.settings.grant === 'client_credentials' && isTrusted ? 'in' : 'out',
  };
}
