import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import type { SeededTenant } from '../support/platform.js';
import { TuningBench } from '../support/tuning.js';
import { until } from '../support/until.js';

let bench: TuningBench;
let other: SeededTenant;
let foreign: OpenAI;

beforeAll(async () => {
  bench = await TuningBench.start();
  other = await bench.files.otherTenant('other');
  foreign = bench.as(await bench.files.key({ tenant: 'other' }));
}, 60_000);
afterAll(() => bench.close());

const refusal = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  const { status, code, param, message } = error as InstanceType<typeof OpenAI.APIError>;
  return { status, code, param, message };
};

describe('what a job may be made of', () => {
  it.each([
    ['a model that is not there', { model: 'nothing' }, 404, 'model_not_found', 'model'],
    ['an agent', { model: 'assistant' }, 400, 'invalid_value', 'model'],
    ['the default, an agent', { model: 'default' }, 400, 'invalid_value', 'model'],
    [
      'integrations',
      { integrations: [{ type: 'wandb', wandb: { project: 'x' } }] },
      400,
      'unsupported_parameter',
      'integrations',
    ],
    ['an unknown field', { n_epochs: 3 }, 400, 'unsupported_parameter', 'n_epochs'],
    ['a suffix that is too long', { suffix: 'x'.repeat(65) }, 400, 'invalid_value', 'suffix'],
    ['settings of another method', { method: { type: 'dpo', supervised: {} } }, 400, 'invalid_value', 'method.supervised'],
    ['no grader', { method: { type: 'reinforcement' } }, 400, 'missing_required_parameter', 'method.reinforcement'],
    ['epochs that are too many', { hyperparameters: { n_epochs: 51 } }, 400, 'invalid_value', 'hyperparameters.n_epochs'],
    ['half a character', { metadata: { a: '\ud800' } }, 400, 'invalid_value', 'metadata'],
    [
      'half a character in a grader',
      { method: { type: 'reinforcement', reinforcement: { grader: { type: 'x', input: ['\ud800'] } } } },
      400,
      'invalid_value',
      'method',
    ],
    ['a file that is not there', { training_file: 'file-AbsentAbsentAbsentAbsent' }, 400, 'invalid_value', 'training_file'],
    ['no id of a file', { validation_file: '../x' }, 400, 'invalid_value', 'validation_file'],
  ])('%s is refused', async (_name, further, status, code, param) => {
    expect(await refusal(bench.create(further as never))).toMatchObject({ status, code, param });
  });

  it('takes files of the purpose fine-tune alone', async () => {
    const file = await bench.client.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose: 'user_data' });
    expect(await refusal(bench.create({ training_file: file.id }))).toMatchObject({ status: 400, param: 'training_file' });
  });

  it("answers another tenant's file like an absent one", async () => {
    const file = await foreign.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose: 'fine-tune' });
    const absent = await refusal(bench.create({ training_file: 'file-AbsentAbsentAbsentAbsent' }));
    expect(await refusal(bench.create({ training_file: file.id }))).toEqual(absent);
    const training = await bench.training();
    const both = (validation_file: string) => refusal(bench.create({ training_file: training, validation_file }));
    expect(await both(file.id)).toEqual(await both('file-AbsentAbsentAbsentAbsent'));
  });

  it('refuses a model whose connection makes no jobs, clearly', async () => {
    const file = await foreign.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose: 'fine-tune' });
    const error = await refusal(foreign.fineTuning.jobs.create({ model: 'raw-chat', training_file: file.id }));
    expect(error).toMatchObject({ status: 400, code: 'unsupported_modality', param: 'model' });
    expect(error.message).toContain('fine-tuning is not switched on');
  });

  it('answers a model that the key may not use like an absent one', async () => {
    const narrow = bench.as(await bench.files.platform.factory.key(bench.files.platform.acme, { rawModels: ['other'] }));
    const ask = (model: string) => refusal(narrow.fineTuning.jobs.create({ model, training_file: 'file-x' }));
    const [mine, absent] = [await ask('raw-chat'), await ask('not-there')];
    expect({ ...mine, message: mine.message.replace('raw-chat', '') }).toEqual({
      ...absent,
      message: absent.message.replace('not-there', ''),
    });
  });

  it('lets graders ask only what the key may use, over the same connection', async () => {
    const grader = (model: string) => ({ type: 'score_model', name: 'g', model, input: [], range: [0, 1] });
    const method = (model: string) => ({
      type: 'reinforcement',
      reinforcement: { grader: { type: 'multi', name: 'm', graders: { one: grader(model) }, calculate_output: 'one' } },
    });
    const made = await bench.create({ method: method('raw-chat') as never });
    expect(made.method?.reinforcement?.grader).toMatchObject({ graders: { one: { model: 'raw-chat' } } });
    expect((await bench.row(made.id))['sent_method']).toMatchObject({
      reinforcement: { grader: { graders: { one: { model: 'sandbox-chat' } } } },
    });
    const param = 'method.reinforcement.grader.graders.one.model';
    expect(await refusal(bench.create({ method: method('nothing') as never }))).toMatchObject({ status: 404, param });
    await bench.client.fineTuning.jobs.cancel(made.id);
  });

  it('is bounded: no tenant has more than 20 unfinished jobs', async () => {
    const training_file = await bench.training();
    const made: string[] = [];
    const all = await Promise.allSettled(Array.from({ length: 25 }, () => bench.create({ training_file })));
    for (const one of all) if (one.status === 'fulfilled') made.push(one.value.id);
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as { status: number }] : []));
    expect([made.length, refused.map(({ status }) => status)]).toEqual([20, [429, 429, 429, 429, 429]]);
    for (const id of made) await bench.client.fineTuning.jobs.cancel(id);
    await bench.client.fineTuning.jobs.cancel((await bench.create({ training_file })).id);
  });

  it('under an Idempotency-Key is one job', async () => {
    const training_file = await bench.training();
    const body = { model: 'raw-chat', training_file };
    const options = { idempotencyKey: 'tuning-1', headers: { 'Idempotency-Key': 'tuning-1' } };
    const [one, two] = [
      await bench.client.fineTuning.jobs.create(body, options),
      await bench.client.fineTuning.jobs.create(body, options),
    ];
    expect(two).toEqual(one);
    await bench.client.fineTuning.jobs.cancel(one.id);
  });
});

