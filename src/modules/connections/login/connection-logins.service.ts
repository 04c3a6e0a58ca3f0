import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../catalog/admin/admin-identity.js';
import {
  loginSettings,
  type BeginLoginRequest,
  type CompleteLoginRequest,
  type LoginSettings,
} from '../../../contracts/connection-logins.js';
import { AppError } from '../../../kernel/app-error.js';
import { randomBase62 } from '../../../kernel/ids.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { ConnectionLoginsRepository, type LoginRow } from './connection-logins.repository.js';
import { attemptSeconds, type LoginAttempt } from './login-attempt.js';
import { LoginAttempts, type StoredAttempt } from './login-attempts.js';
import type { LoginEndpoints } from './login-endpoints.js';
import { LoginError } from './login-error.js';
import { loginRefusal } from './login-refusal.js';
import { LoginSecrets, type LoginOwner } from './login-secrets.js';
import { LoginServers } from './login-servers.js';
import type { GivenTokens } from './login-tokens.js';
import { redirectUriFor } from './redirect-uri.js';

/** What RFC 8628 adds to the interval, for good, each time a provider wants to be asked more slowly. */
const slowerBySeconds = 5;

/** How far a login is. Times are seconds from now. */
export interface LoginStep {
  readonly connectionId: string;
  readonly grant: LoginSettings['grant'];
  readonly isComplete: boolean;
  readonly attempt?: string;
  readonly authorizationUrl?: string;
  readonly redirectUri?: string;
  readonly userCode?: string;
  readonly verificationUri?: string;
  readonly verificationUriComplete?: string | null;
  readonly interval?: number;
  readonly lastsSeconds?: number;
}

/**
 * Logs connections in and out. What a login must remember on its way is sealed with the connection, ends after ten minutes
 * and is good once, for who began it.
 */
