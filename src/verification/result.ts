import type { FailureCause } from '../contracts/runbook-verifications.js';

/** What came of one step. */
export type Result =
  { readonly outcome: 'pass'; readonly detail: string } | { readonly outcome: 'skipped'; readonly detail: string } | Failure;

export interface Failure {
  readonly outcome: 'fail';
  readonly cause: FailureCause;
  /** What was seen. */
  readonly detail: string;
  /** What to do. */
  readonly cure: string;
}

export function passed(detail: string): Result {
  return { outcome: 'pass', detail };
}

/** @param reason why the step was not tried. */
export function skipped(reason: string): Result {
  return { outcome: 'skipped', detail: reason };
}

export function failed(cause: FailureCause, detail: string, cure: string): Failure {
  return { outcome: 'fail', cause, detail, cure };
}
