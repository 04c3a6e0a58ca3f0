import { adminRouteRow, type AdminRouteId } from '../catalog/admin-routes.js';
import { AdminCallError, callAdmin, type AdminCall, type Refusal } from '../contracts/admin-call.js';
import { findAccess, type Access } from './access.js';
import { CliError } from './cli-error.js';
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
}

/** Calls routes of the admin plane by their rows in the catalogue. */
export class AdminHttp {
  private found: Access | undefined;

  constructor(
    private readonly flags: () => { readonly url?: string | undefined; readonly token?: string | undefined },
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** @throws CliError when the platform cannot be reached, RefusedError when it refuses. */
  async call(routeId: AdminRouteId, input: CallInput = {}): Promise<Record<string, unknown>> {
    this.found ??= findAccess(this.flags(), this.env);
    const { url, token } = this.found;
    const { method, path } = adminRouteRow(routeId);
    const query = new URLSearchParams(
      Object.entries(input.query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ).toString();
    const target = `${url}${path.replace('{id}', encodeURIComponent(input.id ?? ''))}${query === '' ? '' : `?${query}`}`;
    const { body, form, onEvent } = input;
    const limitMs = form === undefined ? timeoutMs : formTimeoutMs;
    return this.ask({ method, url: target, token, body, form, limitMs, onEvent }, url);
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
  if (status === 401) return ' Check --token or GT_ADMIN_TOKEN.';
  if (code === 'unknown_url') return ' Check --url or GT_ADMIN_URL.';
  return code === 'missing_required_parameter' && param === 'tenant' ? ' On the command line: --tenant <slug>.' : '';
}
