import type { ErrorCode } from '../../kernel/error-codes.js';

/** What decides whether an answer is kept. */
export interface AnswerFacts {
  readonly status: number;
  /** Code of the error that is answered; undefined for a good answer. */
  readonly errorCode: ErrorCode | undefined;
  /** A provider's own 4xx that is passed on: the request was sent to it. */
  readonly isProviders: boolean;
}

/** Refusals that say nothing of the request itself: they may be over when the caller tries again. */
const passing: ReadonlySet<number> = new Set([401, 403, 408, 409, 413, 415, 429, 503]);

/** The failure before which nothing was done: a second attempt can double nothing. */
const withoutEffect: ErrorCode = 'upstream_unavailable';

/**
 * Whether an answer is given again to the same request. Kept is the answer of work that was or may have been done: good
 * answers, a provider's own refusal, failures in the middle. Not kept is what was refused before anything was done:
 * every 4xx of ours, validation errors among them, and what passes by itself.
 */
export function isKept({ status, errorCode, isProviders }: AnswerFacts): boolean {
  if (status < 400) return true;
  if (passing.has(status)) return false;
  if (status < 500) return isProviders;
  return errorCode !== withoutEffect;
}
