import type { Job, JobsOptions, JobType } from 'bullmq';
import type { EventEmitter } from 'node:events';

/** How a worker takes jobs; times in milliseconds. */
export interface WorkerSettings {
  readonly concurrency: number;
  /** A job whose worker has renewed nothing for this long may be taken by another. */
  readonly lockMs: number;
  /** How often a worker looks for jobs whose worker died. */
  readonly stalledCheckMs: number;
}

/** What a worker does and whom it tells. */
export interface WorkerEvents {
  /** `lost` fires when another worker may have taken the job. */
  readonly run: (job: Job, lost: AbortSignal) => Promise<void>;
  readonly onCompleted: (job: Job) => void;
  readonly onFailed: (job: Job, error: Error) => void;
  /** A worker died in this job; it waits again. */
  readonly onStalled: (id: string) => void;
  readonly onError: (error: unknown) => void;
}

/** A queue that takes jobs. */
export interface OpenQueue {
  add(name: string, data: object, options: JobsOptions): Promise<unknown>;
  upsertJobScheduler(
    id: string,
    repeat: { readonly every: number },
    template: { name: string; data: object; opts: JobsOptions },
  ): Promise<unknown>;
  /** Jobs in these states, in the order of the queue, from the `start`-th to the `end`-th one of each state. */
  getJobs(states: JobType[], start: number, end: number): Promise<readonly (Job | undefined)[]>;
  close(): Promise<void>;
}

/** A worker of one queue. */
export interface OpenWorker {
  waitUntilReady(): Promise<unknown>;
  /** Takes jobs until it is closed. */
  run(): Promise<void>;
  /** Takes no more jobs and waits until those that run have ended and are recorded. */
  pause(): Promise<void>;
  /** With `force` it waits for no job and takes no leave of the backend. */
  close(force: boolean): Promise<void>;
}

/** The queue does not answer. Nothing was refused: the same call may succeed later. */
export class QueueUnavailableError extends Error {
  constructor(cause: unknown) {
    super('The job queue does not answer.', { cause });
    this.name = 'QueueUnavailableError';
  }
}

/**
 * Where the jobs wait: in Postgres, or in Redis when there is a REDIS_URL. BullMQ itself is loaded when the first queue
 * is opened, so that a process that enqueues nothing does not carry it.
 */
export abstract class QueueBackend {
  /** @throws Error when no job could be enqueued now. May take as long as the driver waits. */
  abstract ping(): Promise<void>;

  /**
   * Grows when the connection was lost and made again: what the queue held may be gone, even if nobody asked it meanwhile.
   */
  connections(): number {
    return 0;
  }

  /** A queue that is ready to take jobs; the caller closes it. @throws Error when the backend does not answer. */
  abstract openQueue(name: string, onError: (error: unknown) => void): Promise<OpenQueue>;

  /** A worker that does not run yet; the caller closes it. Once it runs it outlives an absence of the backend. */
  abstract openWorker(name: string, events: WorkerEvents, settings: WorkerSettings): Promise<OpenWorker>;

  /** Ends the connections that belong to no queue and no worker. */
  abstract close(): Promise<void>;
}

/** Options of every worker. */
export function workerOptions(settings: WorkerSettings) {
  return {
    autorun: false,
    concurrency: settings.concurrency,
    lockDuration: settings.lockMs,
    stalledInterval: settings.stalledCheckMs,
    // How often a job may take its worker with it before it counts as the culprit.
    maxStalledCount: 3,
    // The default of 15 s would be the time that every job waits after the backend has come back.
    runRetryDelay: 1_000,
  };
}

/** Every worker has listeners before it has a connection. */
export function listen<W extends EventEmitter>(worker: W, events: WorkerEvents): W {
  worker.on('error', events.onError);
  worker.on('stalled', events.onStalled);
  worker.on('completed', events.onCompleted);
  worker.on('failed', (job: Job | undefined, error: Error) => {
    if (job !== undefined) events.onFailed(job, error);
  });
  return worker;
}
