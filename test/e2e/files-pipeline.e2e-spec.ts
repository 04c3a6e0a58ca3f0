import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { FilesBench } from '../support/files.js';

const text = 'The lighthouse of Port Ellery was painted green in 1887. Its keeper was called Amos Tull.\n'.repeat(3);

describe('a file uploaded into a dataset', () => {
  let bench: FilesBench;
  let key: { id: string; secret: string };

  beforeAll(async () => {
    bench = await FilesBench.start();
    key = await bench.key();
  });
  afterAll(() => bench.close());

  it('is queued, processed by a worker, ready, and found', async () => {
    const file = await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'lighthouse.txt', bytes: text });
    expect(file).toEqual({
      id: expect.stringMatching(/^file-[0-9A-Za-z]{24}$/),
      object: 'file',
      bytes: text.length,
      created_at: expect.any(Number),
      expires_at: null,
      filename: 'lighthouse.txt',
      purpose: 'assistants',
      status: 'queued',
      gt: {
        state: 'stored',
        progress: { stage: 'queue', percent: 0 },
        error: null,
        conversation_id: null,
        dataset_id: expect.stringMatching(/^ds_/),
        sha256: createHash('sha256').update(text).digest('hex'),
        attempts: 0,
      },
    });
    await bench.worker();
    const ended = await bench.ended(key.secret, file.id);
    expect(ended).toEqual({ ...file, status: 'ready', gt: { ...file.gt, state: 'ready', progress: { stage: 'done', percent: 100 }, attempts: 1 } });
    const chunks = await bench.chunks(file.id);
    expect(chunks.map(({ ordinal, attempt, embeddingModel }) => [ordinal, attempt, embeddingModel])).toEqual([[0, 1, 'sandbox-embed']]);
    expect(chunks[0]?.embedding.length).toBeGreaterThan(8);
    const question = { query: 'Who was the keeper of the lighthouse?' };
    const found = await bench.call(key.secret, 'POST', '/datasets/handbook/search', question, await bench.api());
    expect(found.status).toBe(200);
    expect(found.body.data[0]).toMatchObject({ object: 'passage', file_id: file.id, filename: 'lighthouse.txt', text: expect.stringContaining('Amos Tull') });
  });
});
