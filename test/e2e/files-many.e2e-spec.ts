import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';

/** Five hundred take minutes on two busy cores: `npm run test:soak` has them. */
const count = process.env['GT_TEST_SOAK'] === '1' ? 500 : 60;

let bench: FilesBench;
beforeAll(async () => {
  bench = await FilesBench.start();
});
afterAll(() => bench.close());

describe('many small files', () => {
  it('all come to their end, each with its own passages', async () => {
    const key = await bench.key();
    await bench.worker();
    const texts = Array.from({ length: count }, (_none, at) => `Small file number ${at}.`);
    for (let at = 0; at < texts.length; at += 20) {
      const batch = texts.slice(at, at + 20);
      await Promise.all(batch.map((bytes, place) => bench.accepted(key.secret, path, { name: `${at + place}.txt`, bytes })));
    }
    const counts = await until(
      'all files have come to their end',
      async () => {
        const { file_counts } = (await bench.call(key.secret, 'GET', '/datasets/handbook')).body;
        return file_counts.in_progress === 0 ? file_counts : undefined;
      },
      240_000,
    );
    expect(counts).toEqual({ total: count, in_progress: 0, ready: count, failed: 0 });
    const stored = await bench.platform.factory.run((tx) => tx.chunk.findMany({ select: { text: true } }));
    expect(stored.map(({ text }) => text).sort()).toEqual([...texts].sort());
  }, 300_000);
});
