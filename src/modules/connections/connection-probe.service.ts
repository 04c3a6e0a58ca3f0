import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { connectionHabits } from '../../contracts/connection-habits.js';
import { connectionOptions, type ConnectionTestObject } from '../../contracts/connections.js';
import { loginSettings } from '../../contracts/connection-logins.js';
import { factsOfWire } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';
import type { ErrorCode } from '../../kernel/error-codes.js';
import { Log } from '../../observability/log.js';
import { EgressClient } from '../../platform/upstream/egress-client.js';
import { EgressError, type JsonReply } from '../../platform/upstream/json-call.js';
import { SealError } from '../../platform/secrets/key-ring.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { ConnectionRecord } from './connection-record.js';
import { ConnectionSecrets } from './connection-secrets.js';
import { ConnectionWays } from './connection-ways.js';
import { ConnectionsService } from './connections.service.js';
import { loginNotices } from './login/login-notices.js';
import { SignIns } from './login/sign-ins.js';
import { providerPlaces } from './provider-places.js';
import { ConnectionTurns } from './tokens/connection-turns.js';
import type { SigningToken } from './tokens/token-turns.js';
import { failedCall, unreachableReason } from './unreachable-reasons.js';

const probeMs = 15_000;
const maxModels = 5_000;

/** What a try found out, without any text, host or secret of the provider. */
export type ConnectionTest = Omit<ConnectionTestObject, 'object'>;

interface Answer {
  readonly status: number | null;
  readonly models: readonly string[];
  readonly error: AppError | null;
}

/** Of a login that gives no tokens: its message is meant for whoever tests. */
const signInCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['oauth_unavailable', 'upstream_unavailable']);

const modelName = z.string().min(1).max(256);
/** OpenAI's form and Anthropic's, or Gemini's, whose names stand below `models/`. */
const modelList = z.union([
  z.looseObject({ data: z.array(z.looseObject({ id: modelName })) }).transform(({ data }) => data.map(({ id }) => id)),
  z
    .looseObject({ models: z.array(z.looseObject({ name: modelName })) })
    .transform(({ models }) => models.map(({ name }) => name.replace(/^models\//, ''))),
]);

/**
 * Tries a connection by asking the provider for its list of models, through the one egress client. One whose models were
 * named is not asked for them: only its login is tried.
 */
@Injectable()
export class ConnectionProbeService {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly secrets: ConnectionSecrets,
    private readonly egress: EgressClient,
    private readonly signIns: SignIns,
    private readonly turns: ConnectionTurns,
    private readonly ways: ConnectionWays,
    private readonly log: Log,
  ) {}

  /** @throws AppError not_found. What the provider does is no error here. */
  async test(actor: Actor, id: string): Promise<ConnectionTest> {
    const connection = await this.connections.get(actor, id);
    const startedAt = performance.now();
    const { status, error } = await this.ask(connection);
    if (error !== null) this.tell(connection, error);
    const refused = status === null ? [] : await this.refusedTokens(connection, status);
    return {
      ok: error === null,
      status,
      latency_ms: Math.round(performance.now() - startedAt),
      error: error === null ? null : { code: error.code, message: error.message },
      notices: [...loginNotices((await this.connections.get(actor, id)).login), ...refused],
    };
  }

  /** Ids of the provider's models. @throws AppError not_found, upstream_error, upstream_unavailable, upstream_timeout. */
  async models(actor: Actor, id: string): Promise<readonly string[]> {
    const { models, error } = await this.ask(await this.connections.get(actor, id));
    if (error !== null) throw error;
    return models;
  }

  /** One line of the log, which names no host. */
  private tell({ tenantId, id }: ConnectionRecord, error: AppError): void {
    const about = { tenant_id: tenantId, connection_id: id };
    if (error.code === 'internal_error') this.log.failure(error, about);
    else this.log.info('the test of a connection failed', { ...about, code: error.code, reason: error.reason ?? error.code });
  }

  /** @param token in place of what signs in usually. */
  private async ask(connection: ConnectionRecord, token?: SigningToken): Promise<Answer> {
    const { baseUrl, wire } = connection;
    const { models } = connectionHabits.parse(connection.habits);
    if (models === null && !factsOfWire(wire).hasModelList) return { status: null, models: [], error: withoutList(wire) };
    const { origin, models: path } = providerPlaces({ baseUrl, wire, options: connectionOptions.parse(connection.options) });
    try {
      const signIn = token === undefined ? await this.signIn(connection) : pairs(token.header);
      if (models !== null) return { status: null, models, error: null };
      return judge(
        await this.egress.json({
          origin,
          path,
          method: 'GET',
          headers: { ...factsOfWire(wire).headers, ...signIn, ...this.secrets.openHeaders(connection) },
          totalMs: probeMs,
          way: this.ways.of(connection),
        }),
      );
    } catch (cause) {
      return { status: null, models: [], error: failure(cause) };
    }
  }

  /**
   * Tries the other tokens of a connection that has several, and tells which of all the provider refuses: now, or in calls of
   * this process. They rest, as when a call finds them refused. What cannot be opened was told as the error.
   * @param firstStatus what the first was answered.
   */
  private async refusedTokens(connection: ConnectionRecord, firstStatus: number): Promise<string[]> {
    try {
      const tokens = this.secrets.signingTokens(connection);
      const turns = this.turns.of(connection, tokens);
      if (turns === null || tokens.length < 2) return [];
      await Promise.all(
        tokens.map(async (token, place) => {
          const status = place === 0 ? firstStatus : (await this.ask(connection, token)).status;
          if (status === 401) turns.restRefused(token);
        }),
      );
      return turns
        .refusedPlaces()
        .map((place) => `The provider refuses ${place} (status 401): calls take another one for some minutes.`);
    } catch (error) {
      if (error instanceof SealError) return [];
      throw error;
    }
  }

  private async signIn(connection: ConnectionRecord): Promise<Record<string, string>> {
    if (connection.authMode !== 'oauth') return pairs(this.secrets.signingTokens(connection)[0]?.header ?? []);
    const { tenantId, id, login } = connection;
    try {
      return pairs(await this.signIns.of({ tenantId, id }).get());
    } catch (cause) {
      throw cause instanceof AppError && cause.code === 'upstream_unavailable' ? sealedLogin(login, cause) : cause;
    }
  }
}

/** Headers that stand as names and values in turn. */
function pairs(headers: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) named[headers[at] ?? ''] = headers[at + 1] ?? '';
  return named;
}

/** Nothing is asked of such a provider: what signs calls at AWS must never be sent. */
function withoutList(wire: string): AppError {
  return new AppError('unsupported_modality', {
    message: `The wire ${wire} has no list of models, by which connections are tried. Ask one of its models instead.`,
  });
}

function judge({ status, body }: JsonReply): Answer {
  if (status >= 400) {
    const error = new AppError('upstream_error', { message: meaningOf(status), reason: `status_${status}` });
    return { status, models: [], error };
  }
  const list = modelList.safeParse(body);
  if (list.success) return { status, models: list.data.slice(0, maxModels), error: null };
  return {
    status,
    models: [],
    error: new AppError('upstream_error', {
      message: 'The provider answered, but not with a list of models.',
      reason: 'no_list_of_models',
    }),
  };
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) return `The provider refused the credentials (status ${status}).`;
  if (status === 404) return 'The provider has no list of models at this address (status 404). Check base_url and paths.models.';
  if (status === 429) return 'The provider is limiting the rate of calls (status 429).';
  return `The provider answered with status ${status}.`;
}

