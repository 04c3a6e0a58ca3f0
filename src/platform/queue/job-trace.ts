import { DelayedError, WaitingError, type Job } from 'bullmq';
import { AppError } from '../../kernel/app-error.js';
import type { CallTrace } from '../../observability/tracing/call-trace.js';
import { inTrace } from '../../observability/tracing/current-trace.js';
import type { TracedJob } from '../../observability/tracing/traced-job.js';

/** One run of a job, as its trace tells it. */
export function tracedJob(job: Job): TracedJob {
  return { name: job.name, id: job.id ?? '', tenantId: tenantOf(job), attempt: job.attemptsMade + 1, data: job.data };
}

/** The tenant that a job works for, if it is one's. */
export function tenantOf(job: Job): string | undefined {
  const { tenantId } = job.data as { readonly tenantId?: unknown };
  return typeof tenantId === 'string' ? tenantId : undefined;
}

/** Runs a job in its trace, if it has one. @throws whatever the run throws. */
export async function runTraced(trace: CallTrace | undefined, run: () => Promise<void>): Promise<void> {
  if (trace === undefined) return run();
  try {
    await inTrace(trace, run);
    trace.end();
  } catch (error) {
    trace.end(failureOf(error));
    throw error;
  }
}

/** Undefined where the job only goes back to its queue. */
function failureOf(error: unknown): string | undefined {
  if (error instanceof DelayedError || error instanceof WaitingError) return undefined;
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.name : 'error';
}
