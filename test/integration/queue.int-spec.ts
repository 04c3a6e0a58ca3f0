import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import type { JobCatalogue } from '../../src/contracts/jobs.js';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js';
import { JobQueue } from '../../src/platform/queue/job-queue.js';
import { JobLaterError, type JobHandlers, type JobRun } from '../../src/platform/queue/job-run.js';
import { JobWorkers, type JobReport } from '../../src/platform/queue/job-workers.js';
import { PostgresBackend } from '../../src/platform/queue/postgres-backend.js';
import { QueueUnavailableError, type QueueBackend } from '../../src/platform/queue/queue-backend.js';
import { RedisBackend } from '../../src/platform/queue/redis-backend.js';
import { compileSource } from '../support/compile-source.js';
import { createTestDatabase, runFolder, type TestDatabase } from '../support/postgres.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const retry = { attempts: 1, backoffMs: 1 };
const payload = z.object({ text: z.string(), tenantId: z.string().optional() });

const catalogue = {
  queues: { main: { concurrency: 1 }, killed: { concurrency: 1 }, ticks: { concurrency: 1 } },
  jobs: {
    'test.note': { queue: 'main', payload, retry, timeoutMs: 60_000 },
    'test.flaky': { queue: 'main', payload, retry: { attempts: 3, backoffMs: 50 }, timeoutMs: 60_000 },
    'test.slow': { queue: 'main', payload, retry, timeoutMs: 200 },
    'test.killed': { queue: 'killed', payload: z.object({ text: z.string() }), retry, timeoutMs: 60_000 },
    'test.tick': { queue: 'ticks', payload: z.object({}), retry, timeoutMs: 60_000, schedule: { everyMs: 400 } },
  },
} as const satisfies JobCatalogue;

type Handlers = JobHandlers<typeof catalogue>;

interface Place {
  readonly kind: 'postgres' | 'redis';
  readonly address: string;
  backend(): QueueBackend;
}

const worker = fileURLToPath(new URL('../fixtures/job-worker.mjs', import.meta.url));
const nothing = (): Promise<void> => Promise.resolve();

