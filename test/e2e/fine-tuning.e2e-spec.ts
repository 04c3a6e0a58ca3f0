import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultsOf } from '../support/openai-schema.js';
import { sandboxToken } from '../support/platform.js';
import { TuningBench, type TuningJob } from '../support/tuning.js';

let bench: TuningBench;

beforeAll(async () => {
  bench = await TuningBench.start();
  await bench.files.worker();
}, 60_000);
afterAll(() => bench.close());

/** All that a provider may be known by. */
async function secretsOf(id: string): Promise<string[]> {
  const row = await bench.row(id);
  const names = ['provider_job', 'provider_model', 'training_copy', 'validation_copy', 'base_model'] as const;
  const known = names.flatMap((name) => (typeof row[name] === 'string' ? [row[name]] : []));
  const results = row['result_sources'] as string[];
  const { sandbox } = bench.files.platform;
  return [...known, ...results, 'org-abc123', 'sandbox-org', 'provider.internal', sandboxToken, `127.0.0.1:${sandbox.port}`];
}

describe("OpenAI's client", () => {
  let job: TuningJob;

  it('makes a job, follows it to its end, and calls the model that it has made', async () => {
    const [training, validation] = [await bench.training(), await bench.training()];
    const made = await bench.create({
      training_file: training,
      validation_file: validation,
      suffix: 'Our Support',
      seed: 7,
      metadata: { team: 'one' },
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3 } } },
    });
    expect(made).toMatchObject({
      object: 'fine_tuning.job',
      id: expect.stringMatching(/^ftjob-/),
      model: 'raw-chat',
      status: 'validating_files',
      training_file: training,
      validation_file: validation,
      organization_id: 'acme',
      fine_tuned_model: null,
      finished_at: null,
      result_files: [],
      error: null,
      seed: 7,
      metadata: { team: 'one' },
      hyperparameters: { n_epochs: 3, batch_size: 'auto' },
    });
    expect(faultsOf('FineTuningJob', made)).toEqual([]);
    job = await bench.ended(made.id);
    expect(job).toMatchObject({ status: 'succeeded', error: null, trained_tokens: 1280, result_files: [expect.any(String)] });
    expect(job.fine_tuned_model).toMatch(/^ft:raw-chat:acme:Our-Support:[0-9A-Za-z]{8}$/);
    expect(job.finished_at).toBeGreaterThanOrEqual(made.created_at);
    expect(faultsOf('FineTuningJob', job)).toEqual([]);
    const model = job.fine_tuned_model ?? '';
    const answer = await bench.client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }] });
    expect(answer.model).toBe(model);
    const { gt, ...listed } = (await bench.client.models.retrieve(model)) as never as Record<string, unknown>;
    expect(gt).toMatchObject({ kind: 'raw_model', modalities: expect.arrayContaining(['chat']) });
    expect(listed).toMatchObject({ id: model, object: 'model', owned_by: 'acme' });
    expect((await bench.client.models.list()).data.map(({ id }) => id)).toContain(model);
  });

  it('reads events, checkpoints and result files, with the ids of the platform', async () => {
    const events = await bench.client.fineTuning.jobs.listEvents(job.id, { limit: 100 });
    expect(faultsOf('ListFineTuningJobEventsResponse', { object: 'list', data: events.data, has_more: events.has_more })).toEqual(
      [],
    );
    const messages = events.data.map(({ message }) => message).reverse();
    expect(messages[0]).toBe(`Created fine-tuning job: ${job.id}`);
    expect(messages[1]).toBe(`Validating training file: ${job.training_file} and validation file: ${job.validation_file}`);
    expect(messages).toContain('Fine-tuning job started on raw-chat');
    expect(messages).toContain(`New fine-tuned model created: ${job.fine_tuned_model}`);
    expect(messages).toContain(`Checkpoint created at step 5 with Snapshot ID: ${job.fine_tuned_model}:ckpt-step-5`);
    expect(messages.at(-1)).toBe('The job has successfully completed');
    expect(events.data.find(({ type }) => type === 'metrics')?.data).toMatchObject({ total_steps: 10 });
    const paged: string[] = [];
    for await (const event of bench.client.fineTuning.jobs.listEvents(job.id, { limit: 3 })) paged.push(event.id);
    expect(paged).toEqual(events.data.map(({ id }) => id));
    expect(new Set(paged).size).toBe(paged.length);
    const checkpoints = await bench.client.fineTuning.jobs.checkpoints.list(job.id);
    const { data, has_more } = checkpoints;
    expect(
      faultsOf('ListFineTuningJobCheckpointsResponse', { object: 'list', data, has_more, first_id: null, last_id: null }),
    ).toEqual([]);
    expect(data.map((one) => [one.step_number, one.fine_tuned_model_checkpoint, one.fine_tuning_job_id])).toEqual([
      [10, `${job.fine_tuned_model}:ckpt-step-10`, job.id],
      [5, `${job.fine_tuned_model}:ckpt-step-5`, job.id],
    ]);
    const [file = ''] = job.result_files;
    expect(await bench.client.files.retrieve(file)).toMatchObject({ purpose: 'fine-tune-results', filename: 'step_metrics.csv' });
    expect(await (await bench.client.files.content(file)).text()).toMatch(/^step,train_loss,train_accuracy\n1,/);
  });

  it('is told nothing of the provider, which keeps no copy of the training data', async () => {
    await bench.done(job.id);
    const told = JSON.stringify([
      await bench.client.fineTuning.jobs.retrieve(job.id),
      (await bench.client.fineTuning.jobs.listEvents(job.id, { limit: 100 })).data,
      (await bench.client.fineTuning.jobs.checkpoints.list(job.id)).data,
      (await bench.client.models.list()).data,
    ]);
    const secrets = await secretsOf(job.id);
    expect(secrets.length).toBeGreaterThan(9);
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
    const { sandbox } = bench.files.platform;
    const left = await fetch(`${sandbox.url}/v1/files?purpose=fine-tune`, {
      headers: { authorization: `Bearer ${sandboxToken}` },
    });
    const { data } = (await left.json()) as { data: { filename: string }[] };
    expect(data.filter(({ filename }) => filename.includes(job.id))).toEqual([]);
  });

  it('lists jobs by page and by metadata, the newest first', async () => {
    const { client } = bench;
    const other = await bench.create({ metadata: { team: 'two', 'a.b': 'c' } }, '[[stall:60000]]');
    const page = await client.fineTuning.jobs.list({ limit: 1 });
    expect([page.data.map(({ id }) => id), page.has_more]).toEqual([[other.id], true]);
    expect(faultsOf('ListPaginatedFineTuningJobsResponse', { object: 'list', data: page.data, has_more: true })).toEqual([]);
    const all: string[] = [];
    for await (const one of client.fineTuning.jobs.list({ limit: 1 })) all.push(one.id);
    expect(all).toEqual([other.id, job.id]);
    const teams = async (metadata: Record<string, string>) =>
      (await client.fineTuning.jobs.list({ metadata })).data.map(({ id }) => id);
    expect([await teams({ team: 'one' }), await teams({ team: 'two', 'a.b': 'c' }), await teams({ team: 'x' })]).toEqual([
      [job.id],
      [other.id],
      [],
    ]);
    await client.fineTuning.jobs.cancel(other.id);
  });

  it('pauses, resumes and cancels a job at its provider', async () => {
    const { jobs } = bench.client.fineTuning;
    const { id } = await bench.create({}, '[[stall:60000]]');
    await expect(jobs.pause(id)).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
    await bench.untilJob(id, 'runs', ({ status }) => status === 'running');
    expect(await jobs.pause(id)).toMatchObject({ id, status: 'queued' });
    expect(faultsOf('FineTuningJob', await jobs.retrieve(id))).toEqual([]);
    expect(await jobs.resume(id)).toMatchObject({ id, status: 'running' });
    const cancelled = await jobs.cancel(id);
    expect(cancelled).toMatchObject({ id, status: 'cancelled', finished_at: expect.any(Number) });
    for (const verb of ['cancel', 'pause', 'resume'] as const)
      await expect(jobs[verb](id)).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
    await bench.done(id);
    expect((await jobs.retrieve(id)).status).toBe('cancelled');
  });

  it('deletes a model, at the provider too; twice is once', async () => {
    const model = job.fine_tuned_model ?? '';
    const deleted = await bench.client.models.delete(model);
    expect(deleted).toEqual({ id: model, object: 'model', deleted: true });
    expect(faultsOf('DeleteModelResponse', deleted)).toEqual([]);
    expect(await bench.client.models.delete(model)).toEqual(deleted);
    await bench.files.eventually(async () => {
      await expect(bench.client.models.retrieve(model)).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    });
    const row = await bench.row(job.id);
    const { sandbox } = bench.files.platform;
    const models = await fetch(`${sandbox.url}/v1/models`, { headers: { authorization: `Bearer ${sandboxToken}` } });
    expect(await models.text()).not.toContain(String(row['provider_model']));
  });
});
