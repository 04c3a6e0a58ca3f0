import { z } from 'zod';

/** One kind of job: what it carries, how it is retried, how long it may run, and when it runs by itself. */
export interface JobRow {
  /** The queue it waits in, one of the catalogue's `queues`. */
  readonly queue: string;
  /**
   * Ids, never data: the rows are the truth. Jobs of older builds are in flight while a new one starts, so a new field
   * is optional and an unknown one is dropped. A field `tenantId` is written to the log of each run.
   */
  readonly payload: z.ZodObject;
  /** All runs together, and the pause before the second one in milliseconds; it doubles with each further one. */
  readonly retry: { readonly attempts: number; readonly backoffMs: number };
  /** A run that takes longer is asked to stop and counts as failed. */
  readonly timeoutMs: number;
  /** For jobs that the platform starts itself, with an empty payload; however many workers run, one job each time. */
  readonly schedule?: { readonly everyMs: number };
}

/** All kinds of jobs of a platform and the queues they wait in. Names may hold no colon. */
export interface JobCatalogue {
  /** How many jobs of a queue one worker process runs at a time. Long jobs get a queue of their own. */
  readonly queues: Readonly<Record<string, { readonly concurrency: number }>>;
  readonly jobs: Readonly<Record<string, JobRow>>;
}

/** The names of a catalogue's jobs. */
export type NameOf<C extends JobCatalogue> = keyof C['jobs'] & string;

/** What a run of the job is given: the parsed payload. */
export type PayloadOf<C extends JobCatalogue, N extends NameOf<C>> = z.output<C['jobs'][N]['payload']>;

/** What a producer gives. */
export type PayloadInputOf<C extends JobCatalogue, N extends NameOf<C>> = z.input<C['jobs'][N]['payload']>;

/**
 * THE job catalogue: every job that the API enqueues or the worker runs. A new job starts as a row here and a class
 * with `@Processes(name)` in `worker/processors/`; the worker does not start while one of them is missing.
 */
