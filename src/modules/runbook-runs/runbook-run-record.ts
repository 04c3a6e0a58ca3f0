import type { RunbookRun } from '../../platform/database/generated/client.js';

/** A run's row. Its address, its keys and who asked are never shown. */
export type RunbookRunRecord = RunbookRun;

/** A run in a list: without what was seen. */
export type RunbookRunRow = Omit<RunbookRun, 'steps' | 'result'>;

export interface RunbookRunPlace {
  readonly tenantId: string;
  readonly id: string;
}

/** A run that waits for a worker, and how often it was begun. */
export interface WaitingRun extends RunbookRunPlace {
  readonly attempts: number;
}

/** A worker's run that has it. */
export interface RunbookClaim extends RunbookRunPlace {
  readonly owner: string;
}

/** Thrown where a worker writes that has lost the run to another one. */
export class LostRunError extends Error {
  override readonly name = 'LostRunError';

  constructor() {
    super('Another worker has this run of a runbook.');
  }
}
