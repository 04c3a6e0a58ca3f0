import type { AppError } from '../../../kernel/app-error.js';
import type { ErrorCode } from '../../../kernel/error-codes.js';

/** The cause of an error that tells of a limit on requests of a provider or its connection, not of the platform's. */
export class ProviderBusy extends Error {}

const codes: ReadonlySet<ErrorCode> = new Set([
  'upstream_error',
  'upstream_unavailable',
  'upstream_timeout',
  'oauth_unavailable',
]);

/** True for a failure that another provider may not have: never for a request that is wrong, or that the platform refuses. */
export function isMendable(error: AppError): boolean {
  return codes.has(error.code) || error.cause instanceof ProviderBusy;
}