export const jobCatalogue = {
  queues: {
    platform: { concurrency: 3 },
    /** Each run waits mostly for its parser's process and for the provider. */
    files: { concurrency: 4 },
    /** Each run waits for a tenant's own receiver. */
    webhooks: { concurrency: 8 },
    /** Each run waits for a provider. */
    responses: { concurrency: 16 },
    /** Each run sees to one batch; how many of its requests run at once is for GT_BATCH_PLACES to say. */
    batches: { concurrency: 32 },
    /** Each run copies a file, or asks a provider how far a job is. */
    tuning: { concurrency: 8 },
    /** Each run may take minutes, and reads and deletes all the time. */
    erasures: { concurrency: 1 },
    /** Each run calls the platform's own API, one call after the other. */
    runbooks: { concurrency: 4 },
  },
  jobs: {
    /** Removes what has expired: old rows of the change feed, secrets whose rotation is over, answers of Idempotency-Keys, responses, thoughts, how connections fared, limits that nobody asks for. Tells of budgets that have reached a threshold and were not told of. */
    'platform.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 50_000,
      schedule: { everyMs: 60_000 },
    },
    /** Makes committed rows of the audit links of their chains, and writes to the object store where those end. */
    'audit.seal': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** Removes all of a tenant that an operator has erased, and proves that nothing is left. The erasure's row says whether that is to be done. */
    'erasure.run': {
      queue: 'erasures',
      payload: z.object({ erasureId: z.string() }),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 3_600_000,
    },
    /** Queues erasures that are due. */
    'erasures.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** Tells tenants of keys that end soon, or have ended. */
    'keys.ending': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Removes conversations that were not touched for longer than their tenant keeps them. */
    'conversations.expire': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 600_000,
      schedule: { everyMs: 3_600_000 },
    },
    /** Removes what clients asked to store once their tenant's days are over. */
    'stored.expire': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 600_000,
      schedule: { everyMs: 3_600_000 },
    },
    /** One attempt at a file. The file's row says what is to be done; a run that finds nothing to do ends at once. */
    'file.process': {
      queue: 'files',
      payload: z.object({ tenantId: z.string(), fileId: z.string() }),
      retry: { attempts: 6, backoffMs: 3_000 },
      timeoutMs: 3_600_000,
    },
    /** The same for an ingestion beside the file's own: the file for a further target. */
    'ingestion.process': {
      queue: 'files',
      payload: z.object({ tenantId: z.string(), ingestionId: z.string() }),
      retry: { attempts: 6, backoffMs: 3_000 },
      timeoutMs: 3_600_000,
    },
    /** Queues files that a crash left without a job. */
    'files.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 25_000,
      schedule: { everyMs: 30_000 },
    },
    /** Removes files whose time is over. */
    'files.expire': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Ends uploads in parts that stayed open for too long. */
    'uploads.expire': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Removes contents whose files are gone. */
    'files.orphans': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 600_000,
      schedule: { everyMs: 900_000 },
    },
    /** Gives passages of an older release the words by which they are looked up. */
    'passages.words': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Makes the partitions of usage for the months to come, and for months of which rows have come without one. */
    'usage.months': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 300_000,
      schedule: { everyMs: 3_600_000 },
    },
    /** Makes the days of the request log that come, and removes those that are over and what tenants keep no longer. */
    'requests.days': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 300_000,
      schedule: { everyMs: 3_600_000 },
    },
    /** Adds up what the last minute's calls sum up to, and brings rows of the release before over. */
    'usage.sums': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Moves vectors that an older release stored with their passages into the table of vectors. */
    'passages.vectors': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Measures, once a day for each, how much the searches of large datasets find. */
    'vectors.recall': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 1_800_000,
      schedule: { everyMs: 3_600_000 },
    },
    /** Makes a response that nobody waits for. Its row says what is to be done; a run that finds nothing to do ends at once. */
    'response.run': {
      queue: 'responses',
      payload: z.object({ tenantId: z.string(), responseId: z.string() }),
      retry: { attempts: 6, backoffMs: 3_000 },
      timeoutMs: 3_600_000,
    },
    /** Queues responses that a crash left without a job, and ends those whose run died after its call had gone out. */
    'responses.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** Removes what has left vector stores: their files' passages when stores expire or are deleted, and when files are taken away. */
    'vector-stores.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 55_000,
      schedule: { everyMs: 60_000 },
    },
    /** Does what a batch's row says is next: reads the input, makes requests, writes the files. A run that finds nothing to do ends at once. */
    'batch.run': {
      queue: 'batches',
      payload: z.object({ tenantId: z.string(), batchId: z.string() }),
      retry: { attempts: 6, backoffMs: 3_000 },
      timeoutMs: 3_600_000,
    },
    /** Ends batches whose window is over, frees what dead runs held, and calls workers to batches that are not at their end. */
    'batches.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** What a fine-tuning job needs next, and then at its times, until it has ended. Its row says what that is. */
    'fine-tuning.run': {
      queue: 'tuning',
      payload: z.object({ tenantId: z.string(), jobId: z.string() }),
      retry: { attempts: 6, backoffMs: 3_000 },
      timeoutMs: 3_600_000,
    },
    /** Queues fine-tuning jobs that a crash left without a job. */
    'fine-tuning.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** Verifies a runbook. The run's row says whether that is to be done; a job that finds nothing to do ends at once. */
    'runbook.run': {
      queue: 'runbooks',
      payload: z.object({ tenantId: z.string(), runId: z.string() }),
      retry: { attempts: 6, backoffMs: 3_000 },
      timeoutMs: 600_000,
    },
    /** Queues runs of runbooks that a crash left without a job. */
    'runbooks.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** Removes old runs of runbooks. */
    'runbooks.expire': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 600_000,
      schedule: { everyMs: 3_600_000 },
    },
    /** One try at a delivery. Its row says whether one is due, and when the next one is. */
    'webhooks.deliver': {
      queue: 'webhooks',
      payload: z.object({ tenantId: z.string(), deliveryId: z.string() }),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 30_000,
    },
    /** Queues the deliveries of webhooks that are due. */
    'webhooks.sweep': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 4_500,
      schedule: { everyMs: 5_000 },
    },
    /** Removes old deliveries that have ended. */
    'webhooks.expire': {
      queue: 'platform',
      payload: z.object({}),
      retry: { attempts: 1, backoffMs: 1_000 },
      timeoutMs: 600_000,
      schedule: { everyMs: 3_600_000 },
    },
  },
} as const satisfies JobCatalogue;

export type Jobs = typeof jobCatalogue;
export type JobName = NameOf<Jobs>;
export type JobPayload<N extends JobName> = PayloadOf<Jobs, N>;
