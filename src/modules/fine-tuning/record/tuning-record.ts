import type { TuningStatus } from '../../../contracts/fine-tuning.js';
import type { FineTuningCheckpoint, FineTuningEvent, FineTuningJob } from '../../../platform/database/generated/client.js';

/** A job's row. What begins with `provider`, and the copies, are the provider's own and never shown. */
export type TuningRecord = FineTuningJob;

export type TuningEventRecord = FineTuningEvent;

export type TuningCheckpointRecord = FineTuningCheckpoint;

export interface TuningPlace {
  readonly tenantId: string;
  readonly id: string;
}

/** A run that has a job. */
export interface TuningClaim extends TuningPlace {
  readonly owner: string;
}

/** Why a job failed, as it is shown. */
export interface TuningError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

const ends: ReadonlySet<string> = new Set<TuningStatus>(['succeeded', 'failed', 'cancelled']);

/** Nothing happens to the job any more, as far as its tenant can see. */
export function hasEnded({ status }: Pick<TuningRecord, 'status'>): boolean {
  return ends.has(status);
}

/** Thrown where a run writes that has lost its job to another one. */
export class LostTuningError extends Error {
  override readonly name = 'LostTuningError';

  constructor() {
    super('Another run has this fine-tuning job.');
  }
}