/** What holds wherever the jobs wait. */
function guarantees(place: () => Place): void {
  const errors: unknown[] = [];
  const toClose: (() => Promise<void>)[] = [];
  let queue: JobQueue<typeof catalogue>;

  beforeAll(() => {
    queue = new JobQueue(catalogue, place().backend(), (error) => errors.push(error));
  });
  afterAll(() => queue.close());
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
    expect(errors.splice(0)).toEqual([]);
  });

  /** Workers of this process; `reports` fills as runs end. */
  function work(handlers: Partial<Handlers>) {
    const reports: JobReport[] = [];
    const backend = place().backend();
    const own = new JobQueue(catalogue, backend, (error) => errors.push(error));
    const all: Handlers = {
      'test.note': nothing,
      'test.flaky': nothing,
      'test.slow': nothing,
      'test.killed': nothing,
      'test.tick': nothing,
      ...handlers,
    };
    const workers = new JobWorkers({
      catalogue,
      backend,
      queue: own,
      handlers: all,
      onReport: (report) => void (report.job === 'test.tick' || reports.push(report)),
      onError: (error) => errors.push(error),
      times: { lockMs: 1_500, stalledCheckMs: 500 },
    });
    toClose.push(() => own.close());
    toClose.push(() => workers.stop(5_000));
    return { workers, reports };
  }

  it('runs an enqueued job with its parsed payload, and reports it with its tenant', async () => {
    const seen: unknown[] = [];
    const { workers, reports } = work({
      'test.note': (given, { id, attempt }) => {
        seen.push({ ...given, id, attempt });
        return Promise.resolve();
      },
    });
    await workers.start();
    await queue.enqueue('test.note', { text: 'hello', tenantId: 'ten_a', ...{ unknown: 1 } }, { jobId: 'file-abc-1' });
    const [report] = await until('the job is reported', () => reports.length === 1 && reports);
    expect(seen).toEqual([{ text: 'hello', tenantId: 'ten_a', id: 'file-abc-1', attempt: 1 }]);
    expect(report).toEqual({
      job: 'test.note',
      id: 'file-abc-1',
      tenantId: 'ten_a',
      attempt: 1,
      ms: expect.any(Number),
      willRetry: false,
    });
  });

  it('runs a job id once while it waits, and again when it has ended', async () => {
    const texts: string[] = [];
    for (const text of ['first', 'second', 'third']) await queue.enqueue('test.note', { text }, { jobId: 'one-id' });
    const { workers, reports } = work({
      'test.note': ({ text }) => {
        texts.push(text);
        return Promise.resolve();
      },
    });
    await workers.start();
    await until('the first has run', () => reports.length === 1);
    await queue.enqueue('test.note', { text: 'again' }, { jobId: 'one-id' });
    await until('the second has run', () => reports.length === 2);
    expect(texts).toEqual(['first', 'again']);
  });

  it('takes jobs in the order of their priority', async () => {
    const texts: string[] = [];
    for (const priority of [30, 10, 20]) await queue.enqueue('test.note', { text: String(priority) }, { priority });
    const { workers } = work({
      'test.note': ({ text }) => {
        texts.push(text);
        return Promise.resolve();
      },
    });
    await workers.start();
    await until('all have run', () => texts.length === 3);
    expect(texts).toEqual(['10', '20', '30']);
  });

  it('forgets the jobs of a tenant that wait, and no others; those that run are counted', async () => {
    const texts: string[] = [];
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const { workers } = work({
      'test.note': async ({ text }) => {
        texts.push(text);
        if (text === 'runs') await held;
      },
    });
    await workers.start();
    await queue.enqueue('test.note', { text: 'runs', tenantId: 'ten_gone' });
    await until('it runs', () => texts.length === 1);
    for (const priority of [1, 2]) await queue.enqueue('test.note', { text: 'waits', tenantId: 'ten_gone' }, { priority });
    await queue.enqueue('test.note', { text: 'waits too', tenantId: 'ten_gone' });
    await queue.enqueue('test.note', { text: 'stays', tenantId: 'ten_other' });
    expect(await queue.forget('ten_gone')).toBe(1);
    end();
    await until('the other has run', () => texts.includes('stays'));
    expect(texts).toEqual(['runs', 'stays']);
    expect(await queue.forget('ten_gone')).toBe(0);
  });

  it('tries a failed job again as often as its row says, and says so in the reports', async () => {
    const { workers, reports } = work({
      'test.flaky': ({ text }, { attempt }) =>
        text === 'never' || attempt < 3 ? Promise.reject(new Error(`no ${attempt}`)) : Promise.resolve(),
    });
    await workers.start();
    await queue.enqueue('test.flaky', { text: 'third time' });
    await until('it has run three times', () => reports.length === 3);
    await queue.enqueue('test.flaky', { text: 'never' });
    await until('the other has run three times', () => reports.length === 6);
    expect(reports.map(({ attempt, willRetry, error }) => [attempt, willRetry, error?.message])).toEqual([
      [1, true, 'no 1'],
      [2, true, 'no 2'],
      [3, false, undefined],
      [1, true, 'no 1'],
      [2, true, 'no 2'],
      [3, false, 'no 3'],
    ]);
  });

  it('runs a job again later that asks for it, behind the others, without counting the attempt', async () => {
    const seen: unknown[] = [];
    const { workers, reports } = work({
      'test.note': ({ text }, { attempt }) => {
        seen.push([text, attempt]);
        return seen.length === 1 ? Promise.reject(new JobLaterError(300)) : Promise.resolve();
      },
    });
    await queue.enqueue('test.note', { text: 'put off' });
    await queue.enqueue('test.note', { text: 'next' });
    await workers.start();
    await until('both are reported', () => reports.length === 2);
    expect(seen).toEqual([
      ['put off', 1],
      ['next', 1],
      ['put off', 1],
    ]);
    expect(reports.map(({ error }) => error)).toEqual([undefined, undefined]);
  });

  it("fails a run that takes longer than its row's time and tells it by its signal", async () => {
    let signal: AbortSignal | undefined;
    const { workers, reports } = work({
      'test.slow': (_payload, run) => {
        signal = run.signal;
        return new Promise(() => undefined);
      },
    });
    await workers.start();
    await queue.enqueue('test.slow', { text: '' });
    const [report] = await until('it is reported', () => reports.length === 1 && reports);
    expect(report?.error?.message).toBe('Not done within 200 ms.');
    expect(signal?.aborted).toBe(true);
  });

  it('lets a running job end when it stops in time', async () => {
    let end: (() => void) | undefined;
    const { workers, reports } = work({ 'test.note': () => new Promise((resolve) => (end = () => resolve())) });
    await workers.start();
    await queue.enqueue('test.note', { text: '' });
    await until('it runs', () => end);
    const stopped = workers.stop(10_000);
    end?.();
    await stopped;
    expect(reports.map(({ error }) => error)).toEqual([undefined]);
  });

  it('gives a job back at once when it stops before the job has ended, without counting the attempt', async () => {
    const run = new Promise<JobRun>((resolve) => {
      const { workers } = work({
        'test.note': (_payload, given) => {
          resolve(given);
          return new Promise(() => undefined);
        },
      });
      toClose.pop();
      void workers
        .start()
        .then(() => queue.enqueue('test.note', { text: '' }))
        .then(() => until('it runs', () => run))
        .then(() => workers.stop(0));
    });
    expect((await run).attempt).toBe(1);
    const { workers: others, reports } = work({});
    await others.start();
    await until('another worker has run it', () => reports.length === 1);
    expect(reports[0]?.attempt).toBe(1);
  });

  it('lets a job that hears of the stop put its things in order, before another worker has it', async () => {
    const order: string[] = [];
    const { workers } = work({
      'test.note': async (_payload, { signal }) => {
        order.push('begun');
        await once(signal, 'abort');
        for (let turn = 0; turn < 50; turn += 1) await queue.ping();
        order.push('in order');
        signal.throwIfAborted();
      },
    });
    toClose.pop();
    await workers.start();
    await queue.enqueue('test.note', { text: '' });
    await until('it runs', () => order.length === 1);
    await workers.stop(0);
    expect(order).toEqual(['begun', 'in order']);
    const { workers: others, reports } = work({});
    await others.start();
    await until('another worker has run it', () => reports.length === 1);
    expect(reports[0]).toMatchObject({ attempt: 1, willRetry: false });
  });

  it('refuses payloads and ids that the catalogue does not allow, before anything is enqueued', async () => {
    await expect(queue.enqueue('test.note', { text: 1 as unknown as string })).rejects.toThrow(z.ZodError);
    for (const jobId of ['a:b', '7', '', 'a b', '-a'])
      await expect(queue.enqueue('test.note', { text: '' }, { jobId })).rejects.toThrow(RangeError);
    const { workers, reports } = work({});
    await workers.start();
    await queue.enqueue('test.note', { text: 'the only one' });
    await until('it has run', () => reports.length > 0);
    expect(reports).toHaveLength(1);
  });

  it('starts scheduled jobs at their times, one at a time, however many processes set the schedule', async () => {
    const times: number[] = [];
    const tick = () => {
      times.push(Date.now());
      return Promise.resolve();
    };
    const both = [work({ 'test.tick': tick }), work({ 'test.tick': tick })];
    const started = Date.now();
    for (const { workers } of both) await workers.start();
    for (let round = 0; round < 20; round += 1) await queue.schedule();
    await until('it has come five times', () => times.length >= 5);
    expect(times.length).toBeLessThanOrEqual((Date.now() - started) / 400 + 2);
  });

  it('runs a job again whose worker was killed by kill -9, and ends it once', async () => {
    const folder = await mkdtemp(join(runFolder(), 'job-worker-'));
    const notes = join(folder, 'notes');
    await compileSource(join(folder, 'compiled'), ['platform/queue']);
    const start = async (what: string): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [worker, join(folder, 'compiled'), place().kind, place().address, notes, what], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      toClose.push(async () => {
        if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      });
      await once(child.stdout, 'data');
      return child;
    };
    const read = () => readFile(notes, 'utf8').catch(() => '');
    const first = await start('hang');
    await queue.enqueue('test.killed', { text: 'job' });
    await until('the first has begun', async () => (await read()) === 'begun job 1\n');
    first.kill('SIGKILL');
    await start('end');
    await until('the second has ended it', async () => (await read()).endsWith('ended job 1\n'));
    expect(await read()).toBe('begun job 1\nbegun job 1\nended job 1\n');
  });

  it('answers a ping', async () => {
    await queue.ping();
  });
}

