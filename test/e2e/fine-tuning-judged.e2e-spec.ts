import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toFile } from 'openai';
import { TuningBench } from '../support/tuning.js';

let bench: TuningBench;

beforeAll(async () => {
  bench = await TuningBench.start();
}, 60_000);
afterAll(() => bench.close());

describe('a file that turns out to be of no use', () => {
  it('fails a job that was made before, in the words in which a later one is refused', async () => {
    const example = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] });
    const file = await toFile(Buffer.from(`${example}\n{"messages":"x"}\n`), 'bad.jsonl');
    const { id: bad } = await bench.client.files.create({ file, purpose: 'fine-tune' });
    const byTraining = await bench.create({ training_file: bad });
    const byValidation = await bench.create({ validation_file: bad });
    await bench.files.worker();
    const message = "The file cannot be used: Line 2: 'messages' must be a list of messages that is not empty.";
    for (const [job, code, param] of [
      [byTraining, 'invalid_training_file', 'training_file'],
      [byValidation, 'invalid_validation_file', 'validation_file'],
    ] as const) {
      const { status, error } = await bench.ended(job.id);
      expect([status, error]).toEqual(['failed', { code, param, message }]);
      const later = bench.create({ [param]: bad });
      await expect(later).rejects.toMatchObject({ status: 400, param, error: { message } });
    }
  }, 90_000);
});
