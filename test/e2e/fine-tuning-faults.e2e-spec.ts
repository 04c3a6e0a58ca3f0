import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';
import { checkpointsAt, filesAt, jobsAt, startTuningFront, type TuningFront } from '../support/tuning-front.js';
import { TuningBench } from '../support/tuning.js';

const upload = /^POST \/v1\/files$/;
const create = /^POST \/v1\/fine_tuning\/jobs$/;
const follow = /^GET \/v1\/fine_tuning\/jobs\/ftjob-[^/]+$/;
const events = /^GET \/v1\/fine_tuning\/jobs\/[^/]+\/events/;
const content = /^GET \/v1\/files\/[^/]+\/content$/;
const remove = /^DELETE \/v1\/models\//;

let bench: TuningBench;
let front: TuningFront;
let worker: ProductProcess;

beforeAll(async () => {
  bench = await TuningBench.start({ GT_UPSTREAM_FIRST_BYTE_MS: '1500', GT_UPSTREAM_IDLE_MS: '1500' });
  front = await startTuningFront(bench.files.platform.sandbox);
  await bench.connection({ base_url: front.url, auth: { mode: 'header_token', token: 'sandbox-secret-token-4242' } });
  worker = await bench.files.worker();
});
afterAll(async () => {
  await bench.close();
  await front.close();
});
afterEach(() => front.heal());

const leaks = /org-abc123|127\.0\.0\.1|sandbox-secret|provider\.internal/;

const passing = [
  ['is overloaded when a file is copied', upload, { status: 500 }],
  ['cuts the connection when a file is copied', upload, 'cut'],
  ['has taken a file, and does not answer', upload, 'after'],
  ['answers with garbage when a file is copied', upload, { status: 200, body: '{"hello"' }],
  ['has too many requests when the job is made', create, { status: 429 }],
  ['has made the job, and does not answer', create, 'after'],
  ['answers 401 when it is asked how far the job is', follow, { status: 401 }],
  ['answers 500 when it is asked how far the job is', follow, { status: 500 }],
  ['answers with garbage when it is asked what has happened', events, { status: 200, body: '<html>' }],
  ['cuts the result file', content, 'cut'],
] as const;
/** `npm run test:soak` has them all; else one at each step, of each kind. */
const sample = passing.filter(
  ([name]) =>
    process.env['GT_TEST_SOAK'] === '1' || /^is overloaded|^has made|answers 401|what has happened|result file/.test(name),
);

describe('a provider that fails for a while', () => {
  it.each(sample)(
    '%s: the job succeeds, and is made once',
    async (_name, asked, fault) => {
      front.fail(asked, fault, 2);
      const { id } = await bench.create();
      const job = await bench.ended(id, 45_000);
      await bench.done(id);
      const { sandbox } = bench.files.platform;
      expect([job.status, job.error, (await jobsAt(sandbox, id)).length, job.result_files.length]).toEqual([
        'succeeded',
        null,
        1,
        1,
      ]);
      expect((await filesAt(sandbox)).filter(({ filename }) => filename.includes(id))).toEqual([]);
    },
    60_000,
  );

  it('hangs when it is asked how far the job is: others are not held up', async () => {
    front.fail(follow, 'hang', 1);
    const jobs = await Promise.all([bench.create(), bench.create()]);
    for (const { id } of jobs) expect((await bench.ended(id, 45_000)).status).toBe('succeeded');
  }, 60_000);
});

it('tells what it made between two questions by the platform’s names', async () => {
  const { sandbox } = bench.files.platform;
  const { id } = await bench.create();
  const theirs = await until('the provider has it', async () => (await jobsAt(sandbox, id))[0]?.id);
  await until('the provider is half way', async () => (await checkpointsAt(sandbox, theirs)).length === 1);
  const goOn = front.hold(events);
  await until('the provider is done', async () => (await jobsAt(sandbox, id))[0]?.status === 'succeeded');
  goOn();
  const job = await bench.ended(id, 45_000);
  const told = (await bench.client.fineTuning.jobs.listEvents(id, { limit: 100 })).data.map(({ message }) => message);
  expect(told.filter((message) => message.includes('[removed]'))).toEqual([]);
  expect(told.join(' ')).toContain(job.fine_tuned_model);
}, 60_000);

