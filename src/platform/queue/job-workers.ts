import type { Job } from 'bullmq';
import type { JobCatalogue } from '../../contracts/jobs.js';
import type { Tracing } from '../../observability/tracing/tracing.js';
import type { JobQueue } from './job-queue.js';
import { runJob, type JobHandlers } from './job-run.js';
import { runTraced, tenantOf, tracedJob } from './job-trace.js';
import type { OpenWorker, QueueBackend, WorkerSettings } from './queue-backend.js';

const rescheduleMs = 60_000;
const lookMs = 500;
/** How long jobs that were asked to stop have to return to their queues. */
const givingBackMs = 2_000;
const away = 'away';
const defaultTimes = { lockMs: 15_000, stalledCheckMs: 5_000 } as const;

/** How one run of a job ended, for the log. */
export interface JobReport {
  readonly job: string;
  readonly id: string;
  readonly tenantId?: string;
  readonly attempt: number;
  /** Of this run. */
  readonly ms: number;
  /** Present when the run failed. */
  readonly error?: Error;
  readonly willRetry: boolean;
}

export interface JobWorkersOptions<C extends JobCatalogue> {
  readonly catalogue: C;
  readonly backend: QueueBackend;
  readonly queue: JobQueue<C>;
  readonly handlers: JobHandlers<C>;
  /** Begins the traces of runs. */
  readonly tracing?: Pick<Tracing, 'ofJob'>;
  /** Called once for each run that ended and is recorded in the queue. */
  readonly onReport: (report: JobReport) => void;
  /** What goes wrong outside of jobs: connections, and jobs that another worker left behind. */
  readonly onError: (error: unknown) => void;
  /** Called when the backend is back after it was away: what was not queued meanwhile, and what it lost, is queued here. */
  readonly onReturn?: (signal: AbortSignal) => Promise<unknown>;
  /** How soon a dead worker's jobs are taken over, in milliseconds. Default: lock 15,000, check 5,000. */
  readonly times?: Pick<WorkerSettings, 'lockMs' | 'stalledCheckMs'>;
}

/** Runs the jobs of all queues of a catalogue in this process. */
export class JobWorkers<C extends JobCatalogue> {
  private readonly workers: OpenWorker[] = [];
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private running = 0;
  private isStopped = false;

  constructor(private readonly options: JobWorkersOptions<C>) {}

  /**
   * Begins to take jobs and sets up the schedules. Resolves when every queue is being worked on; while Redis is away,
   * that is when it has come.
   * @throws Error when the backend cannot be used.
   */
  async start(): Promise<void> {
    const { catalogue } = this.options;
    for (const [name, { concurrency }] of Object.entries(catalogue.queues)) await this.startWorker(name, concurrency);
    await this.reschedule();
    this.look(String(this.options.backend.connections()));
  }

  /**
   * Takes no new job and waits for those that run. After `graceMs` they are asked to stop and return to their queues;
   * where the backend does not answer, other workers take them over when their locks have run out.
   */
  async stop(graceMs: number): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.watch);
    const hurry = setTimeout(() => this.stopping.abort(new Error('The worker stops.')), graceMs);
    const limitMs = this.running === 0 ? givingBackMs : graceMs + givingBackMs;
    await Promise.all(this.workers.map((worker) => close(worker, limitMs)));
    clearTimeout(hurry);
  }

  private async startWorker(name: string, concurrency: number): Promise<void> {
    const { backend, onError, onReport, times = defaultTimes } = this.options;
    const events = {
      run: (job: Job, lost: AbortSignal) => this.run(job, lost),
      onCompleted: (job: Job) => onReport(reportOf(job)),
      onFailed: (job: Job, error: Error) => onReport(reportOf(job, error)),
      onStalled: (id: string) => onError(new Error(`The job ${id} was left behind by a worker that died; it is queued again.`)),
      onError,
    };
    const worker = await backend.openWorker(name, events, { concurrency, ...times });
    this.workers.push(worker);
    await worker.waitUntilReady();
    worker.run().catch(onError);
  }

  private async run(job: Job, lost: AbortSignal): Promise<void> {
    const { catalogue, handlers, tracing } = this.options;
    const signals = { lost, stopping: this.stopping.signal };
    this.running += 1;
    try {
      await runTraced(tracing?.ofJob(tracedJob(job)), () => runJob(catalogue, handlers, job, signals));
    } finally {
      this.running -= 1;
    }
  }

  /** Looks at the backend twice a second, so that no file waits for the next sweep after it was away. */
  private look(before: string): void {
    if (this.isStopped) return;
    this.watch = setTimeout(() => {
      void this.state().then(async (now) => {
        if (now !== before && now !== away) await this.afterReturn();
        this.look(now);
      });
    }, lookMs);
  }

  private async state(): Promise<string> {
    const { queue, backend } = this.options;
    return queue.ping().then(
      () => String(backend.connections()),
      () => away,
    );
  }

  private async afterReturn(): Promise<void> {
    const { queue, onReturn, onError } = this.options;
    try {
      await onReturn?.(this.stopping.signal);
      await queue.schedule();
    } catch (error) {
      onError(error);
    }
  }

  /**
   * Schedules live in the queue, each run makes the next one. Should the chain break (a crash between the two, an
   * emptied Redis), the next minute repairs it.
   */
  private async reschedule(): Promise<void> {
    try {
      await this.options.queue.schedule();
    } catch (error) {
      this.options.onError(error);
    }
    if (!this.isStopped) this.timer = setTimeout(() => void this.reschedule(), rescheduleMs);
  }
}

/** Waits for the worker's jobs and ends its connections; without the jobs when the limit has passed. */
async function close(worker: OpenWorker, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([worker.pause(), late]);
  clearTimeout(timer);
  await worker.close(true);
}

function reportOf(job: Job, error?: Error): JobReport {
  const tenantId = tenantOf(job);
  return {
    job: job.name,
    id: job.id ?? '',
    ...(tenantId === undefined ? {} : { tenantId }),
    attempt: job.attemptsMade,
    ms: Date.now() - (job.processedOn ?? Date.now()),
    ...(error === undefined ? {} : { error }),
    willRetry: error !== undefined && job.finishedOn === undefined,
  };
}
