import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Config } from '../../../config/config.module.js';
import { loginSettings } from '../../../contracts/connection-logins.js';
import { AppError } from '../../../kernel/app-error.js';
import { randomBase62 } from '../../../kernel/ids.js';
import { Log } from '../../../observability/log.js';
import { DatabaseAwayError } from '../../../platform/database/database-away.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { SealError } from '../../../platform/secrets/key-ring.js';
import { needsAttention } from '../needs-attention.js';
import { ConnectionLoginsRepository, type Claim, type LoginRow } from './connection-logins.repository.js';
import type { LoginEndpoints } from './login-endpoints.js';
import { LoginError, sealedCode } from './login-error.js';
import { oauthUnavailable } from './login-gone.js';
import { LoginSecrets, type LoginOwner } from './login-secrets.js';
import { LoginServers } from './login-servers.js';
import { following, type GivenTokens } from './login-tokens.js';
import { claimSeconds, storeMs } from './renewal-times.js';

/** A little longer than a call waits for new tokens. */
const waitForOtherMs = 25_000;
const restSeconds = { away: 5, misconfigured: 30 } as const;
const askAgainMs = 100;

interface FoundTokens extends GivenTokens {
  /** The addresses of an issuer that was asked for them just now. */
  readonly discovered?: LoginEndpoints | null;
}

/**
 * Renews the tokens of logins, by one process of all at a time. Who renews claims the tokens' number for longer than the
 * provider and the storing may take, and commits the new ones before they are used. A process that dies between the provider's answer and the commit takes a new
 * refresh token with it: the next one shows the old, and if the provider takes that no more, the login is lost.
 */
@Injectable()
export class LoginRenewal implements BeforeApplicationShutdown {
  private readonly running = new Map<string, Promise<void>>();
  private readonly name = randomBase62(16);

  constructor(
    private readonly repository: ConnectionLoginsRepository,
    private readonly servers: LoginServers,
    private readonly secrets: LoginSecrets,
    private readonly log: Log,
    private readonly config: Config,
  ) {}

  /**
   * Sees to it that there are newer tokens than those of this number. Equal calls of this process share one renewal; those
   * of others wait for it.
   * @throws AppError oauth_unavailable when there are none: the login has ended, or its provider gives none now;
   * upstream_unavailable when its secrets do not open.
   */
  renew(owner: LoginOwner, number: number): Promise<void> {
    const key = `${owner.tenantId} ${owner.id} ${number}`;
    const running = this.running.get(key);
    if (running !== undefined) return running;
    const renewal = this.untilNewer(owner, number).finally(() => this.running.delete(key));
    this.running.set(key, renewal);
    return renewal;
  }

  /** Tokens that a provider has given are stored before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }

  private async untilNewer(owner: LoginOwner, number: number): Promise<void> {
    const deadline = performance.now() + waitForOtherMs;
    while (performance.now() < deadline) {
      const row = await this.repository.read(owner);
      if (row?.state !== 'in') throw oauthUnavailable(row?.state);
      if (row.number !== number) return;
      if (row.isResting) throw row.failure === sealedCode ? needsAttention() : oauthUnavailable('resting');
      const claim = { tenantId: owner.tenantId, id: owner.id, number, claimedBy: this.name };
      // Equal calls share this one: a claim of this process is left over from when the database was away.
      const isFree = !row.isClaimed || row.claimedBy === this.name;
      if (isFree && (await this.repository.claim(claim, secondsOf(row))) && (await this.ask(row, claim))) return;
      await pause(askAgainMs);
    }
    throw oauthUnavailable('resting');
  }

  /** Asks the provider, as the one who has claimed it. False when the tokens count no more. */
  private async ask(row: LoginRow, claim: Claim): Promise<boolean> {
    try {
      const given = await this.tokensFor(row);
      faultPoint(this.config.GT_FAULT_POINT, 'login.before-store');
      return await this.keep(claim, given);
    } catch (error) {
      throw await this.failed(claim, error);
    }
  }

  private async tokensFor(row: LoginRow): Promise<FoundTokens> {
    const { grant } = loginSettings.parse(row.settings);
    if (grant === 'client_credentials') {
      const discovered = row.discovered === null ? await this.servers.look(row) : null;
      const server = await this.servers.of(row, discovered ?? row.discovered);
      const given = await server.tokensOfClient();
      return { ...given, discovered };
    }
    const before = this.secrets.openTokens(row, row.tokens);
    if (before?.refresh == null) throw new LoginError('ended', 'no_refresh_token');
    const server = await this.servers.of(row);
    return following(before, await server.renewed(before.refresh));
  }

  /** False where somebody has logged in or out meanwhile, or renews it instead: that counts. */
  private async keep(claim: Claim, given: FoundTokens): Promise<boolean> {
    const stored = { ...given, tokens: this.secrets.sealTokens(claim, given) };
    for (const deadline = performance.now() + storeMs; ;) {
      try {
        return await this.repository.store(claim, stored);
      } catch (error) {
        if (!(error instanceof DatabaseAwayError) || performance.now() > deadline) throw error;
        await pause(askAgainMs);
      }
    }
  }

  private async failed(claim: Claim, error: unknown): Promise<AppError> {
    const about = { tenant_id: claim.tenantId, connection_id: claim.id };
    if (error instanceof LoginError && error.kind === 'ended') {
      this.log.warn('a connection has lost its login', { ...about, code: error.code });
      await this.repository.lose(claim, error.code);
      return oauthUnavailable('lost', error);
    }
    const code = codeOf(error);
    const rest = error instanceof LoginError && error.kind === 'away' ? restSeconds.away : restSeconds.misconfigured;
    if (!(error instanceof LoginError)) this.log.failure(error, about);
    else this.log.warn('the tokens of a connection could not be renewed', { ...about, code });
    await this.repository.fail(claim, code, rest);
    return error instanceof SealError ? needsAttention(error) : oauthUnavailable('resting', error);
  }
}

function secondsOf({ settings }: LoginRow): number {
  return loginSettings.parse(settings).grant === 'client_credentials' ? claimSeconds.byClient : claimSeconds.byRefreshToken;
}

/** A short code that tells the admin why there are no new tokens. */
function codeOf(error: unknown): string {
  if (error instanceof SealError) return sealedCode;
  return error instanceof LoginError || error instanceof AppError ? error.code : 'internal_error';
}
