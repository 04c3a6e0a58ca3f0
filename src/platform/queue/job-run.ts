import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { JobCatalogue, NameOf, PayloadOf } from '../../contracts/jobs.js';
import { rowOf } from './job-queue.js';

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

/**
 * Runs one job within its row's time. A payload that does not parse is never tried again; when the process stops, the
 * job goes back to its queue for another worker, without counting the attempt.
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
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(new Error(`Not done within ${row.timeoutMs} ms.`)), row.timeoutMs);
  const signal = AbortSignal.any([lost, timer.signal, stopping]);
  const handler = handlers[job.name as NameOf<C>];
  try {
    await endedOrAborted(handler(payload.data as PayloadOf<C, NameOf<C>>, { id: job.id ?? '', attempt: job.attemptsMade + 1, signal }), signal);
  } catch (error) {
    if (!stopping.aborted || timer.signal.aborted) throw error;
    await job.moveToWait(job.token);
    throw new WaitingError();
  } finally {
    clearTimeout(timeout);
  }
}

/** Does not wait for a handler that ignores its signal. */
async function endedOrAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