/** What to do about a login that does not open. A new client secret ends it, so that somebody must log in again. */
function sealedLogin(login: ConnectionRecord['login'], cause: unknown): AppError {
  const isByClient = login !== null && loginSettings.parse(login.settings).grant === 'client_credentials';
  const steps = [
    ...(login?.clientSecret == null ? [] : ['Give auth.client_secret again.']),
    ...(isByClient ? [] : ['Log in again: gt connection login.']),
  ];
  const message = `The stored login of this connection cannot be opened with GT_SECRET_KEYS. ${steps.join(' ')}`;
  return new AppError('upstream_unavailable', { message, cause });
}

/** A call without a reply, as the error that may be shown: it says why, and what really happened is its cause. */
function failure(cause: unknown): AppError {
  if (cause instanceof SealError) {
    return new AppError('upstream_unavailable', {
      message:
        'A stored secret of this connection cannot be opened with GT_SECRET_KEYS. Give auth.token, auth.further_tokens, headers, and username and password of proxy again.',
      cause,
    });
  }
  if (cause instanceof AppError && signInCodes.has(cause.code)) return withoutLogin(cause);
  if (!(cause instanceof EgressError))
    return new AppError('internal_error', { message: 'The connection could not be tried.', cause });
  const { code: reason, message } = unreachableReason(cause);
  return new AppError(codes[cause.kind], { message, reason, cause });
}

const codes: Readonly<Record<EgressError['kind'], ErrorCode>> = {
  busy: 'overloaded',
  redirected: 'upstream_error',
  too_large: 'upstream_error',
  timeout_first_byte: 'upstream_timeout',
  timeout_idle: 'upstream_timeout',
  timeout_total: 'upstream_timeout',
  broken: 'upstream_error',
  refused: 'upstream_unavailable',
};

/** Says why the OAuth server was not reached, where that is what happened: calls are told less. */
function withoutLogin(error: AppError): AppError {
  const call = failedCall(error);
  if (call === undefined) return error;
  const { code: reason, message } = unreachableReason(call, 'auth (its issuer or an endpoint)');
  const { code, headers } = error;
  return new AppError(code, { message: `The OAuth server does not answer. ${message}`, headers, reason, cause: error });
}
