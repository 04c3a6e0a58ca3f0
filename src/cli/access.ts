import { usageError } from './cli-error.js';
import type { AdminCredential } from '../contracts/admin-call.js';
import { readSession } from './session-file.js';
import { dataFolder, readUpFile } from './up-file.js';

/** Where the admin plane is and as whom it is called. */
export interface Access {
  /** With `/api/admin/v1` and no slash at the end. */
  readonly url: string;
  readonly credential: AdminCredential;
}

interface AccessFlags {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

const adminPath = '/api/admin/v1';
const tenantPath = '/api/tenant/v1';

/**
 * Address and token from the flags, else GT_ADMIN_URL and GT_ADMIN_TOKEN, else the session of `gt sign-in`, else from `up.json`. The
 * session, and the token of `up.json`, go to the address that they were got from and nowhere else.
 * @throws CliError saying what is missing.
 */
export function findAccess(flags: AccessFlags, env: Readonly<Record<string, string | undefined>>): Access {
  const up = readUpFile(env);
  const session = readSession(env);
  const url = findAdminUrl(flags, env);
  const token = flags.token ?? (env['GT_ADMIN_TOKEN'] || undefined);
  if (token !== undefined) return { url, credential: { token } };
  if (session !== undefined && sameAddress(url, session.url)) return { url, credential: { cookie: session.cookie } };
  if (up !== null && sameAddress(url, up.admin_url)) return { url, credential: { token: up.admin_token } };
  throw usageError(
    `There is no token for ${url}: give --token, set GT_ADMIN_TOKEN ("gt operator create" makes one), or sign in with "gt sign-in".`,
  );
}

/** The address of the admin plane. @throws CliError where nothing says it. */
export function findAdminUrl(flags: AccessFlags, env: Readonly<Record<string, string | undefined>>): string {
  const given = flags.url ?? (env['GT_ADMIN_URL'] || undefined);
  const url = given === undefined ? (readSession(env)?.url ?? readUpFile(env)?.admin_url) : adminUrl(given);
  if (url !== undefined) return url;
  throw usageError(
    `There is no address of the admin plane: give --url, set GT_ADMIN_URL, or start the platform with "npm run up" (there is no up.json in ${dataFolder(env)}; GT_DATA_DIR names another folder).`,
  );
}

/** The base URL of the data plane: the one given, else beside the admin plane's; undefined where nothing says it. */
export function findBaseUrl(
  given: string | undefined,
  flags: AccessFlags,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (given !== undefined) {
    if (/^https?:$/.test(URL.canParse(given) ? new URL(given).protocol : '')) return given.replace(/\/+$/, '');
    throw usageError(`"${given}" is no base URL: --base-url must be like https://api.example.com${tenantPath}.`);
  }
  const url = flags.url ?? (env['GT_ADMIN_URL'] || undefined) ?? readUpFile(env)?.admin_url;
  const admin = url === undefined ? undefined : adminUrl(url);
  return admin?.endsWith(adminPath) === true ? admin.slice(0, -adminPath.length) + tenantPath : undefined;
}

function adminUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(
      `"${text}" is no address of the admin plane: --url or GT_ADMIN_URL must be like https://api.example.com${adminPath}.`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? adminPath : path}`;
}

function sameAddress(one: string, other: string): boolean {
  return URL.canParse(other) && one.replace(/\/+$/, '') === other.replace(/\/+$/, '');
}
