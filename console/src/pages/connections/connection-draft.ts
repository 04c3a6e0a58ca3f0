import type { Body } from '../../api/call.js';
import type { Connection } from './words.js';

type Given = Body<'connections.update'>;
type Auth = NonNullable<Given['auth']>;

const loginFields = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'device_authorization_endpoint',
  'audience',
  'redirect_uri',
] as const;

/** What the form of a connection holds. A secret is only ever taken in. */
export interface ConnectionDraft {
  provider: string;
  name: string;
  base_url: string;
  wire: string;
  mode: Auth['mode'];
  token: string;
  grant: NonNullable<Extract<Auth, { mode: 'oauth' }>['grant']>;
  client_id: string;
  client_secret: string;
  /** Parted by spaces. */
  scopes: string;
  login: Record<(typeof loginFields)[number], string>;
  /** The rarer settings, in JSON. */
  more: string;
}

const rarer = [
  'paths',
  'api_version',
  'dropped_fields',
  'habits',
  'limits',
  'embedding_batch_size',
  'fine_tuning',
  'publish_fine_tuned',
  'ca',
] as const;

/** The form of a connection as it is, or of a new one. */
export function draftOf(connection?: Connection): ConnectionDraft {
  const auth = connection?.auth;
  const oauth = auth?.mode === 'oauth' ? auth : undefined;
  const more = connection === undefined ? {} : Object.fromEntries(rarer.map((name) => [name, connection[name]]));
  return {
    provider: '',
    name: connection?.name ?? '',
    base_url: connection?.base_url ?? '',
    wire: connection?.wire ?? '',
    mode: auth?.mode ?? 'header_token',
    token: '',
    grant: oauth?.grant ?? 'authorization_code',
    client_id: oauth?.client_id ?? '',
    client_secret: '',
    scopes: oauth?.scopes.join(' ') ?? '',
    login: Object.fromEntries(loginFields.map((name) => [name, oauth?.[name] ?? ''])) as ConnectionDraft['login'],
    more: JSON.stringify(more, null, 2),
  };
}

/** @throws SyntaxError where the rarer settings are no JSON object. */
function readMore(text: string): Given {
  const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('It must be a JSON object.');
  return value;
}

/** What is wrong with the rarer settings before they are sent. */
export function moreFault(text: string): string | true {
  try {
    readMore(text);
    return true;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/** A body that makes the connection; what is left empty has the provider's setting. */
export function creationOf(draft: ConnectionDraft): Body<'connections.create'> {
  const { provider, name, base_url, wire } = draft;
  const given = { provider, name: name.trim(), base_url: base_url.trim(), wire };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  return { ...said, auth: authOf(draft), ...readMore(draft.more) } as Body<'connections.create'>;
}

/** A body that changes it: only what is other than it was. */
export function changesOf(connection: Connection, draft: ConnectionDraft): Given {
  const before = draftOf(connection);
  const { base_url, name, wire, more } = draft;
  const old = readMore(before.more) as Record<string, unknown>;
  const said = Object.entries({ ...readMore(more), name: name.trim(), base_url: base_url.trim(), wire });
  const was: Record<string, unknown> = { ...old, name: before.name, base_url: before.base_url, wire: before.wire };
  const changed = said.filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(was[field]));
  const signing = authOf(draft);
  const isOther = JSON.stringify(signing) !== JSON.stringify(authOf(before));
  return { ...(Object.fromEntries(changed) as Given), ...(isOther ? { auth: signing } : {}) };
}

function authOf(draft: ConnectionDraft): Auth {
  const { mode, token, grant, client_id, client_secret, scopes, login } = draft;
  if (mode === 'none') return { mode };
  if (mode === 'header_token') return { mode, ...(token === '' ? {} : { token: token.trim() }) };
  const addresses = Object.fromEntries(
    Object.entries(login).map(([name, value]) => [name, value.trim() === '' ? null : value.trim()]),
  );
  return {
    mode,
    grant,
    client_id: client_id.trim(),
    ...(client_secret === '' ? {} : { client_secret }),
    scopes: scopes.split(/\s+/).filter((scope) => scope !== ''),
    ...addresses,
  };
}
