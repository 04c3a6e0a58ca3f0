import { connectionHabits, type ConnectionHabits } from '../../../contracts/connection-habits.js';
import { connectionOptions } from '../../../contracts/connections.js';
import { loginSettings } from '../../../contracts/connection-logins.js';
import { visible } from '../../../contracts/header-fields.js';
import { oauthPlace } from '../../../contracts/wires.js';
import type { ConnectionLogin } from '../../../platform/database/generated/client.js';
import type { LoginTokens } from './login-tokens.js';
import { claimOf } from './token-claims.js';

/** A login as calls know it. Holds opened tokens: never logged, never shown. */
export interface KnownLogin {
  readonly tenantId: string;
  readonly state: string;
  readonly number: number;
  /** Names and values in turn; null while there are no tokens. */
  readonly headers: readonly string[] | null;
  /** From then on the access token is used no more, in milliseconds of `Date.now()`; null: it says no end. */
  readonly goodUntil: number | null;
  /** From then on it is renewed before it ends; null: only when it is refused. */
  readonly renewAt: number | null;
  /** Whether the provider can be asked for others. */
  readonly isRenewable: boolean;
  /** There are tokens, but their key has left the ring. */
  readonly isSealed: boolean;
}

const longestAheadMs = 300_000;
const longestMarginMs = 10_000;

/** The row of a login that signs in with these tokens; null where it has none, or none that open. */
export function knownLogin(
  row: ConnectionLogin,
  { options, habits }: { readonly options: unknown; readonly habits: unknown },
  tokens: LoginTokens | null,
): KnownLogin {
  const isRenewable = loginSettings.parse(row.settings).grant === 'client_credentials' || tokens?.refresh != null;
  const end = row.expiresAt?.getTime() ?? null;
  const lasts = end === null || row.obtainedAt === null ? 0 : end - row.obtainedAt.getTime();
  return {
    tenantId: row.tenantId,
    state: row.state,
    number: row.number,
    headers: tokens === null ? null : headersOf(options, connectionHabits.parse(habits).claim_headers, tokens),
    // A call takes its time on the way.
    goodUntil: end === null ? null : end - Math.min(longestMarginMs, lasts / 10),
    renewAt: end === null || !isRenewable ? null : end - Math.min(longestAheadMs, lasts / 5),
    isRenewable,
    isSealed: row.tokens !== null && tokens === null,
  };
}

function headersOf(
  options: unknown,
  claimHeaders: ConnectionHabits['claim_headers'],
  { access, id }: LoginTokens,
): readonly string[] {
  const { header, prefix } = oauthPlace(connectionOptions.parse(options));
  const claims = claimHeaders.flatMap(({ header: name, token, path }) => {
    const claim = claimOf((token === 'id_token' ? id : access) ?? '', path);
    // A provider that wants it says so itself.
    return (typeof claim === 'string' || typeof claim === 'number') && visible.test(String(claim)) ? [name, String(claim)] : [];
  });
  return [header, prefix === '' ? access : `${prefix} ${access}`, ...claims];
}