describe('the job queue on Postgres', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const backend = () => new PostgresBackend(database.url, pool);

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  describe('wherever the jobs wait', () => guarantees(() => ({ kind: 'postgres', address: database.url, backend })));

  it('opens no connection before the first job, and keeps none when it is idle', async () => {
    const name = 'gt-queue';
    const count = async () => {
      const { rows } = await pool.query<{ count: number }>(
        'select count(*)::integer as count from pg_stat_activity where datname = current_database() and application_name = $1',
        [name],
      );
      return rows[0]?.count;
    };
    await until('the other tests have left', async () => (await count()) === 0);
    const queue = new JobQueue(catalogue, backend(), () => undefined);
    await queue.ping();
    expect(await count()).toBe(0);
    await Promise.all(
      [1, 2, 3, 4, 5].map((number) => queue.enqueue('test.note', { text: String(number) }, { jobId: `idle-${number}` })),
    );
    expect(await count()).toBeLessThanOrEqual(2);
    await until('the connections have ended', async () => (await count()) === 0);
    await queue.close();
  });

  it('works with an address that has options of its own', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c statement_timeout=30000');
    const queue = new JobQueue(catalogue, new PostgresBackend(url.toString(), pool), () => undefined);
    await queue.enqueue('test.note', { text: '' }, { jobId: 'with-options' });
    await queue.close();
  });

  it('comes back by itself when all its connections were cut', async () => {
    const errors: unknown[] = [];
    const reports: JobReport[] = [];
    const queue = new JobQueue(catalogue, backend(), (error) => errors.push(error));
    const handlers: Handlers = {
      'test.note': nothing,
      'test.flaky': nothing,
      'test.slow': nothing,
      'test.killed': nothing,
      'test.tick': nothing,
    };
    const workers = new JobWorkers({
      catalogue,
      backend: backend(),
      queue,
      handlers,
      onReport: (report) => void reports.push(report),
      onError: (error) => errors.push(error),
    });
    await workers.start();
    await queue.enqueue('test.note', { text: '' }, { jobId: 'before-cut' });
    await until('it works', () => reports.some(({ id }) => id === 'before-cut'));
    await pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await until('a job can be enqueued', () => queue.enqueue('test.note', { text: '' }, { jobId: 'after-cut' }).then(() => true));
    await until('it is worked on', () => reports.some(({ id }) => id === 'after-cut'));
    await workers.stop(1_000);
    await queue.close();
  });

  it('outlives a restart of the server, without an error for each turn of a loop', async () => {
    const dataDir = await mkdtemp(join(runFolder(), 'queue-postgres-'));
    const settings = { fsync: 'off' };
    let server = await startEmbeddedPostgres({ dataDir, settings });
    const own = new pg.Pool({ connectionString: server.url, max: 1 });
    own.on('error', () => undefined);
    const reports: JobReport[] = [];
    const errors: unknown[] = [];
    const place = new PostgresBackend(server.url, own);
    const queue = new JobQueue(catalogue, place, () => undefined);
    const handlers: Handlers = {
      'test.note': nothing,
      'test.flaky': nothing,
      'test.slow': nothing,
      'test.killed': nothing,
      'test.tick': nothing,
    };
    const workers = new JobWorkers({
      catalogue,
      backend: place,
      queue,
      handlers,
      onReport: (report) => void reports.push(report),
      onError: (error) => errors.push(error),
      times: { lockMs: 1_500, stalledCheckMs: 500 },
    });
    try {
      await workers.start();
      await server.stop();
      await expect(queue.ping()).rejects.toThrow(QueueUnavailableError);
      server = await startEmbeddedPostgres({ dataDir, settings });
      await until('a job can be enqueued', () =>
        queue.enqueue('test.note', { text: '' }, { jobId: 'after-restart' }).then(() => true),
      );
      await until('it is worked on', () => reports.some(({ id }) => id === 'after-restart'));
      expect(errors.length).toBeLessThan(200);
    } finally {
      await workers.stop(1_000);
      await queue.close();
      await own.end();
      await server.stop();
    }
  });

  it('says at once that it is away', async () => {
    const nowhere = 'postgresql://gt@127.0.0.1:1/gt';
    const unreachable = new pg.Pool({ connectionString: nowhere });
    const queue = new JobQueue(catalogue, new PostgresBackend(nowhere, unreachable), () => undefined);
    await expect(queue.ping()).rejects.toThrow(QueueUnavailableError);
    await expect(queue.enqueue('test.note', { text: '' })).rejects.toThrow(QueueUnavailableError);
    await queue.close();
    await unreachable.end();
  });
});

