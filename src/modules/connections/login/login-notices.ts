import { loginSettings } from '../../../contracts/connection-logins.js';
import type { ConnectionLogin } from '../../../platform/database/generated/client.js';
import { sealedCode } from './login-error.js';

const dayMs = 24 * 60 * 60 * 1000;
/** A login that ends sooner is worth a word. */
const soonMs = 7 * dayMs;

/** What of a connection's login will soon need somebody's attention. */
export function loginNotices(login: ConnectionLogin | null, nowMs = Date.now()): string[] {
  if (login === null) return [];
  const again = 'Log in again: gt connection login.';
  if (login.state === 'out') return [`Nobody has logged in. ${again}`];
  if (login.state === 'lost') return [`The provider has ended the login (${login.failure ?? 'unknown'}). ${again}`];
  const notices: string[] = [];
  if (login.failure === sealedCode)
    notices.push('The stored client secret cannot be opened with GT_SECRET_KEYS. Give auth.client_secret again.');
  else if (login.failure !== null)
    notices.push(`The last renewal of the tokens failed (${login.failure}) at ${login.failedAt?.toISOString() ?? '?'}.`);
  const { grant } = loginSettings.parse(login.settings);
  const end = login.refreshExpiresAt;
  if (grant !== 'client_credentials' && end !== null && end.getTime() - nowMs < soonMs)
    notices.push(`The login ends at ${end.toISOString()}. ${again}`);
  return notices;
}
