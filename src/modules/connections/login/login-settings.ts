import { isDeepStrictEqual } from 'node:util';
import { loginSettings, type LoginSettings, type OauthAuth } from '../../../contracts/connection-logins.js';
import { AppError } from '../../../kernel/app-error.js';

/** A login's settings after a change: `secret` is a new one, null for none; undefined keeps the stored one. */
export interface LoginChange {
  readonly settings: LoginSettings;
  readonly secret: string | null | undefined;
}

/** The settings of a new login. @throws AppError missing_required_parameter. */
export function newLogin(auth: OauthAuth): LoginChange {
  return { settings: checked(settingsOf(auth, {})), secret: auth.client_secret ?? null };
}

/**
 * The settings of a login after a change. A stored client secret goes only where it was entered for: when a request with it
 * would go to an origin that did not get it before, it must be given again.
 * @throws AppError missing_required_parameter.
 */
export function changedLogin(before: LoginSettings, hasSecret: boolean, auth: OauthAuth): LoginChange {
  const settings = checked(settingsOf(auth, before));
  if (auth.client_secret === undefined && hasSecret && reachesFurther(before, settings)) {
    throw missing('client_secret', 'The stored client secret belongs to the old addresses. Give it for the new ones.');
  }
  return { settings, secret: auth.client_secret };
}

/** Whether tokens that were got under the one are worth nothing, or not to be used, under the other. */
export function endsLogin(before: LoginSettings, after: LoginSettings): boolean {
  return reachesFurther(before, after) || !isDeepStrictEqual(essentials(before), essentials(after));
}

/** Each address of the settings, with the name of its parameter. */
export function addressesOf(auth: Pick<OauthAuth, (typeof addresses)[number]>): readonly (readonly [string, string])[] {
  return addresses.flatMap((name) => {
    const address = auth[name];
    return address == null ? [] : [[`auth.${name}`, address] as const];
  });
}

const addresses = ['issuer', 'authorization_endpoint', 'token_endpoint', 'device_authorization_endpoint'] as const;

function settingsOf(auth: OauthAuth, before: Partial<LoginSettings>): LoginSettings {
  const { mode: _mode, client_secret: _secret, header: _header, prefix: _prefix, ...given } = auth;
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (given.client_id === undefined && before.client_id === undefined)
    throw missing('client_id', "Give the client's id at the provider.");
  return loginSettings.parse({ ...before, ...said });
}

function checked(settings: LoginSettings): LoginSettings {
  if (settings.issuer !== null) return settings;
  if (settings.token_endpoint === null) throw missing('token_endpoint', 'Give the token endpoint, or an issuer that names it.');
  if (settings.grant === 'authorization_code' && settings.authorization_endpoint === null)
    throw missing('authorization_endpoint', 'Give the authorization endpoint, or an issuer that names it.');
  if (settings.grant === 'device_code' && settings.device_authorization_endpoint === null)
    throw missing('device_authorization_endpoint', 'Give the device authorization endpoint, or an issuer that names it.');
  return settings;
}

/** Whether a request with the client's secret may go to an origin under the one that got none under the other. */
function reachesFurther(before: LoginSettings, after: LoginSettings): boolean {
  const known = new Set(secretOrigins(before));
  return secretOrigins(after).some((origin) => !known.has(origin));
}

/** Where the client's secret goes. An issuer gets none itself, but names the addresses that the settings do not. */
function secretOrigins(settings: LoginSettings): readonly (string | null)[] {
  const { grant, issuer, device_authorization_endpoint: device } = settings;
  return [tokenOrigin(settings), ...(grant === 'device_code' ? [originOf(device ?? issuer)] : [])];
}

function tokenOrigin({ issuer, token_endpoint: endpoint }: LoginSettings): string | null {
  return originOf(endpoint ?? issuer);
}

function originOf(address: string | null): string | null {
  return address === null ? null : new URL(address).origin;
}

/** Who is asked for tokens, as whom. What is asked for may change without ending a login. */
function essentials(settings: LoginSettings): unknown {
  return [tokenOrigin(settings), settings.client_id, settings.grant, settings.issuer];
}

function missing(name: string, message: string): AppError {
  return new AppError('missing_required_parameter', { param: `auth.${name}`, message });
}
