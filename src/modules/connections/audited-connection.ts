import { connectionHabits } from '../../contracts/connection-habits.js';
import { connectionLimits } from '../../contracts/connection-limits.js';
import { loginSettings } from '../../contracts/connection-logins.js';
import { connectionOptions } from '../../contracts/connections.js';
import { beforeAndAfter, type AuditedFields, type BeforeAndAfter } from '../audit/before-and-after.js';
import type { ConnectionRecord } from './connection-record.js';
import type { ConnectionSettings } from './connection-settings.js';

/** What the audit says of a secret in the place of the secret. */
type SecretWord = 'none' | 'set' | 'kept';

/** A stored connection as the audit shows it: of each secret whether there is one. */
export function auditedConnection(connection: ConnectionRecord): AuditedFields {
  const { name, baseUrl, wire, authMode, login, furtherTokenCount, proxyUrl, proxySecret, ca } = connection;
  const isLogin = authMode === 'oauth' && login !== null;
  return {
    name,
    base_url: baseUrl,
    wire,
    auth: {
      mode: authMode,
      secret: there((isLogin ? login.clientSecret : connection.secret) !== null),
      ...(furtherTokenCount > 0 ? { further_tokens: 'set' } : {}),
      ...(isLogin ? loginSettings.parse(login.settings) : {}),
    },
    ...connectionOptions.parse(connection.options),
    habits: connectionHabits.parse(connection.habits),
    limits: connectionLimits.parse(connection.limits),
    embedding_batch_size: connection.embeddingBatchSize,
    headers: Object.fromEntries(connection.headerNames.map((one) => [one, 'set'])),
    fine_tuning: connection.fineTuning,
    publish_fine_tuned: connection.publishFineTuned,
    proxy: proxyUrl === null ? null : { url: proxyUrl, secret: there(proxySecret !== null) },
    ca: certificates(ca),
  };
}

/** A new connection as the audit shows it. */
export function auditedSettings(settings: ConnectionSettings): AuditedFields {
  return settingsWith(settings, (given) => wordOf(given, 'kept'));
}

/** What a change makes of a connection. A secret that is given is named, also where one was there; it reads `set`. */
export function auditedChange(before: ConnectionRecord, settings: ConnectionSettings): BeforeAndAfter {
  const stored = auditedConnection(before);
  const { auth, proxy } = stored as { auth: { secret: SecretWord }; proxy: { secret: SecretWord } | null };
  const resulting = settingsWith(settings, (given, place) =>
    wordOf(given, place === 'secret' ? auth.secret : place === 'proxy' ? (proxy?.secret ?? 'none') : 'set'),
  );
  const names = Object.keys(beforeAndAfter(stored, resulting, givenAnew(settings)).before);
  const said = auditedSettings(settings);
  const pick = (fields: AuditedFields) => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
  return { before: pick(stored), changes: pick(said) };
}

/** The fields in which the change has a secret. */
function givenAnew({ token, furtherTokens = [], login, headers, way }: ConnectionSettings): string[] {
  const hasAuth = typeof token === 'string' || furtherTokens.length > 0 || typeof login?.secret === 'string';
  const hasProxy = way.proxyLogin != null;
  return [...(hasAuth ? ['auth'] : []), ...(headers.given.size > 0 ? ['headers'] : []), ...(hasProxy ? ['proxy'] : [])];
}

type Given = object | string | null | undefined;

/** @param word of a secret as it is given: undefined keeps what is there. */
function settingsWith(
  settings: ConnectionSettings,
  word: (given: Given, place: 'secret' | 'further' | 'headers' | 'proxy') => SecretWord,
): AuditedFields {
  const { headers, furtherTokens, login, way } = settings;
  const further = word(furtherTokens?.length === 0 ? null : furtherTokens, 'further');
  return {
    name: settings.name,
    base_url: settings.baseUrl,
    wire: settings.wire,
    auth: {
      mode: settings.authMode,
      secret: word(login === null ? settings.token : login.secret, 'secret'),
      ...(further === 'none' ? {} : { further_tokens: further }),
      ...login?.settings,
    },
    ...settings.options,
    habits: settings.habits,
    limits: settings.limits,
    embedding_batch_size: settings.embeddingBatchSize,
    headers: Object.fromEntries(headers.names.map((one) => [one, word(headers.given.get(one), 'headers')])),
    fine_tuning: settings.fineTuning,
    publish_fine_tuned: settings.publishFineTuned,
    proxy: way.proxyUrl === null ? null : { url: way.proxyUrl, secret: word(way.proxyLogin, 'proxy') },
    ca: certificates(way.ca),
  };
}

function wordOf(given: Given, kept: SecretWord): SecretWord {
  return given === undefined ? kept : given === null ? 'none' : 'set';
}

function there(isThere: boolean): SecretWord {
  return isThere ? 'set' : 'none';
}

/** Of certificates, how many there are. */
function certificates(ca: string | null): { readonly certificates: number } | null {
  return ca === null ? null : { certificates: ca.match(/-----BEGIN /g)?.length ?? 0 };
}