describe('jobs of the tenant', () => {
  it('are seen and cancelled by each of its keys with the scope, and by nobody else', async () => {
    const { id } = await bench.create();
    const { factory, acme } = bench.files.platform;
    const reader = bench.as(await factory.key(acme, { scopes: ['fine_tuning:read'] }));
    const writer = bench.as(await factory.key(acme, { scopes: ['fine_tuning:write'] }));
    expect((await reader.fineTuning.jobs.retrieve(id)).id).toBe(id);
    expect(await refusal(reader.fineTuning.jobs.cancel(id))).toMatchObject({ status: 403, code: 'insufficient_scope' });
    expect(await refusal(writer.fineTuning.jobs.retrieve(id))).toMatchObject({ status: 403, code: 'insufficient_scope' });
    const absent = await refusal(foreign.fineTuning.jobs.retrieve('ftjob-AbsentAbsentAbsentAbsent'));
    for (const call of [
      foreign.fineTuning.jobs.retrieve(id),
      foreign.fineTuning.jobs.cancel(id),
      foreign.fineTuning.jobs.pause(id),
      foreign.fineTuning.jobs.resume(id),
      foreign.fineTuning.jobs.listEvents(id),
      foreign.fineTuning.jobs.checkpoints.list(id),
    ])
      expect(await refusal(call as Promise<unknown>)).toEqual(absent);
    expect((await foreign.fineTuning.jobs.list()).data).toEqual([]);
    const cursor = await refusal(foreign.fineTuning.jobs.list({ after: id }) as Promise<unknown>);
    expect(cursor).toMatchObject({ status: 400, code: 'invalid_value', param: 'after' });
    expect((await writer.fineTuning.jobs.cancel(id)).status).toBe('cancelled');
  });
});

describe('names of fine-tuned models', () => {
  it('are reserved: no endpoint can be given one, keys may name them, and files of the platform leave them alone', async () => {
    const { app, factory, acme } = bench.files.platform;
    const name = 'ft:raw-chat:acme::AbCd1234';
    const raw_model = { connection: 'main', model: 'x' };
    expect(await app.admin('POST', '/endpoints', { tenant: 'acme', name, raw_model })).toMatchObject({ status: 400 });
    const key = await app.admin('POST', '/keys', {
      tenant: 'acme',
      name: 'tuned',
      preset: 'openai-chat-client',
      raw_models: [name],
    });
    expect([key.status, key.body.raw_models]).toEqual([201, [name]]);
    const notTuned = { tenant: 'acme', name: 'tuned-2', preset: 'openai-chat-client' };
    for (const wrong of [{ raw_models: ['ft:x'] }, { agents: [name] }])
      expect(await app.admin('POST', '/keys', { ...notTuned, ...wrong })).toMatchObject({ status: 400 });
    await factory.rawModel(acme, name, 'sandbox-chat');
    const exported = await app.admin('GET', '/export?tenant=acme');
    expect(exported.status).toBe(200);
    expect(JSON.stringify(exported.body.tenants[0].endpoints)).not.toContain('ft:');
  });

  it('a model that no job has made is not deleted', async () => {
    expect(await refusal(bench.client.models.delete('raw-chat'))).toMatchObject({ status: 403, code: 'target_not_allowed' });
    expect(await refusal(bench.client.models.delete('nothing'))).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(other.slug).toBe('other');
  });
});

describe('the key of a job', () => {
  it('needs a scope for its model too, which narrowing leaves the key', async () => {
    const key = await bench.files.key();
    const asked = { model: 'raw-chat', training_file: await bench.training() };
    await bench.as(key).fineTuning.jobs.create(asked);
    const { app } = bench.files.platform;
    const needed = ['inference:chat', 'fine_tuning:write'];
    await until('the call is counted', async () => {
      const { body } = await app.admin('GET', `/keys/${key.id}/exercise?tenant=acme`);
      return JSON.stringify(body.scopes.exercised) === JSON.stringify(needed);
    });
    expect((await app.admin('POST', `/keys/${key.id}/narrow`, { tenant: 'acme' })).body.after).toEqual(needed);
    expect((await bench.as(key).fineTuning.jobs.create(asked)).status).toBe('validating_files');
  });
});
