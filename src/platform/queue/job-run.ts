import { setTimeout as pause } from 'node:timers/promises';
import { DelayedError, UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { JobCatalogue, NameOf, PayloadOf } from '../../contracts/jobs.js';
import { rowOf } from './job-queue.js';

/** What a job may take to put its things in order when the process stops. */
const orderMs = 1_000;

/** What a run knows of itself. */
export interface JobRun {
  readonly id: string;
  /** 1 for the first run. Runs that died with their worker are not counted. */
  readonly attempt: number;
  /** Fires when the result is wanted no more: time is up, the process stops, or another worker has taken the job. */
  readonly signal: AbortSignal;
}

/** What a job does, by name. A handler runs at least once a job, so it must be harmless to run it again. */
export type JobHandlers<C extends JobCatalogue> = {
  readonly [N in NameOf<C>]: (payload: PayloadOf<C, N>, run: JobRun) => Promise<void>;
};

/** Thrown by a handler that wants to run its job later, without that this counts as an attempt. */
export class JobLaterError extends Error {
  override readonly name = 'JobLaterError';

  constructor(readonly delayMs: number) {
    super(`The job is to run again in ${delayMs} ms.`);
  }
}

/**
 * Runs one job within its row's time. A payload that does not parse is never tried again; when the process stops, the
 * job goes back to its queue for another worker, without counting the attempt, once it has put its things in order.
 * @throws whatever the handler throws; the job is then tried again as its row says.
 */
export async function runJob<C extends JobCatalogue>(
  catalogue: C,
  handlers: JobHandlers<C>,
  job: Job,
  { lost, stopping }: { readonly lost: AbortSignal; readonly stopping: AbortSignal },
): Promise<void> {
  const row = rowOf(catalogue, job.name);
  const payload = row.payload.safeParse(job.data);
  if (!payload.success) throw new UnrecoverableError(`The payload breaks the schema of "${job.name}": ${payload.error.message}`);
  const handler = handlers[job.name as NameOf<C>];
  let work: Promise<void> | undefined;
  try {
    await withinTime(row.timeoutMs, [lost, stopping], (signal) => {
      work = handler(payload.data as PayloadOf<C, NameOf<C>>, { id: job.id ?? '', attempt: job.attemptsMade + 1, signal });
      return work;
    });
  } catch (error) {
    if (error instanceof JobLaterError) {
      await job.moveToDelayed(Date.now() + error.delayMs, job.token);
      throw new DelayedError();
    }
    if (!stopping.aborted || error !== stopping.reason) throw error;
    await Promise.race([work?.catch(() => undefined), pause(orderMs, undefined, { ref: false })]);
    await job.moveToWait(job.token);
    throw new WaitingError();
  }
}

/** Ends with the work or with the first signal, whichever comes first: work that ignores its signal is not waited for. */
async function withinTime(
  timeoutMs: number,
  signals: AbortSignal[],
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(new Error(`Not done within ${timeoutMs} ms.`)), timeoutMs);
  const signal = AbortSignal.any([timer.signal, ...signals]);
  try {
    await Promise.race([rejectOnAbort(signal), work(signal)]);
  } finally {
    clearTimeout(timeout);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
