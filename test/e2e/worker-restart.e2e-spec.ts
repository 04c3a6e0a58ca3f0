import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { FilesBench } from '../support/files.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
/** Several batches of passages. */
const long = Array.from({ length: 9_000 }, (_none, at) => `Sentence number ${at} of a long report.`).join(' ');
const graceMs = 2_000;

/** Replaces one of two workers while files are under way, as an orchestrator does. */
async function replaceOne(bench: FilesBench): Promise<void> {
  const key = await bench.key();
  const settings = { GT_SHUTDOWN_GRACE_MS: String(graceMs) };
  const [leaving, staying] = await Promise.all([bench.worker(settings), bench.worker(settings)]);
  const names = Array.from({ length: 4 }, (_none, at) => `${at}.txt`);
  const files: FileObject[] = [];
  for (const name of names) files.push(await bench.accepted(key.secret, path, { name, bytes: long }));
  await until('several files are under way', async () => {
    const all = await Promise.all(files.map(({ id }) => bench.file(key.secret, id)));
    return all.filter(({ status }) => status === 'processing').length > 1;
  });
  const stopped = leaving.stop();
  const following = await bench.worker(settings);
  expect(await stopped).toBe(0);
  const sets: string[] = [];
  for (const { id } of files) {
    const file = await bench.ended(key.secret, id, 60_000);
    expect([file.status, file.gt.error]).toEqual(['ready', null]);
    const chunks = await bench.chunks(id);
    expect(chunks.map(({ ordinal }) => ordinal)).toEqual(chunks.map((_chunk, at) => at));
    sets.push(JSON.stringify(chunks.map(({ text }) => text)));
  }
  expect(new Set(sets).size).toBe(1);
  // Nobody had to take a job for stalled: the leaving worker ended its files or gave them back.
  const told = [...leaving.lines, ...staying.lines, ...following.lines].map((line) => JSON.stringify(line));
  expect(told.filter((line) => line.includes('left behind'))).toEqual([]);
}

const promise = 'that is sent SIGTERM while it works ends with 0, and every file is ready once without waiting for a stalled job';

describe('one of two workers', () => {
  let bench: FilesBench;
  beforeAll(async () => {
    bench = await FilesBench.start();
  });
  afterAll(() => bench.close());

  it(promise, () => replaceOne(bench), 120_000);
});

describeWithRedis('with Redis, one of two workers', () => {
  let redis: TestRedis;
  let bench: FilesBench;
  beforeAll(async () => {
    redis = await startRedis();
    bench = await FilesBench.start({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await bench.close();
    await redis.stop();
  });

  it(promise, () => replaceOne(bench), 120_000);
});
