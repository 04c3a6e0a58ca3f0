import { connectionHabits } from '../../contracts/connection-habits.js';
import { connectionLimits } from '../../contracts/connection-limits.js';
import {
  connectionOptions,
  type ConnectionObject,
  type ConnectionTestObject,
  type ProviderModelObject,
} from '../../contracts/connections.js';
import { loginSettings } from '../../contracts/connection-logins.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import { oauthPlace, tokenPlace } from '../../contracts/wires.js';
import { unused, type ConnectionHealth } from '../../modules/connections/circuit/connection-health.js';
import type { ConnectionTest } from '../../modules/connections/connection-probe.service.js';
import type { ConnectionRecord } from '../../modules/connections/connection-record.js';
import { learnedBatchOf, type LearnedBatch } from '../../modules/connections/learned-batch.js';

/** A connection: of its secret only whether there is one, of its headers the names. */
export function presentConnection(connection: ConnectionRecord, health: ConnectionHealth = unused): ConnectionObject {
  const { paths, dropped_fields, api_version = null, ...options } = connectionOptions.parse(connection.options);
  return {
    object: 'connection',
    id: connection.id,
    tenant: connection.tenant.slug,
    name: connection.name,
    base_url: connection.baseUrl,
    wire: connection.wire as ConnectionObject['wire'],
    auth: presentAuth(connection, options),
    paths,
    api_version,
    dropped_fields,
    habits: connectionHabits.parse(connection.habits),
    headers: connection.headerNames,
    limits: connectionLimits.parse(connection.limits),
    health: presentHealth(health),
    embedding_batch_size: connection.embeddingBatchSize,
    embedding_batch_learned: presentLearned(learnedBatchOf(connection)),
    proxy: connection.proxyUrl === null ? null : { url: connection.proxyUrl, secret_set: connection.proxySecret !== null },
    ca: connection.ca,
    fine_tuning: connection.fineTuning as ConnectionObject['fine_tuning'],
    publish_fine_tuned: connection.publishFineTuned,
    created_at: toUnixSeconds(connection.createdAt),
  };
}

function presentHealth({ state, retryAtMs, calls, failures, lastFailure }: ConnectionHealth): ConnectionObject['health'] {
  return {
    state,
    retry_at: retryAtMs === null ? null : Math.ceil(retryAtMs / 1000),
    calls,
    failures,
    last_failure: lastFailure === null ? null : { code: lastFailure.code, at: Math.floor(lastFailure.atMs / 1000) },
  };
}

type Auth = ConnectionObject['auth'];

function presentAuth(connection: ConnectionRecord, said: { header?: string | undefined; prefix?: string | undefined }): Auth {
  const { authMode, login } = connection;
  if (authMode === 'none') return { mode: 'none' };
  if (authMode !== 'oauth' || login === null)
    return { mode: 'header_token', ...tokenPlace(connection.wire, said), ...storedTokens(connection) };
  return {
    mode: 'oauth',
    ...loginSettings.parse(login.settings),
    ...oauthPlace(said),
    secret_set: login.clientSecret !== null,
    login: {
      state: login.state as Extract<Auth, { mode: 'oauth' }>['login']['state'],
      obtained_at: secondsOrNull(login.obtainedAt),
      expires_at: secondsOrNull(login.expiresAt),
      refresh_expires_at: secondsOrNull(login.refreshExpiresAt),
      failure: login.failure,
    },
  };
}

function storedTokens({ secret, furtherTokenCount }: ConnectionRecord): { secret_set: boolean; tokens: number } {
  return { secret_set: secret !== null, tokens: (secret === null ? 0 : 1) + furtherTokenCount };
}

function presentLearned(learned: LearnedBatch | null): ConnectionObject['embedding_batch_learned'] {
  if (learned === null) return null;
  const { size, model, message, learnedAt } = learned;
  return { size, model, message, learned_at: toUnixSeconds(learnedAt) };
}

/** What a try of a connection found out. */
export function presentConnectionTest(test: ConnectionTest): ConnectionTestObject {
  return { object: 'connection_test', ...test };
}

/** All models of a provider; the list has no further pages. */
export function presentProviderModels(ids: readonly string[]) {
  const data = ids.map((id): ProviderModelObject => ({ object: 'provider_model', id }));
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false } as const;
}
