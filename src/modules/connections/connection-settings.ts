import { connectionHabits, type ConnectionHabits } from '../../contracts/connection-habits.js';
import { changedLimits, connectionLimits, type ConnectionLimits } from '../../contracts/connection-limits.js';
import {
  connectionOptions,
  type ConnectionAuth,
  type ConnectionOptions,
  type CreateConnectionRequest,
  type UpdateConnectionRequest,
} from '../../contracts/connections.js';
import type { TuningSettings } from '../../contracts/connection-tuning.js';
import { factsOfWire, namesDeployments } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';
import { missingPackage } from '../../platform/ai-sdk/package-missing.js';
import { upstreamTarget } from '../../platform/upstream/origin.js';
import type { ConnectionRecord } from './connection-record.js';
import { plannedLogin, type LoginPlan } from './login/planned-login.js';
import { plannedHeaders, refuseOwnHeaders, type HeaderPlan } from './planned-headers.js';
import { directWay, plannedWay, type WayPlan } from './planned-way.js';

/**
 * A connection after a change, its secrets apart: `token` is a new one, null for none; undefined keeps the stored one. It is the
 * same with `furtherTokens`, where an empty list stands for none.
 */
export interface ConnectionSettings extends TuningSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly authMode: ConnectionAuth['mode'];
  readonly options: ConnectionOptions;
  readonly habits: ConnectionHabits;
  readonly limits: ConnectionLimits;
  readonly embeddingBatchSize: number | null;
  readonly headers: HeaderPlan;
  readonly token: string | null | undefined;
  readonly furtherTokens: readonly string[] | undefined;
  /** Null for a connection that signs in without one. */
  readonly login: LoginPlan | null;
  readonly way: WayPlan;
}

/**
 * The settings of a new connection. @param baseUrl the address as the egress policy judged it.
 * @throws AppError missing_required_parameter, invalid_value.
 */
export function newSettings(input: CreateConnectionRequest, baseUrl: URL): ConnectionSettings {
  const { auth } = input;
  const token = auth.mode === 'header_token' ? auth.token : null;
  if (token === undefined) throw missingToken("Give the provider's token in auth.token.");
  return checked({
    name: input.name,
    baseUrl: plainUrl(baseUrl),
    wire: input.wire,
    authMode: auth.mode,
    options: connectionOptions.parse({
      paths: input.paths,
      dropped_fields: input.dropped_fields,
      ...placeOf(auth, {}),
      ...versionOf(input.api_version),
    }),
    habits: connectionHabits.parse(input.habits ?? {}),
    limits: changedLimits(connectionLimits.parse({}), input.limits),
    embeddingBatchSize: input.embedding_batch_size ?? null,
    headers: plannedHeaders([], input.headers),
    token,
    furtherTokens: givenTokens(auth) ?? [],
    login: auth.mode === 'oauth' ? plannedLogin(undefined, auth, false) : null,
    way: plannedWay(directWay, input),
    fineTuning: input.fine_tuning ?? 'off',
    publishFineTuned: input.publish_fine_tuned ?? false,
  });
}

/**
 * The settings of a connection after a change. A stored secret goes only where it was entered for: with another
 * scheme, host or port the token and headers must be given again, so that nobody sends it to a host of the own choice.
 * @param baseUrl the new address as the egress policy judged it; undefined keeps the old one.
 * @throws AppError missing_required_parameter, invalid_value.
 */
export function changedSettings(
  before: ConnectionRecord,
  input: UpdateConnectionRequest,
  baseUrl: URL | undefined,
): ConnectionSettings {
  const stored = connectionOptions.parse(before.options);
  const { auth } = input;
  const authMode = auth?.mode ?? (before.authMode as ConnectionAuth['mode']);
  const isMoved = baseUrl !== undefined && baseUrl.origin !== new URL(before.baseUrl).origin;
  const token = authMode !== 'header_token' ? null : auth?.mode === 'header_token' ? auth.token : undefined;
  if (token === undefined && before.secret === null) throw missingToken("Give the provider's token in auth.token.");
  if (token === undefined && isMoved) {
    throw missingToken('The stored token belongs to the old address. Give the token for the new one in auth.token.');
  }
  const wire = input.wire ?? before.wire;
  return checked({
    name: input.name ?? before.name,
    baseUrl: baseUrl === undefined ? before.baseUrl : plainUrl(baseUrl),
    wire,
    authMode,
    options: {
      paths: input.paths ?? stored.paths,
      dropped_fields: input.dropped_fields ?? stored.dropped_fields,
      ...(authMode === 'none' ? {} : placeOf(auth, authMode === before.authMode ? stored : {})),
      ...versionOf(input.api_version === undefined && wire === before.wire ? stored.api_version : input.api_version),
    },
    habits: connectionHabits.parse({ ...connectionHabits.parse(before.habits), ...input.habits }),
    limits: changedLimits(connectionLimits.parse(before.limits), input.limits),
    embeddingBatchSize: input.embedding_batch_size === undefined ? before.embeddingBatchSize : input.embedding_batch_size,
    headers: plannedHeaders(before.headerNames, input.headers, isMoved),
    token,
    furtherTokens: furtherTokens(before, auth, authMode, isMoved),
    login: authMode === 'oauth' ? plannedLogin(storedLogin(before), auth?.mode === 'oauth' ? auth : undefined, isMoved) : null,
    way: plannedWay(before, input),
    fineTuning: input.fine_tuning ?? (before.fineTuning as TuningSettings['fineTuning']),
    publishFineTuned: input.publish_fine_tuned ?? before.publishFineTuned,
  });
}