@Injectable()
export class ConnectionLoginsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: ConnectionLoginsRepository,
    private readonly servers: LoginServers,
    private readonly secrets: LoginSecrets,
    private readonly attempts: LoginAttempts,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Begins a login; one for client credentials is complete with it. A login that was begun before is void.
   * @throws AppError not_found; invalid_value for a connection without a login, or a `redirect_uri` that is not one of the
   * own machine; upstream_error, upstream_unavailable for what its OAuth server answers.
   */
  async begin(actor: Actor, id: string, input: BeginLoginRequest): Promise<LoginStep> {
    const login = await this.loginOf(actor, id);
    const settings = loginSettings.parse(login.settings);
    try {
      const discovered = await this.servers.look(login);
      if (settings.grant === 'client_credentials') return await this.withClient(actor, login, discovered);
      if (settings.grant === 'device_code') return await this.withDevice(actor, login, discovered);
      return await this.withCode(actor, login, discovered, redirectUriFor(settings, input.redirect_uri));
    } catch (error) {
      throw loginRefusal(error);
    }
  }

  /**
   * Completes a login, or tells that the person has not finished yet.
   * @throws AppError not_found; conflict where this login is over or another's; invalid_value for a callback that is not its
   * own, or says that the person refused; upstream_error, upstream_unavailable.
   */
  async complete(actor: Actor, id: string, input: CompleteLoginRequest): Promise<LoginStep> {
    const login = await this.loginOf(actor, id);
    const stored = await this.attempts.find(login, input.attempt);
    if (stored?.attempt.actor !== actor.name) throw noSuchLogin();
    const { attempt } = stored;
    try {
      if (attempt.device !== null) return await this.completeDevice(actor, login, stored, attempt.device);
      const callback = callbackOf(input.callback_url, attempt.name);
      if (!(await this.attempts.take(login, stored))) throw noSuchLogin();
      const { verifier, redirectUri } = attempt.code ?? { verifier: '', redirectUri: '' };
      const server = await this.servers.of(login, attempt.discovered);
      const given = await server.tokensOfCode(callback, { redirectUri, verifier, state: attempt.name });
      return await this.keep(actor, login, given, attempt.discovered);
    } catch (error) {
      throw loginRefusal(error);
    }
  }

  /** Deletes the tokens. The provider is not told. @throws AppError not_found, invalid_value. */
  async logout(actor: Actor, id: string): Promise<LoginStep> {
    const login = await this.loginOf(actor, id);
    await this.database.run(actor.tenantId, async (transaction) => {
      await this.repository.end(transaction, login);
      const said = { changes: { login: 'out' }, before: { login: login.state } };
      await this.audit.record(transaction, actor, { action: 'logout', kind: 'connection', objectId: id, ...said });
    });
    return { connectionId: id, grant: loginSettings.parse(login.settings).grant, isComplete: true };
  }

  private async withClient(actor: Actor, login: LoginRow, discovered: LoginEndpoints | null): Promise<LoginStep> {
    return this.keep(actor, login, await (await this.servers.of(login, discovered)).tokensOfClient(), discovered);
  }

  private async withDevice(actor: Actor, login: LoginRow, discovered: LoginEndpoints | null): Promise<LoginStep> {
    const given = await (await this.servers.of(login, discovered)).deviceCode();
    const name = randomBase62(32);
    const lastsSeconds = Math.min(given.lastsSeconds, attemptSeconds);
    const device = { code: given.code, interval: given.interval };
    await this.attempts.put(login, { name, actor: actor.name, code: null, device, discovered }, lastsSeconds);
    return {
      connectionId: login.id,
      grant: 'device_code',
      isComplete: false,
      attempt: name,
      userCode: given.userCode,
      verificationUri: given.address,
      verificationUriComplete: given.addressWithCode,
      interval: given.interval,
      lastsSeconds,
    };
  }

  private async withCode(
    actor: Actor,
    login: LoginRow,
    discovered: LoginEndpoints | null,
    redirectUri: string,
  ): Promise<LoginStep> {
    const name = randomBase62(32);
    const verifier = randomBase62(64);
    const server = await this.servers.of(login, discovered);
    const authorizationUrl = await server.authorizationUrl({ redirectUri, state: name, verifier });
    await this.attempts.put(
      login,
      { name, actor: actor.name, code: { verifier, redirectUri }, device: null, discovered },
      attemptSeconds,
    );
    return {
      connectionId: login.id,
      grant: 'authorization_code',
      isComplete: false,
      attempt: name,
      authorizationUrl,
      redirectUri,
      lastsSeconds: attemptSeconds,
    };
  }

  private async completeDevice(
    actor: Actor,
    login: LoginRow,
    stored: StoredAttempt,
    device: NonNullable<LoginAttempt['device']>,
  ): Promise<LoginStep> {
    const { name, discovered } = stored.attempt;
    const pending = (interval: number): LoginStep => {
      return { connectionId: login.id, grant: 'device_code', isComplete: false, attempt: name, interval };
    };
    try {
      const given = await (await this.servers.of(login, discovered)).tokensOfDevice(device.code);
      if (!(await this.attempts.take(login, stored))) throw noSuchLogin();
      return await this.keep(actor, login, given, discovered);
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      if (error.kind === 'pending') return pending(device.interval);
      if (error.kind === 'slow_down') {
        const interval = device.interval + slowerBySeconds;
        await this.attempts.slow(login, stored, interval);
        return pending(interval);
      }
      if (error.kind === 'ended') await this.attempts.take(login, stored);
      throw error;
    }
  }

  private async keep(actor: Actor, login: LoginRow, given: GivenTokens, discovered: LoginEndpoints | null): Promise<LoginStep> {
    const { tenantId, id } = login;
    const owner: LoginOwner = { tenantId, id };
    const { grant } = loginSettings.parse(login.settings);
    await this.database.run(tenantId, async (transaction) => {
      const stored = { ...given, tokens: this.secrets.sealTokens(owner, given), discovered };
      if (!(await this.repository.begin(transaction, owner, login.generation, stored))) throw changedMeanwhile();
      const said = { changes: { grant, login: 'in' }, before: { grant, login: login.state } };
      await this.audit.record(transaction, actor, { action: 'login', kind: 'connection', objectId: id, ...said });
    });
    return { connectionId: id, grant, isComplete: true };
  }

  private async loginOf(actor: Actor, id: string): Promise<LoginRow> {
    const connection = await this.repository.readForCalls({ tenantId: actor.tenantId, id });
    if (connection === null) throw new AppError('not_found');
    if (connection.authMode !== 'oauth')
      throw new AppError('invalid_value', {
        param: 'auth.mode',
        message: "Only a connection whose auth.mode is 'oauth' logs in.",
      });
    const login = await this.repository.read({ tenantId: actor.tenantId, id });
    if (login === undefined) throw new AppError('not_found');
    return login;
  }
}

/** @throws AppError invalid_value for an address that does not belong to the login of this state. */
function callbackOf(text: string | undefined, state: string): URL {
  const refuse = (message: string) => new AppError('invalid_value', { param: 'callback_url', message });
  if (text === undefined) throw refuse('Give the whole address to which the browser was sent.');
  if (!URL.canParse(text)) throw refuse('This is no address.');
  const url = new URL(text);
  if (url.searchParams.get('state') !== state) throw refuse('This address belongs to another login. Begin again.');
  return url;
}

function noSuchLogin(): AppError {
  return new AppError('conflict', { message: 'This login is over, was begun by somebody else, or took too long. Begin again.' });
}

function changedMeanwhile(): AppError {
  return new AppError('conflict', { message: 'The connection was changed meanwhile. Begin the login again.' });
}
