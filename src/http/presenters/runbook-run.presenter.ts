import type { RunbookRunObject, RunbookRunStatus, RunbookRunSummary } from '../../contracts/runbook-runs.js';
import type { RunbookVerification, StepOutcome, VerificationStep } from '../../contracts/runbook-verifications.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import type { RunbookRunRecord, RunbookRunRow } from '../../modules/runbook-runs/runbook-run-record.js';

/** A run in a list. */
export function presentRunbookRunSummary(run: RunbookRunRow): RunbookRunSummary {
  return {
    object: 'runbook.run',
    id: run.id,
    runbook: run.runbook,
    status: run.status as RunbookRunStatus,
    outcome: run.outcome as StepOutcome | null,
    attempts: run.attempts,
    model: run.model,
    embed_model: run.embedModel,
    dataset: run.dataset,
    error: run.error,
    created_at: toUnixSeconds(run.createdAt),
    started_at: secondsOrNull(run.startedAt),
    finished_at: secondsOrNull(run.finishedAt),
  };
}

/** A run with what was seen. */
export function presentRunbookRun(run: RunbookRunRecord): RunbookRunObject {
  const steps = run.steps as unknown as VerificationStep[];
  const result = run.result as unknown as Omit<RunbookVerification, 'steps'> | null;
  return { ...presentRunbookRunSummary(run), steps, verification: result === null ? null : { ...result, steps } };
}