/** Whether a change makes void what refusals taught of the embedding limit: its size is said, or another address is asked. */
export function forgetsBatch(before: ConnectionRecord, input: UpdateConnectionRequest, after: ConnectionSettings): boolean {
  const path = connectionOptions.parse(before.options).paths.embeddings;
  const isMoved = after.baseUrl !== before.baseUrl || after.options.paths.embeddings !== path;
  return input.embedding_batch_size !== undefined || isMoved;
}

/** Further tokens after a change. @throws AppError missing_required_parameter for stored ones that would go elsewhere. */
function furtherTokens(
  before: ConnectionRecord,
  auth: ConnectionAuth | undefined,
  authMode: string,
  isMoved: boolean,
): readonly string[] | undefined {
  const given = givenTokens(auth);
  if (given !== undefined) return given;
  if (authMode !== 'header_token' || before.authMode !== 'header_token' || before.furtherTokenCount === 0) return [];
  if (!isMoved) return undefined;
  throw new AppError('missing_required_parameter', {
    param: 'auth.further_tokens',
    message:
      'The stored further tokens belong to the old address. Give those for the new one in auth.further_tokens, or null for none.',
  });
}

/** Undefined for tokens that are not named. */
function givenTokens(auth: ConnectionAuth | undefined): readonly string[] | undefined {
  if (auth?.mode !== 'header_token' || auth.further_tokens === undefined) return undefined;
  return auth.further_tokens ?? [];
}

type TokenPlace = Pick<ConnectionOptions, 'header' | 'prefix'>;
/** The login that goes on; one of another mode's time counts for nothing. */
function storedLogin({ authMode, login }: ConnectionRecord): NonNullable<ConnectionRecord['login']> | undefined {
  return authMode === 'oauth' && login !== null ? login : undefined;
}

/** Where the token stands; what is not said stays as it was. */
function placeOf(auth: ConnectionAuth | undefined, stored: TokenPlace): TokenPlace {
  const given: TokenPlace = auth === undefined || auth.mode === 'none' ? {} : auth;
  const header = given.header ?? stored.header;
  const prefix = given.prefix ?? stored.prefix;
  return { ...(header === undefined ? {} : { header }), ...(prefix === undefined ? {} : { prefix }) };
}

function versionOf(version: string | null | undefined): Pick<ConnectionOptions, 'api_version'> {
  return version == null ? {} : { api_version: version };
}

/** Every path must be one that a call can be made to, with the version that it needs. */
function checked(settings: ConnectionSettings): ConnectionSettings {
  const { baseUrl, wire, options } = settings;
  if (factsOfWire(wire).package !== undefined) refuseUnspoken(settings);
  refuseOwnHeaders(settings);
  refuseTuning(settings);
  for (const path of Object.values(options.paths)) upstreamTarget(baseUrl, path);
  if (options.api_version !== undefined && !factsOfWire(wire).hasDeployments)
    throw new AppError('invalid_value', {
      param: 'api_version',
      message: `The wire ${wire} has no versions of its API; azure has.`,
    });
  if (options.api_version === undefined && namesDeployments(wire, baseUrl))
    throw new AppError('missing_required_parameter', {
      param: 'api_version',
      message: 'Azure wants api_version, like 2024-10-21, unless base_url ends with /v1 (…/openai/v1).',
    });
  return settings;
}

/** Azure's fine-tuned models must be deployed by hand, under a name that only then is known. */
function refuseTuning({ wire, fineTuning, publishFineTuned }: ConnectionSettings): void {
  const { hasFineTuning, hasDeployments } = factsOfWire(wire);
  const refuse = (param: string, message: string) => new AppError('invalid_value', { param, message });
  if (fineTuning === 'on' && hasFineTuning !== true)
    throw refuse('fine_tuning', `The wire ${wire} has no fine-tuning; openai and azure have.`);
  if (publishFineTuned && hasDeployments)
    throw refuse('publish_fine_tuned', 'A fine-tuned model of Azure must be deployed first. Publish its deployment then.');
}

/** What a package speaks needs the package, which has its own paths. Without a token it would look for one of the operator's. */
function refuseUnspoken({ wire, authMode, options }: ConnectionSettings): void {
  const missing = missingPackage(wire);
  if (missing !== undefined) throw new AppError('invalid_value', { param: 'wire', message: missing.message });
  const refuse = (param: string, what: string) => new AppError('invalid_value', { param, message: `The wire ${wire} ${what}.` });
  if (authMode === 'none') throw refuse('auth', 'needs a token');
  if (Object.keys(options.paths).some((name) => name !== 'models')) throw refuse('paths', 'has its own paths');
}

/** One form for one address: no slash at the end. */
function plainUrl(url: URL): string {
  return url.href.replace(/\/+$/, '');
}

function missingToken(message: string): AppError {
  return new AppError('missing_required_parameter', { param: 'auth.token', message });
}
