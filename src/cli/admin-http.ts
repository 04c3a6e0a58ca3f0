import { z } from 'zod';
import { adminRouteRow, type AdminRouteId } from '../catalog/admin-routes.js';
import { findAccess, type Access } from './access.js';
import { CliError } from './cli-error.js';

const timeoutMs = 120_000;
/** For a form, whose file takes its time. */
const formTimeoutMs = 3_600_000;

const errorBody = z.object({
  error: z.object({ message: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
});

/** The platform refused. `message` and `param` are its own. */
export class RefusedError extends CliError {
  constructor(
    readonly status: number,
    readonly refusal: { readonly message: string; readonly param: string | null; readonly code: string | null },
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
    const response = await this.fetch(target, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(input.body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: input.form ?? (input.body === undefined ? null : JSON.stringify(input.body)),
      // Another address could be anyone's: the token goes to the one that was named.
      redirect: 'error',
      signal: AbortSignal.timeout(input.form === undefined ? timeoutMs : formTimeoutMs),
    });
    return readReply(response, url);
  }

  private async fetch(target: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(target, init);
    } catch (cause) {
      const { origin } = new URL(target);
      const reason = networkReason(cause);
      const line = silences.has(reason)
        ? `The platform at ${origin} did not answer in time. What it was asked to do may still be going on there.`
        : `The platform at ${origin} cannot be reached (${reason}). Is it running, and is --url or GT_ADMIN_URL right?`;
      throw new CliError(1, [line], { cause });
    }
  }
}

async function readReply(response: Response, url: string): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  const told = errorBody.safeParse(body);
  if (!told.success)
    throw new CliError(1, [
      `${url} does not answer like the admin plane (status ${response.status}). Check --url or GT_ADMIN_URL.`,
    ]);
  throw new RefusedError(response.status, told.data.error, hintFor(response.status, told.data.error));
}

/** Which flag or setting a refusal is about, where the platform cannot know. */
function hintFor(status: number, { code, param }: { readonly code: string | null; readonly param: string | null }): string {
  if (status === 401) return ' Check --token or GT_ADMIN_TOKEN.';
  if (code === 'unknown_url') return ' Check --url or GT_ADMIN_URL.';
  return code === 'missing_required_parameter' && param === 'tenant' ? ' On the command line: --tenant <slug>.' : '';
}

/** What `networkReason` says when the request was sent and no answer came: our own limit, and that of fetch. */
const silences: ReadonlySet<string> = new Set(['TimeoutError', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return error.name;
  const { cause } = error as { cause?: unknown };
  const { code, message } = (cause ?? error) as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
