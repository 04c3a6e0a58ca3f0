import { CliError } from './cli-error.js';

/** What a reason says when the request was sent and no answer came: our own limit, and that of fetch. */
const silences: ReadonlySet<string> = new Set(['TimeoutError', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/**
 * The fault of a call that got no answer.
 * @param cause what fetch threw.
 * @param settings names what says where the platform is, such as `--url or GT_ADMIN_URL`.
 */
export function unreached(url: string, cause: unknown, settings: string): CliError {
  const { origin } = new URL(url);
  const reason = networkReason(cause);
  const line = silences.has(reason)
    ? `The platform at ${origin} did not answer in time. What it was asked to do may still be going on there.`
    : `The platform at ${origin} cannot be reached (${reason}). Is it running, and is ${settings} right?`;
  return new CliError(1, [line], { cause });
}

function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return error.name;
  const { cause } = error as { cause?: unknown };
  const { code, message } = (cause ?? error) as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
