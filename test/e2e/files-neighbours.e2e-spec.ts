import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';

const path = '/datasets/handbook/files';
const tables = '/datasets/tables/files';
const nested = '<div>'.repeat(500_000);
const wide = `${Array.from({ length: 1_000_000 }, (_none, at) => at % 10).join(',')}\n`;

let bench: FilesBench;
beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.otherTenant('other');
  await bench.dataset('handbook', 'other');
  // Large passages: the time is that of reading, not of a model.
  await bench.dataset('tables', 'acme', { chunk_tokens: 2_000 });
  // The times are those of files, not of a worker that starts.
  await bench.worker();
  const { secret } = await bench.key();
  const first = await bench.accepted(secret, tables, { name: 'first.txt', bytes: 'The gate opens at eight.' });
  expect(await bench.ended(secret, first.id, 60_000)).toMatchObject({ status: 'ready' });
});
afterAll(() => bench.close());

it("another tenant's small file is ready within 15 s beside hostile files, which are ready within 60 s", async () => {
  const [hostile, other] = await Promise.all([bench.key(), bench.key({ tenant: 'other' })]);
  const page = await bench.accepted(hostile.secret, tables, { name: 'nested.html', bytes: `<p>The gate</p>${nested}` });
  const table = await bench.accepted(hostile.secret, tables, { name: 'wide.csv', bytes: wide });
  await smallIsReady(other.secret);
  expect(await bench.ended(hostile.secret, page.id, 60_000)).toMatchObject({ status: 'ready' });
  expect(await bench.ended(hostile.secret, table.id, 60_000)).toMatchObject({ status: 'ready' });
}, 150_000);

it("another tenant's small file is ready within 15 s beside more hostile files than the worker has places", async () => {
  const [hostile, other] = await Promise.all([bench.key(), bench.key({ tenant: 'other' })]);
  for (const first of ['a', 'b', 'c', 'd', 'e', 'f'])
    await bench.accepted(hostile.secret, tables, { name: `${first}.csv`, bytes: `${first},${wide}` });
  await smallIsReady(other.secret);
}, 60_000);

async function smallIsReady(secret: string): Promise<void> {
  const small = await bench.accepted(secret, path, { name: 'small.txt', bytes: 'The gate opens at nine.' });
  expect(await bench.ended(secret, small.id, 15_000)).toMatchObject({ status: 'ready' });
}
