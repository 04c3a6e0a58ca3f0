import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type OpenAI from 'openai';
import { BatchBench, chatLines, type OutputLine } from '../support/batches.js';
import type { SeededKey } from '../support/platform.js';
import type { ProductProcess } from '../support/product-process.js';
import { defaultAnswer } from '../support/recording-provider.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { openai, post } from '../support/relay.js';
import { until } from '../support/until.js';

const isSoak = process.env['GT_TEST_SOAK'] === '1';
const ends = ['completed', 'failed', 'expired', 'cancelled'];

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
/** `npm run test:soak` has all of them both ways; else those at which there is most to lose. */
const sample = deaths.filter(({ point }) => isSoak || point === 'batch.before-commit');
const sampleWithRedis = deaths.filter(({ point }) => isSoak || point === 'batch.after-errors');

/** One line for each request over both files, each file in order. */
function expectOneLineEach(output: readonly OutputLine[], errors: readonly OutputLine[], count: number): void {
  const numbers = (lines: readonly OutputLine[]): number[] => lines.map(({ custom_id: id }) => Number(id.split('-')[1]));
  for (const lines of [output, errors]) expect(numbers(lines)).toEqual([...numbers(lines)].sort((a, b) => a - b));
  expect([...numbers(output), ...numbers(errors)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_one, at) => at));
}

/** 30 requests that go well, and one that is refused. */
const requests = (): object[] => [...chatLines(30), ...chatLines(31, { stream: true }).slice(30)];

/** A tenant of its own over the same provider. */
async function tenantOf(bench: BatchBench): Promise<{ readonly key: SeededKey; readonly client: OpenAI }> {
  const { factory } = bench.files.platform;
  const key = await factory.key(await factory.tenant(`killed-${tenants++}`, bench.provider.url));
  return { key, client: openai(bench.files.url, key) };
}
let tenants = 0;

async function expectDeath(bench: BatchBench, { point, least, most }: (typeof deaths)[number]): Promise<void> {
  const { key, client } = await tenantOf(bench);
  const before = bench.provider.bodies.length;
  const dying = await bench.files.worker({ GT_FAULT_POINT: point });
  const { id } = await bench.create(requests(), { client });
  expect(await dying.ended).toBe('SIGKILL');
  const next = await bench.files.worker();
  const batch = await bench.ended(id, client);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 31, completed: 30, failed: 1 } });
  const [output, errors] = [await bench.lines(batch.output_file_id, client), await bench.lines(batch.error_file_id, client)];
  expectOneLineEach(output, errors, 31);
  const sent = bench.provider.bodies.length - before;
  expect(sent).toBeGreaterThanOrEqual(least);
  expect(sent).toBeLessThanOrEqual(most);
  // Each call that was sent is booked, those of the dead worker too.
  await until('all calls are booked', async () => (await booked(bench, key)) === sent);
  await until('the requests are removed', async () => (await left(bench, id)) === 0);
  const files = await bench.rows<{ count: number }>(
    `select count(*)::int as count from files where purpose = 'batch_output' and filename like $1`,
    `${id}%`,
  );
  expect(files[0]?.count).toBe(2);
  expect(await bench.rows('select 1 from content_holds')).toEqual([]);
  await next.kill();
}

const booked = async (bench: BatchBench, key: SeededKey): Promise<number> =>
  (await bench.rows<{ count: number }>('select count(*)::int as count from usage_events where key_id = $1', key.id))[0]?.count ??
  0;
const left = async (bench: BatchBench, id: string): Promise<number> =>
  (await bench.rows<{ count: number }>('select count(*)::int as count from batch_lines where batch_id = $1', id))[0]?.count ?? -1;

describe('with a batch', () => {
  let bench: BatchBench;
  beforeAll(async () => void (bench = await BatchBench.start()));
  afterAll(() => bench.close());

  it.each(sample)(
    'a worker that is killed at $point is followed by one that ends it, with one line for each request',
    (death) => expectDeath(bench, death),
    180_000,
  );

  it('an API that is killed behind its making does not take it along', async () => {
    const { key, client } = await tenantOf(bench);
    const input_file_id = await bench.input(chatLines(3), client);
    const api = await bench.files.api({ GT_FAULT_POINT: 'batch.after-row' });
    const body = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' };
    await post({ url: `${api.url}/api/tenant/v1/batches`, secret: key.secret, body }).catch(() => undefined);
    expect(await api.ended).toBe('SIGKILL');
    await bench.files.worker();
    const [made] = (await client.batches.list()).data;
    expect(await bench.ended(made?.id ?? '', client)).toMatchObject({ status: 'completed', request_counts: { completed: 3 } });
  }, 180_000);
});

describeWithRedis('with Redis', () => {
  let redis: TestRedis;
  let bench: BatchBench;
  beforeAll(async () => {
    redis = await startRedis();
    bench = await BatchBench.start({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await bench.close();
    await redis.stop();
  });

  it.each(sampleWithRedis)(
    'a worker that is killed at $point is followed by one that ends the batch, with one line for each request',
    (death) => expectDeath(bench, death),
    180_000,
  );
});

describe('two workers at one batch', () => {
  const [lines, kills] = isSoak ? [1_000, 20] : [120, 1];
  const random = <T>(among: readonly T[]): T => among[Math.floor(Math.random() * among.length)] as T;

  it(`of which ${kills} are killed at whatever step of its ${lines} requests: one line for each, all calls booked`, async () => {
    const bench = await BatchBench.start({ GT_BATCH_PLACES: '16' });
    try {
      bench.provider.answerWith((body, response) => void setTimeout(() => defaultAnswer(body, response), isSoak ? 400 : 60));
      const isOver = async (): Promise<boolean> => ends.includes((await bench.client.batches.retrieve(id)).status);
      // Its step may come before it is ready.
      const mortal = (): Promise<ProductProcess | undefined> =>
        bench.files.worker({ GT_FAULT_POINT: random(deaths).point }).catch(() => undefined);
      const { id } = await bench.create(chatLines(lines));
      const workers = [await mortal(), await bench.files.worker()];
      for (let killed = 0; killed < kills; killed += 1) {
        const before = bench.provider.bodies.length;
        const [first] = workers;
        // It dies at its step, or at any moment behind some calls: where its step does not come, as most do not twice.
        const called = async (): Promise<boolean> =>
          until('requests are made', async () => bench.provider.bodies.length > before + 10 || (await isOver()));
        await Promise.race([first?.ended, called()]);
        await wait(Math.random() * 300);
        await workers.shift()?.kill();
        workers.push(await mortal());
      }
      await bench.files.worker();
      const batch = await bench.ended(id, bench.client, 300_000);
      expect(batch).toMatchObject({ status: 'completed', request_counts: { total: lines, completed: lines, failed: 0 } });
      expectOneLineEach(await bench.lines(batch.output_file_id), [], lines);
      // A call may have been noted by a worker that died before it sent it: none is sent that is not booked.
      const sent = bench.provider.bodies.length;
      expect(sent).toBeGreaterThanOrEqual(lines);
      await until('all calls are booked', async () => (await booked(bench, bench.key)) >= sent);
      await until('the requests are removed', async () => (await left(bench, id)) === 0);
    } finally {
      await bench.close();
    }
  }, 900_000);
});
