import type { Job, JobsOptions, JobType } from 'bullmq';
import { inTime } from '../../kernel/in-time.js';
import type { JobCatalogue, JobRow, NameOf, PayloadInputOf } from '../../contracts/jobs.js';
import { currentTrace } from '../../observability/tracing/current-trace.js';
import { withTrace } from '../../observability/tracing/traced-job.js';
import { QueueUnavailableError, type OpenQueue, type QueueBackend } from './queue-backend.js';

const pingLimitMs = 1_000;
const enqueueLimitMs = 5_000;
const pageJobs = 500;
const jobStates = ['waiting', 'prioritized', 'delayed', 'active', 'failed', 'completed'] as const satisfies JobType[];
const jobIdForm = /^[A-Za-z][A-Za-z0-9._-]{0,199}$/;

export interface EnqueueOptions {
  /**
   * While a job with this id waits or runs, another is silently dropped. A letter, then letters, digits, `.`, `_`, `-`;
   * of a file `<file id>-<attempt>`.
   */
  readonly jobId?: string;
  /** 1 is first, greater numbers come later; a job without one comes before all that have one. */
  readonly priority?: number;
}

/** The producers' side of the queues: opened with the first job, opened again when the backend was away. */
export class JobQueue<C extends JobCatalogue> {
  private readonly open = new Map<string, Promise<OpenQueue>>();
  private isClosed = false;

  constructor(
    private readonly catalogue: C,
    private readonly backend: QueueBackend,
    private readonly onError: (error: unknown) => void,
  ) {}

  /**
   * Puts a job into its queue, with the trace that this is done in. It runs at least once. Never inside a transaction: enqueue after the commit, and let a
   * sweep enqueue what a crash left between the two.
   * @throws QueueUnavailableError at once when the backend is away, after five seconds when it hangs (the job may then
   * still have been taken).
   * @throws ZodError, RangeError when payload or job id break the catalogue's rules: a fault of the caller's code.
   */
  async enqueue<N extends NameOf<C>>(name: N, payload: PayloadInputOf<C, N>, options: EnqueueOptions = {}): Promise<void> {
    const row = rowOf(this.catalogue, name);
    const data = row.payload.parse(payload);
    if (options.jobId !== undefined && !jobIdForm.test(options.jobId))
      throw new RangeError(`"${options.jobId}" cannot be the id of a job.`);
    await this.use(row.queue, (queue) => queue.add(name, withTrace(data, currentTrace()), { ...jobOptions(row), ...options }));
  }

  /**
   * Makes sure that every scheduled job of the catalogue comes at its times. Changes nothing when it is so already, in
   * whichever process.
   * @throws QueueUnavailableError
   */
  async schedule(): Promise<void> {
    for (const [name, row] of Object.entries<JobRow>(this.catalogue.jobs)) {
      if (row.schedule === undefined) continue;
      const { everyMs } = row.schedule;
      const template = { name, data: row.payload.parse({}), opts: jobOptions(row) };
      await this.use(row.queue, (queue) => queue.upsertJobScheduler(name, { every: everyMs }, template));
    }
  }

  /**
   * Removes all jobs of a tenant that wait. Those that run stay until they end.
   * @returns how many run. @throws QueueUnavailableError
   */
  async forget(tenantId: string): Promise<number> {
    let running = 0;
    for (const name of Object.keys(this.catalogue.queues))
      for (const job of await this.jobsOf(name, tenantId)) if (!(await removed(job))) running += 1;
    return running;
  }

  /** @throws QueueUnavailableError within a second when jobs could not be enqueued now. */
  async ping(): Promise<void> {
    try {
      await inTime(this.backend.ping(), pingLimitMs, 'The job queue');
    } catch (error) {
      throw new QueueUnavailableError(error);
    }
  }

  /** Ends all connections; nothing can be enqueued afterwards. */
  async close(): Promise<void> {
    this.isClosed = true;
    const opened = await Promise.allSettled(this.open.values());
    this.open.clear();
    const queues = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    await Promise.allSettled(queues.map((queue) => queue.close()));
    await this.backend.close();
  }

  /** All jobs of a tenant in a queue, found by looking at all of its jobs. */
  private async jobsOf(name: string, tenantId: string): Promise<Job[]> {
    const found: Job[] = [];
    for (const state of jobStates) {
      for (let start = 0, isLast = false; !isLast; start += pageJobs) {
        await this.use(name, async (queue) => {
          const page = await queue.getJobs([state], start, start + pageJobs - 1);
          isLast = page.length < pageJobs;
          for (const job of page) if (tenantOf(job) === tenantId) found.push(job as Job);
        });
      }
    }
    return found;
  }

  private async use(name: string, work: (queue: OpenQueue) => Promise<unknown>): Promise<void> {
    if (this.isClosed) throw new QueueUnavailableError(new Error('The process is stopping.'));
    try {
      await inTime(this.queue(name).then(work), enqueueLimitMs, 'The job queue');
    } catch (error) {
      throw new QueueUnavailableError(error);
    }
  }

  private queue(name: string): Promise<OpenQueue> {
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const opening = this.backend.openQueue(name, this.onError);
    this.open.set(name, opening);
    opening.catch(() => this.open.delete(name));
    return opening;
  }
}

/** @throws Error when the catalogue has no such job. */
export function rowOf(catalogue: JobCatalogue, name: string): JobRow {
  const row = catalogue.jobs[name];
  if (row === undefined) throw new Error(`There is no job "${name}" in the catalogue.`);
  return row;
}

function tenantOf(job: Job | undefined): unknown {
  return (job?.data as { readonly tenantId?: unknown } | undefined)?.tenantId;
}

/** False where a worker has it. */
async function removed(job: Job): Promise<boolean> {
  try {
    await job.remove();
    return true;
  } catch {
    return false;
  }
}

/** Ended jobs go at once: one that stayed would make BullMQ ignore the next of its id. */
function jobOptions(row: JobRow): JobsOptions {
  const { attempts, backoffMs } = row.retry;
  return { attempts, backoff: { type: 'exponential', delay: backoffMs }, removeOnComplete: true, removeOnFail: true };
}
