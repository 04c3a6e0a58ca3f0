import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesAt, jobsAt } from '../support/tuning-front.js';
import { TuningBench } from '../support/tuning.js';

/** Where a worker dies, and how the job ends all the same. */
const deaths = [
  { point: 'tuning.before-copy', end: 'succeeded', made: 1 },
  { point: 'tuning.after-copy', end: 'succeeded', made: 1 },
  { point: 'tuning.after-mark', end: 'failed', made: 0 },
  { point: 'tuning.after-create', end: 'succeeded', made: 1 },
  { point: 'tuning.after-result', end: 'succeeded', made: 1 },
  { point: 'tuning.before-end', end: 'succeeded', made: 1 },
] as const;

/** `npm run test:soak` kills at each of them; else where a job may be made twice: before and behind its making. */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const sample = deaths.filter(({ point }) => isSoak || /after-mark|after-create/.test(point));

let bench: TuningBench;

beforeAll(async () => {
  bench = await TuningBench.start();
}, 60_000);
afterAll(() => bench.close());

describe('a worker that is killed with a fine-tuning job', () => {
  it.each(sample)(
    'at $point: the job ends as $end, and the provider has made $made',
    async ({ point, end, made }) => {
      const { sandbox } = bench.files.platform;
      const dying = await bench.files.worker({ GT_FAULT_POINT: point });
      const { id } = await bench.create({ suffix: 'kill' });
      expect(await dying.ended).toBe('SIGKILL');
      const worker = await bench.files.worker();
      const job = await bench.ended(id, 60_000);
      await bench.done(id);
      expect([job.status, job.error?.code ?? null]).toEqual([end, end === 'failed' ? 'server_error' : null]);
      expect(await jobsAt(sandbox, id)).toHaveLength(made);
      expect(job.result_files).toHaveLength(made);
      expect((await filesAt(sandbox)).filter(({ filename }) => filename.includes(id))).toEqual([]);
      const events = (await bench.client.fineTuning.jobs.listEvents(id, { limit: 100 })).data;
      expect(new Set(events.map(({ message }) => message)).size).toBe(events.length);
      const results = await bench.client.files.list({ purpose: 'fine-tune-results' as never });
      expect(results.data.map((file) => file.id)).toEqual(expect.arrayContaining(job.result_files));
      await worker.stop();
    },
    120_000,
  );

  it('keeps one result file for each that the provider has', async () => {
    const results = await bench.client.files.list({ purpose: 'fine-tune-results' as never });
    const jobs = await bench.client.fineTuning.jobs.list({ limit: 100 });
    expect(results.data.map(({ id }) => id).sort()).toEqual(jobs.data.flatMap((job) => job.result_files).sort());
  });
});

describe('an API that is killed behind the row of a job', () => {
  it('has made a job, which a worker does', async () => {
    const training = await bench.training();
    const dying = await bench.files.api({ GT_FAULT_POINT: 'tuning.after-row' });
    const body = { model: 'raw-chat', training_file: training, metadata: { from: 'the dead' } };
    await expect(bench.files.call(bench.key.secret, 'POST', '/fine_tuning/jobs', body, dying)).rejects.toThrow();
    expect(await dying.ended).toBe('SIGKILL');
    await bench.files.worker();
    const [job] = (await bench.client.fineTuning.jobs.list({ metadata: { from: 'the dead' } })).data;
    expect((await bench.ended(job?.id ?? '', 60_000)).status).toBe('succeeded');
  }, 120_000);
});
