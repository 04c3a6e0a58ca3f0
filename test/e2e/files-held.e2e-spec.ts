import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { FilesBench } from '../support/files.js';
import { until } from '../support/until.js';

/*
 * A tenant's jobs in the queue are some hundred at most. Its further files wait as rows, and come into the queue as the others
 * come to their end, also when a worker dies in between.
 */
const path = '/datasets/handbook/files';
const uploads = 160;
const atOnce = 20;

let bench: FilesBench;
let owner: pg.Client;
let secret: string;

beforeAll(async () => {
  bench = await FilesBench.start();
  owner = new pg.Client({ connectionString: bench.platform.app.databaseUrl });
  await owner.connect();
  await bench.otherTenant('other');
  await bench.dataset('handbook', 'other');
  ({ secret } = await bench.key());
});
afterAll(async () => {
  await owner.end();
  await bench.close();
});

async function counts(): Promise<{ in_progress: number; ready: number }> {
  return (await bench.call(secret, 'GET', '/datasets/handbook')).body.file_counts as { in_progress: number; ready: number };
}

async function jobs(): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(
    "select count(*)::int as count from bullmq.job where name = 'file.process'",
  );
  return rows[0]?.count ?? 0;
}

it('leaves the queue to others: a tenant with many files has a hundred jobs in it, and those of one write', async () => {
  for (let at = 0; at < uploads; at += atOnce) {
    const names = Array.from({ length: atOnce }, (_none, place) => `${at + place}.txt`);
    await Promise.all(names.map((name) => bench.accepted(secret, path, { name, bytes: `The small file ${name}.` })));
  }
  expect(await counts()).toMatchObject({ in_progress: uploads, ready: 0 });
  const queued = await until('the jobs are in the queue', async () => {
    const count = await jobs();
    return count >= 100 ? count : undefined;
  });
  expect(queued).toBeLessThanOrEqual(100 + atOnce);
});

it('brings all of them to their end, another tenant first, though the worker dies', async () => {
  const other = await bench.key({ tenant: 'other' });
  const small = await bench.accepted(other.secret, path, { name: 'small.txt', bytes: 'The gate opens at nine.' });
  const first = await bench.worker();
  expect(await bench.ended(other.secret, small.id)).toMatchObject({ status: 'ready' });
  expect((await counts()).in_progress).toBeGreaterThan(uploads / 2);
  await until('half of them are ready', async () => (await counts()).ready >= uploads / 2, 120_000);
  await first.kill();
  await bench.worker();
  await until('all of them are ready', async () => (await counts()).ready === uploads, 120_000);
}, 300_000);
