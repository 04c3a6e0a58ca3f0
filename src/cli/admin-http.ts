import { adminRouteRow, type AdminRouteId } from '../catalog/admin-routes.js';
import { AdminCallError, callAdmin, type AdminCall, type Refusal } from '../contracts/admin-call.js';
import { findAccess, findAdminUrl, type Access } from './access.js';
import { CliError } from './cli-error.js';
import { forgetSession, keepSession } from './session-file.js';
import { unreached } from './unreached.js';

const timeoutMs = 120_000;
/** For a form, whose file takes its time. */
const formTimeoutMs = 3_600_000;

/** The platform refused. `message` and `param` are its own. */
export class RefusedError extends CliError {
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
    hint: string,
  ) {
    const { message, param } = refusal;
    const place = param === null || message.includes(param) ? '' : ` (${param})`;
    super(1, [`${message}${place}${hint}`]);
    this.name = 'RefusedError';
  }
}

/** What a call gives besides its route. */
export interface CallInput {
  /** For `{id}` in the path. */
  readonly id?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  /** A multipart form in place of a body. */
  readonly form?: FormData;
  /** Hears how far the work has come, where the route tells. */
  readonly onEvent?: (event: string, data: unknown) => void;
  /** The route tells events until somebody ends it. */
  readonly isLive?: boolean;
  /** Takes the answer piece by piece, as it is. */
  readonly onContent?: (piece: Uint8Array) => Promise<void>;
}

/** Calls routes of the admin plane by their rows in the catalogue. */
export class AdminHttp {
  private found: Access | undefined;
  /** The cookie of who is on the way to the tenant's own sign-in and back. */
  private onTheWay: string | undefined;

  constructor(
    private readonly flags: () => { readonly url?: string | undefined; readonly token?: string | undefined },
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** @throws CliError when the platform cannot be reached, RefusedError when it refuses. */
  async call(routeId: AdminRouteId, input: CallInput = {}): Promise<Record<string, unknown>> {
    const { method, path, role } = adminRouteRow(routeId);
    const { url, credential } = this.access(role === 'anyone');
    const query = new URLSearchParams(
      Object.entries(input.query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ).toString();
    const target = `${url}${path.replace('{id}', encodeURIComponent(input.id ?? ''))}${query === '' ? '' : `?${query}`}`;
    const { body, form, onEvent, isLive, onContent } = input;
    const limitMs = form === undefined ? timeoutMs : formTimeoutMs;
    const onCookies = (cookies: readonly string[]): void => this.keep(url, cookies);
    return this.ask({ method, url: target, credential, onCookies, body, form, limitMs, onEvent, isLive, onContent }, url);
  }

  private access(isForAnyone: boolean): Access {
    if (isForAnyone) {
      const credential = this.onTheWay === undefined ? 'nobody' : { cookie: this.onTheWay };
      return { url: findAdminUrl(this.flags(), this.env), credential };
    }
    this.found ??= findAccess(this.flags(), this.env);
    return this.found;
  }

  /** Keeps the session that an answer begins, goes on with or ends, for the commands that follow. */
  private keep(url: string, cookies: readonly string[]): void {
    this.onTheWay = cookies.find((one) => /^(__Host-)?gt_oidc=./.test(one)) ?? this.onTheWay;
    const cookie = cookies.find((one) => /^(__Host-)?gt_session=/.test(one));
    if (cookie === undefined) return;
    if (cookie.endsWith('=')) forgetSession(this.env);
    else keepSession(this.env, { url, cookie });
  }

  private async ask(call: AdminCall, url: string): Promise<Record<string, unknown>> {
    try {
      return (await callAdmin(call)) as Record<string, unknown>;
    } catch (cause) {
      if (cause instanceof AdminCallError) throw refusedError(cause, url);
      throw unreached(url, cause, '--url or GT_ADMIN_URL');
    }
  }
}

function refusedError({ status, refusal }: AdminCallError, url: string): CliError {
  if (refusal !== null) return new RefusedError(status, refusal, hintFor(status, refusal));
  if (status === 200)
    return new CliError(1, [`${url} broke off its answer. What it was asked to do may still be going on there.`]);
  return new CliError(1, [`${url} does not answer like the admin plane (status ${status}). Check --url or GT_ADMIN_URL.`]);
}

/** Which flag or setting a refusal is about, where the platform cannot know. */
function hintFor(status: number, { code, param }: Refusal): string {
  if (status === 401 && code === 'invalid_api_key')
    return ' Check --token or GT_ADMIN_TOKEN, or sign in again with "gt sign-in".';
  if (code === 'unknown_url') return ' Check --url or GT_ADMIN_URL.';
  return code === 'missing_required_parameter' && param === 'tenant' ? ' On the command line: --tenant <slug>.' : '';
}
