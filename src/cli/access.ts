import { usageError } from './cli-error.js';
import { dataFolder, readUpFile } from './up-file.js';

/** Where the admin plane is and how to sign in. */
export interface Access {
  /** With `/api/admin/v1` and no slash at the end. */
  readonly url: string;
  readonly token: string;
}

interface AccessFlags {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

const adminPath = '/api/admin/v1';
const tenantPath = '/api/tenant/v1';

/**
 * Address and token from the flags, else GT_ADMIN_URL and GT_ADMIN_TOKEN, else from `up.json`. The token of `up.json`
 * goes to the address of `up.json` and nowhere else.
 * @throws CliError saying what is missing.
 */
export function findAccess(flags: AccessFlags, env: Readonly<Record<string, string | undefined>>): Access {
  const up = readUpFile(env);
  const given = flags.url ?? (env['GT_ADMIN_URL'] || undefined);
  const url = given === undefined ? up?.admin_url : adminUrl(given);
  if (url === undefined) {
    throw usageError(
      `There is no address of the admin plane: give --url, set GT_ADMIN_URL, or start the platform with "npm run up" (there is no up.json in ${dataFolder(env)}; GT_DATA_DIR names another folder).`,
    );
  }
  const token =
    flags.token ??
    (env['GT_ADMIN_TOKEN'] || undefined) ??
    (up !== null && sameAddress(url, up.admin_url) ? up.admin_token : undefined);
  if (token === undefined)
    throw usageError(`There is no token for ${url}: give --token or set GT_ADMIN_TOKEN ("gt operator create" makes one).`);
  return { url, token };
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