describe('a provider that does not do it', () => {
  it.each([
    ['refuses the file', upload, { status: 400 }, 'invalid_request'],
    ['refuses the job', create, { status: 400 }, 'invalid_request'],
    ['does not take the credentials', upload, { status: 401 }, 'server_error'],
    ['fails each time', create, { status: 500 }, 'server_error'],
    ['knows nothing of fine-tuning', create, { status: 404 }, 'server_error'],
  ] as const)(
    '%s: the job fails, and says so without its words of the inside',
    async (_name, asked, fault, code) => {
      front.fail(asked, fault, 1000);
      const { id } = await bench.create();
      const job = await bench.ended(id, 45_000);
      front.heal();
      await bench.done(id);
      expect([job.status, job.error?.code, job.fine_tuned_model]).toEqual(['failed', code, null]);
      expect(job.error?.message).not.toMatch(leaks);
      expect(job.error?.message.length).toBeGreaterThan(10);
      const { sandbox } = bench.files.platform;
      expect(await jobsAt(sandbox, id)).toEqual([]);
      expect((await filesAt(sandbox)).filter(({ filename }) => filename.includes(id))).toEqual([]);
    },
    60_000,
  );

  it('ends a job by itself: its reason is shown with the ids of the platform', async () => {
    const { id, training_file } = await bench.create({}, '[[refuse]]');
    const job = await bench.ended(id);
    expect([job.status, job.error]).toEqual([
      'failed',
      { code: 'invalid_training_file', param: 'training_file', message: `The file ${training_file} is of no use to [removed].` },
    ]);
  });

  it('is told to a client who cancels, and the job goes on', async () => {
    const { id } = await bench.create({}, '[[stall:60000]]');
    await bench.untilJob(id, 'runs', ({ status }) => status === 'running');
    for (const [fault, expected] of [
      [{ status: 500 }, { status: 502, code: 'upstream_error' }],
      [{ status: 401 }, { status: 502, code: 'upstream_error' }],
      [{ status: 429 }, { status: 429, code: 'rate_limit_exceeded' }],
      [{ status: 400 }, { status: 400, code: 'invalid_request' }],
      ['cut', { status: 502, code: 'upstream_error' }],
    ] as const) {
      front.fail(/\/cancel$/, fault);
      const error = await bench.client.fineTuning.jobs.cancel(id).catch((caught: unknown) => caught);
      expect(error).toMatchObject(expected);
      expect(String((error as Error).message)).not.toMatch(leaks);
    }
    expect((await bench.client.fineTuning.jobs.retrieve(id)).status).toBe('running');
    expect((await bench.client.fineTuning.jobs.cancel(id)).status).toBe('cancelled');
  }, 60_000);
});

describe('a job that is cancelled', () => {
  it('before it is at its provider is cancelled at once, and never made', async () => {
    front.fail(upload, { status: 503 }, 1000);
    const { id } = await bench.create();
    await until('the provider was asked', () => Promise.resolve(front.count(upload) > 0));
    expect(await bench.client.fineTuning.jobs.cancel(id)).toMatchObject({ status: 'cancelled', finished_at: expect.any(Number) });
    front.heal();
    await bench.done(id);
    expect((await bench.client.fineTuning.jobs.retrieve(id)).status).toBe('cancelled');
    expect(await jobsAt(bench.files.platform.sandbox, id)).toEqual([]);
  }, 60_000);

  it('while nobody knows whether the provider has made it, is cancelled there too', async () => {
    front.fail(create, 'after');
    front.fail(/^GET \/v1\/fine_tuning\/jobs\?/, { status: 500 }, 3);
    const { id } = await bench.create({}, '[[stall:60000]]');
    const { sandbox } = bench.files.platform;
    await until('the provider has made it', async () => (await jobsAt(sandbox, id)).length === 1);
    expect((await bench.client.fineTuning.jobs.cancel(id)).status).toBe('cancelled');
    await bench.done(id);
    expect((await jobsAt(sandbox, id)).map(({ status }) => status)).toEqual(['cancelled']);
    expect((await bench.client.fineTuning.jobs.retrieve(id)).status).toBe('cancelled');
  }, 60_000);
});

describe('the deletion of a model', () => {
  it('that the provider does not do at once is done by a worker', async () => {
    const { id } = await bench.create();
    const model = (await bench.ended(id, 45_000)).fine_tuned_model ?? '';
    await bench.done(id);
    front.fail(remove, { status: 500 }, 3);
    await expect(bench.client.models.delete(model)).rejects.toMatchObject({ status: 502, code: 'upstream_error' });
    await until('the model is gone', async () => (await bench.row(id))['model_state'] === 'deleted', 30_000);
    expect(front.count(remove)).toBeGreaterThan(3);
    expect(await bench.client.models.delete(model)).toMatchObject({ deleted: true });
  }, 90_000);
});

describe('what a provider is known by', () => {
  it('stands in no reply, event or line of a log, after all that has gone wrong', async () => {
    const { client } = bench;
    const told: unknown[] = [];
    const ids: string[] = [];
    for await (const job of client.fineTuning.jobs.list({ limit: 100 })) {
      ids.push(job.id);
      told.push(job, await client.fineTuning.jobs.retrieve(job.id));
      for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 100 })) told.push(event);
      for await (const checkpoint of client.fineTuning.jobs.checkpoints.list(job.id)) told.push(checkpoint);
    }
    for await (const file of client.files.list()) told.push(file);
    for await (const model of client.models.list()) told.push(model);
    told.push((await bench.files.call(bench.key.secret, 'GET', '/usage?limit=100')).body);
    const rows = await Promise.all(ids.map((id) => bench.row(id)));
    const columns = ['provider_job', 'provider_model', 'training_copy', 'validation_copy', 'base_model'] as const;
    const known = rows.flatMap((row) => [...columns.map((name) => row[name]), ...(row['result_sources'] as unknown[])]);
    const { sandbox } = bench.files.platform;
    const addresses = [new URL(front.url).host, `127.0.0.1:${sandbox.port}`, 'provider.internal'];
    const secrets = ['sandbox-secret-token-4242', 'org-abc123', 'sandbox-org', ...addresses];
    const canaries = new Set([
      ...secrets,
      ...known.filter((value): value is string => typeof value === 'string' && value !== ''),
    ]);
    expect([ids.length > 15, canaries.size > 25]).toEqual([true, true]);
    const replies = JSON.stringify(told);
    expect([...canaries].filter((canary) => replies.includes(canary))).toEqual([]);
    const printed = JSON.stringify(worker.lines);
    expect([...canaries].filter((canary) => printed.includes(canary))).toEqual([]);
    expect(worker.lines.length).toBeGreaterThan(15);
  });
});
