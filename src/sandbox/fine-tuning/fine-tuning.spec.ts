import { describe, expect, it } from '@jest/globals';
import { toFile } from 'openai';
import { until } from '../../../test/support/until.js';
import { client, useSandbox } from '../../../test/support/sandbox-client.js';

useSandbox();

const upload = async (text: string) =>
  client.files.create({ file: await toFile(Buffer.from(text), 'lines.jsonl'), purpose: 'fine-tune' });

describe('files of the sandbox', () => {
  it('are kept, listed by purpose and deleted', async () => {
    const file = await upload('{"a":1}\n');
    expect(file).toMatchObject({ filename: 'lines.jsonl', bytes: 8, status: 'processed', purpose: 'fine-tune' });
    expect(await (await client.files.content(file.id)).text()).toBe('{"a":1}\n');
    expect((await client.files.list({ purpose: 'fine-tune' })).data.map(({ id }) => id)).toContain(file.id);
    expect((await client.files.list({ purpose: 'batch' })).data).toEqual([]);
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
  });
});

describe('fine-tuning in the sandbox', () => {
  it('makes a model that is listed, answers, and can be deleted', async () => {
    const { id: training_file } = await upload('{}');
    const { id } = await client.fineTuning.jobs.create({ model: 'm', training_file, suffix: 's', metadata: { mark: 'one' } });
    const found = await client.fineTuning.jobs.list({ metadata: { mark: 'one' } } as never);
    expect(found.data.map((job) => job.id)).toEqual([id]);
    const job = await until('the job has succeeded', async () => {
      const now = await client.fineTuning.jobs.retrieve(id);
      return now.status === 'succeeded' ? now : undefined;
    });
    const model = job.fine_tuned_model ?? '';
    expect((await client.models.list()).data.map((one) => one.id)).toContain(model);
    expect(await (await client.files.content(job.result_files[0] ?? '')).text()).toMatch(/^step,train_loss/);
    expect((await client.fineTuning.jobs.checkpoints.list(id)).data).toHaveLength(2);
    expect((await client.fineTuning.jobs.listEvents(id, { limit: 3 })).data[0]?.message).toMatch(/completed/);
    expect(await client.models.delete(model)).toEqual({ id: model, object: 'model', deleted: true });
    await expect(client.models.delete(model)).rejects.toMatchObject({ status: 404 });
  });

  it('does what the training file commands', async () => {
    const { id: training_file } = await upload('{"x":"[[status:500]]"}');
    await expect(client.fineTuning.jobs.create({ model: 'm', training_file })).rejects.toMatchObject({ status: 500 });
    const { id: other } = await upload('{"x":"[[stall:60000]]"}');
    const { id } = await client.fineTuning.jobs.create({ model: 'm', training_file: other });
    expect((await client.fineTuning.jobs.pause(id)).status).toBe('paused');
    await client.fineTuning.jobs.resume(id);
    expect((await client.fineTuning.jobs.cancel(id)).status).toBe('cancelled');
    await expect(client.fineTuning.jobs.cancel(id)).rejects.toMatchObject({ status: 400 });
  });

  it('refuses a file that is not there', async () => {
    await expect(client.fineTuning.jobs.create({ model: 'm', training_file: 'file-x' })).rejects.toMatchObject({
      status: 400,
      param: 'training_file',
    });
  });
});
