import { expect, it } from '@jest/globals';
import { BatchBench, chatLine } from '../support/batches.js';
import { listen } from '../support/listening.js';
import { peakMemory } from '../support/peak-memory.js';
import { openai } from '../support/relay.js';

const isSoak = process.env['GT_TEST_SOAK'] === '1';
/** All that a batch may have, or a third of it in fewer requests. */
const [requests, bytesOfEach] = isSoak ? [50_000, 4_000] : [1_500, 48_000];
const mostMore = 100 * 1024 * 1024;

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(2_000) }, finish_reason: 'stop', logprobs: null }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

it(
  'a batch of many requests leaves its worker’s memory within 100 MiB of what it had before',
  async () => {
    const bench = await BatchBench.start();
    const provider = await listen((_text, _request, response) => {
      response.setHeader('content-type', 'application/json').end(answer);
    });
    try {
      const { factory } = bench.files.platform;
      const client = openai(bench.files.url, await factory.key(await factory.tenant('many', provider.url)), { timeout: 300_000 });
      const worker = await bench.files.worker();
      // What a first batch loads is there afterwards.
      await bench.ended((await bench.create([chatLine('first')], { client })).id, client);
      const before = peakMemory(worker.pid);
      const lines = Array.from({ length: requests }, (_one, at) =>
        JSON.stringify(chatLine(`line-${at}`, 'y'.repeat(bytesOfEach))),
      );
      const { id } = await bench.create(lines, { client });
      const batch = await bench.ended(id, client, 600_000);
      expect(batch).toMatchObject({ status: 'completed', request_counts: { total: requests, completed: requests } });
      expect(peakMemory(worker.pid) - before).toBeLessThan(mostMore);
    } finally {
      await bench.close();
      await provider.close();
    }
  },
  isSoak ? 900_000 : 180_000,
);
