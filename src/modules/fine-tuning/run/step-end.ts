import type { TuningError } from '../record/tuning-record.js';

/** How a step ends: the next one follows at once, or after a while, or the job has failed. */
export type StepEnd = 'again' | { readonly waitMs: number } | { readonly error: TuningError };

export function untilLater(waitMs: number): StepEnd {
  return { waitMs };
}

export function failed(error: TuningError): StepEnd {
  return { error };
}
