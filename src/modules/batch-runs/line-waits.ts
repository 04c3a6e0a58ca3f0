import type { AppError } from '../../kernel/app-error.js';
import type { ErrorCode } from '../../kernel/error-codes.js';
import { isTooLarge } from '../limits/limit-error.js';

/** What passes by itself: who waits for it does so until the batch's window is over. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'rate_limit_exceeded',
  'token_limit_exceeded',
  'overloaded',
  'upstream_unavailable',
  'oauth_unavailable',
]);

/** What may pass, or may be the request's own: it is tried so often. */
const doubtful: ReadonlySet<ErrorCode> = new Set(['upstream_error', 'upstream_timeout', 'internal_error', 'conflict']);
const mostAttempts = 6;

/** What the key or its tenant may not any more: it says nothing of the request. */
const rights: ReadonlySet<ErrorCode> = new Set([
  'invalid_api_key',
  'insufficient_scope',
  'ip_not_allowed',
  'tenant_suspended',
  'unknown_url',
  'insufficient_quota',
]);

const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/** What is to be done with a request that failed: it is made again later, or that was its end. */
export interface Wait {
  readonly attempts: number;
  readonly waitMs: number;
  /** Others of the batch would fare the same now. */
  readonly isForAll: boolean;
}

/**
 * How long a request that failed waits until it is made again; undefined when it is not. Where the error says how long, so
 * long at least.
 * @param attempts how often something that may have been its own went wrong before.
 * @param throttles how often in a row the batch had to wait before.
 */
export function waitFor(error: AppError, attempts: number, throttles: number): Wait | undefined {
  if (isTooLarge(error)) return undefined;
  const toldMs = retryAfterMs(error);
  if (passing.has(error.code)) {
    const waitMs = Math.max(toldMs, Math.min(firstWaitMs * 2 ** Math.min(throttles, 10), longestWaitMs));
    return { attempts, waitMs, isForAll: true };
  }
  if (!doubtful.has(error.code) || attempts + 1 >= mostAttempts) return undefined;
  const waitMs = Math.max(toldMs, Math.min(firstWaitMs * 4 ** attempts, 5 * longestWaitMs));
  return { attempts: attempts + 1, waitMs, isForAll: false };
}

/** True for a refusal that every request of the key would get. */
export function isOfRights({ code }: AppError): boolean {
  return rights.has(code);
}

function retryAfterMs({ headers }: AppError): number {
  const milliseconds = Number(headers['retry-after-ms'] ?? NaN);
  if (milliseconds >= 0) return milliseconds;
  const seconds = Number(headers['retry-after'] ?? NaN);
  return seconds >= 0 ? seconds * 1000 : 0;
}
