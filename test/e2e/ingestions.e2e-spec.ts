import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { IngestionsService } from '../../src/modules/files/ingestion/ingestions.service.js';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
const text = Array.from({ length: 300 }, (_none, at) => `Sentence number ${at} of the report.`).join(' ');
/** `npm run test:soak` kills at every step; else at one, and `files-kill` at others: the steps are the same. */
const points = ['after-claim', 'after-parse', 'after-chunk', 'mid-embed', 'after-embed', 'before-ready', 'after-ready'].filter(
  (point) => process.env['GT_TEST_SOAK'] === '1' || point === 'before-ready',
);
const finely = { chunkTokens: 64, overlapTokens: 0 };

interface Found {
  readonly file_id: string;
  readonly text: string;
}

describe('a file that is given to further targets', () => {
  let bench: FilesBench;
  let key: { readonly secret: string };
  let ingestions: IngestionsService;
  let tenantId: string;
  let file: FileObject;
  /** Works for all tests but the last, which has its own to kill. */
  let worker: ProductProcess;

  beforeAll(async () => {
    bench = await FilesBench.start();
    key = await bench.key();
    ingestions = bench.platform.app.running.app.get(IngestionsService, { strict: false });
    tenantId = (await bench.platform.factory.run((tx) => tx.tenant.findUniqueOrThrow({ where: { slug: 'acme' } }))).id;
    worker = await bench.worker();
    file = await bench.accepted(key.secret, path, { name: 'report.txt', bytes: text });
    expect((await bench.ended(key.secret, file.id)).status).toBe('ready');
  }, 60_000);
  afterAll(() => bench.close());

  const search = async (dataset: string, query = 'sentence number 7'): Promise<Found[]> =>
    (await bench.call(key.secret, 'POST', `/datasets/${dataset}/search`, { query, limit: 20 })).body.data as Found[];
  const setOf = (ingestionId: string) =>
    bench.platform.factory.run((tx) =>
      tx.chunk.findMany({ where: { fileId: file.id, ingestionId }, orderBy: { ordinal: 'asc' } }),
    );
  const vectorsOf = (ingestionId: string) =>
    bench.platform.factory.run((tx) => tx.passageVector.count({ where: { fileId: file.id, ingestionId } }));
  const ready = (id: string, timeoutMs = 25_000) =>
    until(
      `the ingestion ${id} is ready`,
      async () => (await ingestions.of(tenantId, file.id)).find((one) => one.id === id && one.state === 'ready'),
      timeoutMs,
    );

  it('has passages of its own for each, cut as it wants, which no other target finds', async () => {
    const second = await bench.dataset('second');
    const own = await setOf('');
    const made = await ingestions.add(tenantId, file.id, { kind: 'dataset', id: second.id }, finely);
    expect((await ingestions.add(tenantId, file.id, { kind: 'dataset', id: second.id })).id).toBe(made.id);
    const { passages, tokens } = await ready(made.id);
    const fine = await setOf(made.id);
    expect(fine).toHaveLength(passages);
    expect(fine.length).toBeGreaterThan(own.length * 3);
    expect(fine.reduce((sum, chunk) => sum + chunk.tokens, 0)).toBe(tokens);
    expect(await vectorsOf(made.id)).toBe(passages);
    expect(await setOf('')).toEqual(own);
    for (const [dataset, set] of [
      ['handbook', own],
      ['second', fine],
    ] as const) {
      const found = await search(dataset);
      expect(found.length).toBeGreaterThan(0);
      const parts = set.map((chunk) => chunk.text);
      expect(found.filter((one) => !parts.some((part) => part.includes(one.text.trim())))).toEqual([]);
      expect(found[0]?.text.length).toBeLessThanOrEqual(Math.max(...parts.map(({ length }) => length)));
    }
    // The file itself is as it was.
    expect(await bench.file(key.secret, file.id)).toMatchObject({ status: 'ready', gt: { attempts: 1 } });
    expect((await bench.call(key.secret, 'GET', '/datasets/second/files')).body.data).toEqual([]);
  }, 60_000);

  it('leaves all others when it is taken from one, or one is deleted', async () => {
    const [third, fourth] = [await bench.dataset('third'), await bench.dataset('fourth')];
    const made = [];
    for (const { id } of [third, fourth]) made.push(await ingestions.add(tenantId, file.id, { kind: 'dataset', id }, finely));
    for (const { id } of made) await ready(id);
    const own = await setOf('');
    await ingestions.remove(tenantId, made[0]?.id ?? '');
    expect(await search('third')).toEqual([]);
    expect(await vectorsOf(made[0]?.id ?? '')).toBe(0);
    expect((await search('fourth')).length).toBeGreaterThan(0);
    expect((await bench.platform.app.admin('DELETE', `/datasets/${fourth.id}?tenant=acme`)).status).toBe(200);
    expect(await setOf(made[1]?.id ?? '')).toEqual([]);
    expect(await setOf('')).toEqual(own);
    expect((await search('handbook')).length).toBeGreaterThan(0);
    const [its] = (await ingestions.of(tenantId, file.id)).filter(({ isOwn }) => isOwn);
    await expect(ingestions.remove(tenantId, its?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
  }, 60_000);

  it("is nobody else's", async () => {
    const other = await bench.otherTenant('other');
    const foreign = await bench.dataset('foreign', 'other');
    await expect(ingestions.add(other.id, file.id, { kind: 'dataset', id: 'ds_none' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const target = { kind: 'dataset', id: foreign.id } as const;
    await expect(ingestions.add(tenantId, file.id, target)).rejects.toMatchObject({ code: 'not_found' });
    expect(await ingestions.of(other.id, file.id)).toEqual([]);
    for (const { id } of await ingestions.of(tenantId, file.id)) {
      await expect(ingestions.remove(other.id, id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('loses nothing and doubles nothing when its worker is killed at whatever step', async () => {
    const add = async (name: string): Promise<string> => {
      const target = await bench.dataset(name);
      return (await ingestions.add(tenantId, file.id, { kind: 'dataset', id: target.id }, finely)).id;
    };
    const textsOf = (chunks: Awaited<ReturnType<typeof setOf>>): string => JSON.stringify(chunks.map((chunk) => chunk.text));
    const undisturbed = await add('undisturbed');
    await ready(undisturbed);
    const whole = textsOf(await setOf(undisturbed));
    await worker.kill();
    for (const point of points) {
      const dying = await bench.worker({ GT_FAULT_POINT: `file.${point}` });
      const id = await add(point);
      expect(await dying.ended).toBe('SIGKILL');
      // What one leaves behind would kill the next before its turn.
      const living = await bench.worker();
      const { attempts, passages } = await ready(id, 90_000);
      await living.kill();
      const chunks = await setOf(id);
      expect(chunks.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: passages }, (_none, at) => at));
      expect(new Set(chunks.map(({ attempt }) => attempt))).toEqual(new Set([attempts]));
      expect(await vectorsOf(id)).toBe(passages);
      expect(textsOf(chunks)).toBe(whole);
    }
  }, 180_000);
});
