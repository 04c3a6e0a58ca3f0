import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { BatchBench, chatLines, type OutputLine } from '../support/batches.js';
import type { ProductProcess } from '../support/product-process.js';
import { defaultAnswer } from '../support/recording-provider.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { post } from '../support/relay.js';
import { until } from '../support/until.js';

const isSoak = process.env['GT_TEST_SOAK'] === '1';

/** Where a worker is killed, and how many of the requests are sent at the least and at the most. */
const deaths = [
  { point: 'batch.after-lines', least: 30, most: 30 },
  { point: 'batch.after-check', least: 30, most: 30 },
  { point: 'batch.after-claim', least: 30, most: 30 },
  { point: 'batch.before-commit', least: 31, most: 60 },
  { point: 'batch.after-commit', least: 30, most: 60 },
  { point: 'batch.before-files', least: 30, most: 30 },
  { point: 'batch.after-content', least: 30, most: 30 },
  { point: 'batch.after-errors', least: 30, most: 30 },
  { point: 'batch.after-files', least: 30, most: 30 },
] as const;
/** `npm run test:soak` has all of them; else those at which there is most to lose. */
const sample = deaths.filter(({ point }) => isSoak || /before-commit|after-errors/.test(point));

/** One line for each request over both files, each file in order. */
function expectOneLineEach(output: readonly OutputLine[], errors: readonly OutputLine[], count: number): void {
  const numbers = (lines: readonly OutputLine[]): number[] => lines.map(({ custom_id: id }) => Number(id.split('-')[1]));
  for (const lines of [output, errors]) expect(numbers(lines)).toEqual([...numbers(lines)].sort((a, b) => a - b));
  expect([...numbers(output), ...numbers(errors)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_one, at) => at));
}

/** 30 requests that go well, and one that is refused. */
const requests = (): object[] => [...chatLines(30), ...chatLines(31, { stream: true }).slice(30)];

async function expectDeath(
  { point, least, most }: (typeof deaths)[number],
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const bench = await BatchBench.start(settings);
  try {
    const dying = await bench.files.worker({ GT_FAULT_POINT: point });
    const { id } = await bench.create(requests());
    expect(await dying.ended).toBe('SIGKILL');
    await bench.files.worker();
    const batch = await bench.ended(id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 31, completed: 30, failed: 1 } });
    expectOneLineEach(await bench.lines(batch.output_file_id), await bench.lines(batch.error_file_id), 31);
    const sent = bench.provider.bodies.length;
    expect(sent).toBeGreaterThanOrEqual(least);
    expect(sent).toBeLessThanOrEqual(most);
    // Each call that was sent is booked, those of the dead worker too.
    await until('all calls are booked', async () => (await booked(bench)) === sent);
    await until('the requests are removed', async () => (await left(bench, id)) === 0);
    const files = await bench.rows<{ count: number }>(
      `select count(*)::int as count from files where purpose = 'batch_output' and tenant_id = $1`,
      bench.tenant.id,
    );
    expect(files[0]?.count).toBe(2);
    expect(await bench.rows('select 1 from content_holds')).toEqual([]);
  } finally {
    await bench.close();
  }
}

const booked = async (bench: BatchBench): Promise<number> =>
  (await bench.rows<{ count: number }>('select count(*)::int as count from usage_events where key_id = $1', bench.key.id))[0]
    ?.count ?? 0;
const left = async (bench: BatchBench, id: string): Promise<number> =>
  (await bench.rows<{ count: number }>('select count(*)::int as count from batch_lines where batch_id = $1', id))[0]?.count ?? -1;

describe('a worker that is killed with a batch', () => {
  it.each(sample)('at $point: another one ends it, with one line for each request', (death) => expectDeath(death, {}), 180_000);
});

describeWithRedis('with Redis, a worker that is killed with a batch', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it.each(deaths.filter(({ point }) => (isSoak ? true : point === 'batch.after-commit')))(
    'at $point: another one ends it, with one line for each request',
    (death) => expectDeath(death, { REDIS_URL: redis.url }),
    180_000,
  );
});

it('an API that is killed behind the making of a batch does not take it along', async () => {
  const bench = await BatchBench.start();
  try {
    const input_file_id = await bench.input(chatLines(3));
    const api = await bench.files.api({ GT_FAULT_POINT: 'batch.after-row' });
    const body = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' };
    await post({ url: `${api.url}/api/tenant/v1/batches`, secret: bench.key.secret, body }).catch(() => undefined);
    expect(await api.ended).toBe('SIGKILL');
    await bench.files.worker();
    const [made] = (await bench.client.batches.list()).data;
    expect(await bench.ended(made?.id ?? '')).toMatchObject({ status: 'completed', request_counts: { completed: 3 } });
  } finally {
    await bench.close();
  }
}, 180_000);

describe('two workers at one batch', () => {
  const [lines, kills] = isSoak ? [1_000, 20] : [200, 2];

  it(`of which ${kills} are killed while they make its ${lines} requests: one line for each`, async () => {
    const bench = await BatchBench.start({ GT_BATCH_PLACES: '16' });
    try {
      bench.provider.answerWith((body, response) => void setTimeout(() => defaultAnswer(body, response), isSoak ? 400 : 60));
      const workers: ProductProcess[] = [await bench.files.worker(), await bench.files.worker()];
      const { id } = await bench.create(chatLines(lines));
      for (let killed = 0; killed < kills; killed += 1) {
        const before = bench.provider.bodies.length;
        await until('requests are made', async () => {
          const { status } = await bench.client.batches.retrieve(id);
          return bench.provider.bodies.length > before + 10 || !['validating', 'in_progress'].includes(status);
        });
        await wait(Math.random() * 300);
        await workers.shift()?.kill();
        workers.push(await bench.files.worker());
      }
      const batch = await bench.ended(id, bench.client, 300_000);
      expect(batch).toMatchObject({ status: 'completed', request_counts: { total: lines, completed: lines, failed: 0 } });
      expectOneLineEach(await bench.lines(batch.output_file_id), [], lines);
    } finally {
      await bench.close();
    }
  }, 900_000);
});
