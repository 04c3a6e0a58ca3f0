import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { BatchBench, chatLines } from '../support/batches.js';
import { defaultAnswer } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

let bench: BatchBench;

beforeAll(async () => {
  bench = await BatchBench.start();
  await bench.files.platform.factory.wire(bench.tenant, 'chat');
});
afterAll(() => bench.close());

const limited = async (limits: object): Promise<OpenAI> =>
  openai(bench.files.url, await bench.files.platform.factory.key(bench.tenant, { limits }));

describe('what a worker does for a key waits for the limits of the key', () => {
  it('a response in the background waits for a place, and is made when there is one', async () => {
    const client = await limited({ parallel_requests: 1 });
    const { id } = await client.responses.create({ model: 'assistant', input: 'later', background: true });
    let letGo: (() => void) | undefined;
    bench.provider.answerWith((body, response) => {
      if (!JSON.stringify(body).includes('hold on')) return defaultAnswer(body, response);
      letGo = () => defaultAnswer(body, response);
    });
    const held = client.responses.create({ model: 'assistant', input: 'hold on' });
    await until('the place is taken', () => letGo !== undefined);
    const worker = await bench.files.worker();
    await until('the worker has tried', () =>
      worker.lines.some(({ msg, job_id: job }) => msg === 'job finished' && String(job).includes(id)),
    );
    expect(JSON.stringify(bench.provider.bodies)).not.toContain('later');
    letGo?.();
    await held;
    await until('it is made', async () => (await client.responses.retrieve(id)).status === 'completed');
  });

  it('what can never fit does not wait: it fails, and the rest of its batch goes on', async () => {
    const client = await limited({ tokens_per_minute: 500 });
    const response = { model: 'assistant', input: 'large', max_output_tokens: 501 };
    const { id } = await client.responses.create({ ...response, background: true });
    const lines = chatLines(2, { max_tokens: 20 });
    const large = { ...lines[0], custom_id: 'large', body: { ...(lines[0] as { body: object }).body, max_tokens: 501 } };
    const { id: batchId } = await bench.create([...lines, large] as typeof lines, { client });
    const batch = await bench.ended(batchId);
    expect(batch.request_counts).toEqual({ total: 3, completed: 2, failed: 1 });
    await until('it has failed', async () => (await client.responses.retrieve(id)).status === 'failed');
    expect((await client.responses.retrieve(id)).error?.message).toContain('Request too large');
  });

  it('a batch ends with an answer to every request, however narrow they are, and none is refused', async () => {
    const client = await limited({ requests_per_minute: 600, parallel_requests: 2 });
    let running = 0;
    let peak = 0;
    bench.provider.answerWith((body, response) => {
      running += 1;
      peak = Math.max(peak, running);
      response.once('close', () => (running -= 1));
      return defaultAnswer(body, response);
    });
    const { id } = await bench.create(chatLines(620), { client });
    const batch = await bench.ended(id);
    expect(batch.request_counts).toEqual({ total: 620, completed: 620, failed: 0 });
    expect(peak).toBeLessThanOrEqual(2);
  });
});
