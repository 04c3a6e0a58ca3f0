import { describe, expect, it } from '@jest/globals';
import { startBatchProvider, usualAnswer } from '../support/batch-provider.js';
import { BatchBench, chatLine, chatLines } from '../support/batches.js';
import { until } from '../support/until.js';

const isSoak = process.env['GT_TEST_SOAK'] === '1';

/** Where a worker is killed with a batch that its provider makes. */
const deaths = [
  'batch.before-copy',
  'batch.after-copy',
  'batch.after-mark',
  'batch.after-create',
  'batch.before-answers',
  'batch.after-answers',
  'batch.before-collected',
  'batch.after-collected',
  'batch.after-clean',
] as const;
/** `npm run test:soak` has all of them; else one in the handing over and one in the collecting. */
const sample = deaths.filter((point) => isSoak || /after-create|before-answers/.test(point));

/** 150 requests, of which one is refused here, one at the provider, and one is left out there. */
const requests = (): object[] => [
  ...chatLines(148),
  chatLine('refused'),
  chatLine('left out'),
  chatLine('stream', 'x', { stream: true }),
];

describe('a worker that is killed with a batch that its provider makes', () => {
  it.each(sample)(
    'at %s: the provider makes one batch, and each request has one line and is booked once',
    async (point) => {
      const provider = await startBatchProvider();
      provider.answerWith((line) => {
        const said = String((line.body['messages'] as { content: string }[]).at(-1)?.content);
        if (said === 'refused') return { status: 400, body: { error: { message: 'No.', type: 'x', code: null, param: null } } };
        return said === 'left out' ? undefined : usualAnswer(line);
      });
      const bench = await BatchBench.over(provider, { batches: 'provider' }, { GT_BATCH_POLL_MS: '100' });
      try {
        const dying = await bench.files.worker({ GT_FAULT_POINT: point });
        const { id } = await bench.create(requests());
        expect(await dying.ended).toBe('SIGKILL');
        await bench.files.worker();
        const batch = await bench.ended(id);
        expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 151, completed: 148, failed: 3 } });
        expect(batch).toMatchObject({ usage: { total_tokens: 148 * 5 } });
        expect([provider.batches.length, provider.live.length]).toEqual([1, 0]);
        const output = await bench.lines(batch.output_file_id);
        expect(output.map(({ custom_id: name }) => name)).toEqual(Array.from({ length: 148 }, (_one, at) => `line-${at}`));
        const errors = await bench.lines(batch.error_file_id);
        expect(errors.map(({ custom_id: name }) => name)).toEqual(['refused', 'left out', 'stream']);
        await until('nothing is left', async () => (await bench.rows('select 1 from batches where not cleared')).length === 0);
        expect([...provider.files.keys()]).toEqual([]);
        expect(await bench.rows('select 1 from content_holds')).toEqual([]);
        const calls = () =>
          bench.rows<{ state: string; total_tokens: number }>(
            'select state, total_tokens from usage_events where key_id = $1',
            bench.key.id,
          );
        await until(
          'all calls are booked',
          async () => (await calls()).filter(({ state }) => state !== 'interrupted').length === 149,
        );
        const booked = await calls();
        expect([booked.length, booked.reduce((sum, { total_tokens: tokens }) => sum + tokens, 0)]).toEqual([149, 148 * 5]);
        const hours = await bench.rows<{ calls: number }>(
          'select count(*)::int as calls from usage where key_id = $1',
          bench.key.id,
        );
        expect(hours).toEqual([{ calls: 149 }]);
      } finally {
        await bench.close();
      }
    },
    180_000,
  );
});
