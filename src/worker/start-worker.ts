import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import type { Config } from '../config/load-config.js';
import { jobCatalogue, type Jobs } from '../contracts/jobs.js';
import { onSignals } from '../kernel/on-signals.js';
import { BackgroundSweep } from '../modules/background-runs/background-sweep.js';
import { BatchSweep } from '../modules/batch-runs/batch-sweep.js';
import { FileSweepService } from '../modules/files/ingestion/file-sweep.service.js';
import { IsolationGate } from '../modules/system/isolation-gate.js';
import { Log, redact } from '../observability/log.js';
import { NestLog } from '../observability/nest-log.js';
import { Tracing } from '../observability/tracing/tracing.js';
import { JobWorkers, type JobReport } from '../platform/queue/job-workers.js';
import { QueueBackend } from '../platform/queue/queue-backend.js';
import { QueueService } from '../platform/queue/queue.service.js';
import { QuietErrors } from '../platform/queue/quiet-errors.js';
import { handlersOf } from './job-check.js';
import { WorkerModule } from './worker.module.js';

export interface RunningWorker {
  readonly app: INestApplicationContext;
  close(): Promise<void>;
}

/**
 * Starts the worker process: processors against the catalogue, isolation proved, then working. SIGTERM and SIGINT stop
 * it: no new jobs, running ones end within GT_SHUTDOWN_GRACE_MS or go back to their queue.
 * @throws JobTableError, IsolationError, or the database's error.
 */
export async function startWorker(config: Config): Promise<RunningWorker> {
  const app = await NestFactory.createApplicationContext(WorkerModule.with(config), {
    logger: ['error', 'warn'],
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(new NestLog(app.get(Log)));
  const workers = await prepare(app).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const close = stopper(app, workers, config.GT_SHUTDOWN_GRACE_MS);
  const leave = (): void => void close().then(() => process.exit(0));
  const forget = onSignals({ SIGTERM: leave, SIGINT: leave });
  await workers.start().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  app.get(Log).info('working', { pid: process.pid });
  return { app, close: () => close().finally(forget) };
}

async function prepare(app: INestApplicationContext): Promise<JobWorkers<Jobs>> {
  const handlers = handlersOf(app.get(DiscoveryService));
  await app.get(IsolationGate).check();
  const errors = app.get(QuietErrors);
  const log = app.get(Log);
  return new JobWorkers({
    catalogue: jobCatalogue,
    backend: app.get(QueueBackend),
    queue: app.get(QueueService),
    handlers,
    tracing: app.get(Tracing),
    onReport: (report) => writeReport(log, report),
    onError: (error) => errors.report(error),
    onReturn: async (signal) => {
      await app.get(FileSweepService).enqueueLeft(signal, { afterAbsence: true });
      await app.get(BackgroundSweep, { strict: false }).enqueueLeft(signal, { afterAbsence: true });
      await app.get(BatchSweep, { strict: false }).enqueueLeft(signal);
    },
  });
}

function writeReport(log: Log, { job, id, tenantId, attempt, ms, error, willRetry }: JobReport): void {
  const fields = { job, job_id: id, tenant_id: tenantId, attempt, ms };
  if (error === undefined) log.info('job finished', fields);
  else log.warn('job failed', { ...fields, will_retry: willRetry, error: redact(error.message) });
}

/** Jobs end before the modules that they use. */
function stopper(app: INestApplicationContext, workers: JobWorkers<Jobs>, graceMs: number): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= workers.stop(graceMs).then(() => app.close());
    return closing;
  };
}
