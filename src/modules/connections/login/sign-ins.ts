import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { inTime } from '../../../kernel/in-time.js';
import { Log } from '../../../observability/log.js';
import type { ConnectionLogin } from '../../../platform/database/generated/client.js';
import { ChangeFeed } from '../../../platform/database/change-feed.js';
import { LiveCache } from '../../../platform/database/live-cache.js';
import { ConnectionLoginsRepository } from './connection-logins.repository.js';
import { knownLogin, type KnownLogin } from './known-login.js';
import { oauthUnavailable, withoutTokens } from './login-gone.js';
import { LoginRenewal } from './login-renewal.js';
import { LoginSecrets, type LoginOwner } from './login-secrets.js';
import type { LoginTokens } from './login-tokens.js';
import type { SignIn } from './sign-in.js';

const kinds = new Set(['connection_logins', 'connections']);

/** So long a call waits for new tokens. */
const waitMs = 20_000;
/** How often a renewal ahead of time is tried again. */
const aheadEveryMs = 5_000;
/** How often a provider's refusals of good tokens lead to a renewal. */
const refusedEveryMs = 30_000;

/**
 * The tokens of logins in the memory of this process, current to within the change feed. A call with good tokens waits for
 * nothing; one that comes shortly before their end has them renewed beside it.
 */
@Injectable()
export class SignIns {
  private readonly known: LiveCache<KnownLogin>;
  private readonly readings = new Map<string, Promise<KnownLogin | undefined>>();
  private readonly triedAhead = new Map<string, number>();
  /** Tokens of which number were renewed since they were refused, and when. */
  private readonly renewedRefused = new Map<string, { readonly number: number; readonly at: number }>();

  constructor(
    private readonly repository: ConnectionLoginsRepository,
    private readonly renewal: LoginRenewal,
    private readonly secrets: LoginSecrets,
    private readonly log: Log,
    feed: ChangeFeed,
    config: Config,
  ) {
    this.known = new LiveCache<KnownLogin>(feed, {
      load: (key) => this.load(ownerOf(key)),
      tenantOf: (_key, login) => login.tenantId,
      touches: (change, key) => kinds.has(change.kind) && key === keyOf({ tenantId: change.tenantId, id: change.ref }),
      creates: (change) => kinds.has(change.kind),
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** How calls of this connection sign in. */
  of(owner: LoginOwner): SignIn {
    return {
      peek: () => this.peek(owner),
      get: () => inTime(this.get(owner), waitMs, 'The login').catch(asUnavailable),
      insteadOf: (refused) => inTime(this.insteadOf(owner, refused), waitMs, 'The login').catch(asUnavailable),
    };
  }

  private peek(owner: LoginOwner): readonly string[] | undefined {
    const login = this.known.peek(keyOf(owner));
    if (login === undefined || !isGood(login)) return undefined;
    this.renewAhead(owner, login);
    return login.headers ?? undefined;
  }

  private async get(owner: LoginOwner): Promise<readonly string[]> {
    const login = await this.known.get(keyOf(owner));
    if (login === undefined) throw oauthUnavailable(undefined);
    if (isGood(login) && login.headers !== null) return login.headers;
    return this.renewed(owner, login);
  }

  private async insteadOf(owner: LoginOwner, refused: readonly string[]): Promise<readonly string[] | undefined> {
    const login = await this.shared(owner, refused.join('\n'));
    if (login?.headers == null) throw withoutTokens(login);
    if (login.headers.join('\n') !== refused.join('\n')) return login.headers;
    if (!login.isRenewable || !this.mayRenewRefused(owner, login)) return undefined;
    return this.renewed(owner, login);
  }

  /** A provider that refuses whatever it gets is not asked for tokens with each call. */
  private mayRenewRefused(owner: LoginOwner, { number }: KnownLogin): boolean {
    const last = this.renewedRefused.get(keyOf(owner));
    // Calls that were refused together share one renewal.
    if (last?.number === number) return true;
    const at = performance.now();
    if (last !== undefined && at - last.at < refusedEveryMs) return false;
    if (this.renewedRefused.size > 10_000) this.renewedRefused.clear();
    this.renewedRefused.set(keyOf(owner), { number, at });
    return true;
  }

  /** The change feed may tell of new tokens a little later than they are there. */
  private async renewed(owner: LoginOwner, before: KnownLogin): Promise<readonly string[]> {
    if (before.state !== 'in' || (before.isSealed && !before.isRenewable)) throw withoutTokens(before);
    await this.renewal.renew(owner, before.number);
    const login = await this.shared(owner, String(before.number));
    if (login?.headers == null) throw withoutTokens(login);
    return login.headers;
  }

  private renewAhead(owner: LoginOwner, { renewAt, number }: KnownLogin): void {
    if (renewAt === null || Date.now() < renewAt || !isDue(this.triedAhead, keyOf(owner), aheadEveryMs)) return;
    // Whoever needs the tokens hears of it when these have ended.
    this.renewal.renew(owner, number).catch(() => undefined);
  }

  /** One reading for all calls that have seen the same before it: what they know of is in it. */
  private shared(owner: LoginOwner, seen: string): Promise<KnownLogin | undefined> {
    const name = `${keyOf(owner)} ${seen}`;
    const running = this.readings.get(name);
    if (running !== undefined) return running;
    const reading = this.load(owner).finally(() => this.readings.delete(name));
    this.readings.set(name, reading);
    return reading;
  }

  private async load(owner: LoginOwner): Promise<KnownLogin | undefined> {
    const connection = await this.repository.readForCalls(owner);
    if (connection?.login == null || connection.authMode !== 'oauth') return undefined;
    return knownLogin(connection.login, connection, this.opened(connection.login));
  }

  private opened(login: ConnectionLogin): LoginTokens | null {
    try {
      return this.secrets.openTokens(login, login.tokens);
    } catch (error) {
      this.log.failure(error, { tenant_id: login.tenantId, connection_id: login.id });
      return null;
    }
  }
}

function isGood({ state, headers, goodUntil }: KnownLogin): boolean {
  return state === 'in' && headers !== null && (goodUntil === null || Date.now() < goodUntil);
}

/** True when this was not done within so many milliseconds; it then counts as done now. */
function isDue(doneAt: Map<string, number>, key: string, everyMs: number): boolean {
  const now = performance.now();
  if (now - (doneAt.get(key) ?? -Infinity) < everyMs) return false;
  if (doneAt.size > 10_000) doneAt.clear();
  doneAt.set(key, now);
  return true;
}

function asUnavailable(error: unknown): never {
  throw error instanceof AppError ? error : oauthUnavailable('resting', error);
}

function keyOf({ tenantId, id }: LoginOwner): string {
  return `${tenantId} ${id}`;
}

function ownerOf(key: string): LoginOwner {
  const [tenantId = '', id = ''] = key.split(' ');
  return { tenantId, id };
}
