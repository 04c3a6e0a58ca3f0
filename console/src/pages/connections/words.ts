import type { Item } from '../../api/call.js';

export type Connection = Item<'connections.list'>;

const logins = { out: 'Login needed', in: 'Logged in', lost: 'Login ended' } as const;

/** How a connection signs in, in words. */
export function signInWords(auth: Connection['auth']): string {
  if (auth.mode === 'none') return 'No credential';
  if (auth.mode === 'oauth') return logins[auth.login.state];
  if (!auth.secret_set) return 'Token missing';
  return auth.tokens > 1 ? `${auth.tokens} tokens` : 'Token';
}

const grants = {
  authorization_code: 'with a browser',
  device_code: 'with a code on another device',
  client_credentials: 'by the platform itself',
} as const;

export const grantWords = (grant: keyof typeof grants): string => grants[grant];