describeWithRedis('the job queue on Redis', () => {
  let redis: TestRedis;
  const backend = () => new RedisBackend(redis.url);

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  describe('wherever the jobs wait', () => guarantees(() => ({ kind: 'redis', address: redis.url, backend })));

  it('refuses while Redis is away or hangs, without waiting for it, and takes jobs again when it is back', async () => {
    const queue = new JobQueue(catalogue, backend(), () => undefined);
    await redis.stop('SIGKILL');
    await expect(queue.ping()).rejects.toThrow(QueueUnavailableError);
    await expect(queue.enqueue('test.note', { text: '' })).rejects.toThrow(QueueUnavailableError);
    await redis.start();
    await until('a job can be enqueued', () =>
      queue.enqueue('test.note', { text: '' }, { jobId: 'after-start' }).then(() => true),
    );
    redis.freeze();
    await expect(queue.ping()).rejects.toThrow(QueueUnavailableError);
    redis.thaw();
    await until('it answers', () => queue.ping().then(() => true));
    await redis.stop('SIGKILL');
    await expect(queue.enqueue('test.note', { text: '' })).rejects.toThrow(QueueUnavailableError);
    await redis.start();
    await until('it answers again', () => queue.ping().then(() => true));
    await queue.close();
  });

  it('a worker that started before Redis works when Redis has come, and again after a crash of Redis', async () => {
    const reports: JobReport[] = [];
    await redis.stop();
    const queue = new JobQueue(catalogue, backend(), () => undefined);
    const handlers: Handlers = {
      'test.note': nothing,
      'test.flaky': nothing,
      'test.slow': nothing,
      'test.killed': nothing,
      'test.tick': nothing,
    };
    const workers = new JobWorkers({
      catalogue,
      backend: backend(),
      queue,
      handlers,
      onReport: (report) => void reports.push(report),
      onError: () => undefined,
    });
    const started = workers.start();
    await redis.start();
    await started;
    for (const jobId of ['first', 'after-crash']) {
      await until('it is enqueued', () => queue.enqueue('test.note', { text: '' }, { jobId }).then(() => true));
      await until('it is worked on', () => reports.some(({ id }) => id === jobId));
      await redis.stop('SIGKILL');
      await redis.start();
    }
    await workers.stop(1_000);
    await queue.close();
  });

  it('stops in time although Redis is away', async () => {
    const queue = new JobQueue(catalogue, backend(), () => undefined);
    let isRunning = false;
    const hang = () => {
      isRunning = true;
      return new Promise<void>(() => undefined);
    };
    const handlers: Handlers = {
      'test.note': hang,
      'test.flaky': nothing,
      'test.slow': nothing,
      'test.killed': nothing,
      'test.tick': nothing,
    };
    const workers = new JobWorkers({
      catalogue,
      backend: backend(),
      queue,
      handlers,
      onReport: () => undefined,
      onError: () => undefined,
    });
    await workers.start();
    await queue.enqueue('test.note', { text: '' });
    await until('it runs', () => isRunning);
    await redis.stop('SIGKILL');
    await workers.stop(200);
    await queue.close();
    await redis.start();
  });
});
