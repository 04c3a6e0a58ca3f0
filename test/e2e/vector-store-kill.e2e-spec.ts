import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toFile, type OpenAI } from 'openai';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

const text = Array.from({ length: 300 }, (_none, at) => `Sentence number ${at} of the report.`).join(' ');
const fine = { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 0 } } as const;
/** `npm run test:soak` kills at every step; else at one, and `files-kill` at others: the steps are the same. */
const points = ['after-claim', 'after-parse', 'after-chunk', 'mid-embed', 'after-embed', 'before-ready', 'after-ready'].filter(
  (point) => process.env['GT_TEST_SOAK'] === '1' || point === 'mid-embed',
);

let bench: FilesBench;
let client: OpenAI;
let key: { readonly secret: string };

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
  client = openai(bench.url, key);
});
afterAll(() => bench.close());

const upload = async (content: string): Promise<string> => {
  const file = await toFile(Buffer.from(content), 'report.txt');
  return (await client.files.create({ file, purpose: 'assistants' })).id;
};
const setOf = (storeId: string) =>
  bench.platform.factory.run((tx) => tx.chunk.findMany({ where: { datasetId: storeId }, orderBy: { ordinal: 'asc' } }));
const completed = (storeId: string, fileId: string) =>
  until(
    `the file is read for ${storeId}`,
    async () => {
      const file = await client.vectorStores.files.retrieve(fileId, { vector_store_id: storeId });
      return file.status === 'completed' ? file : undefined;
    },
    90_000,
  );

describe('kill -9 around attachments', () => {
  it('of the worker at whatever step leaves one set of passages, and an end', async () => {
    const sets: string[] = [];
    const fileId = await upload(text);
    const attach = async (): Promise<string> => {
      const { id } = await client.vectorStores.create({});
      await client.vectorStores.files.create(id, { file_id: fileId, chunking_strategy: fine });
      return id;
    };
    const expectWhole = async (id: string): Promise<void> => {
      await completed(id, fileId);
      const chunks = await setOf(id);
      expect(chunks.map(({ ordinal }) => ordinal)).toEqual(chunks.map((_chunk, at) => at));
      expect(new Set(chunks.map(({ attempt }) => attempt)).size).toBe(1);
      const vectors = await bench.platform.factory.run((tx) => tx.passageVector.count({ where: { datasetId: id } }));
      expect(vectors).toBe(chunks.length);
      sets.push(JSON.stringify(chunks.map((chunk) => chunk.text)));
    };
    let living: ProductProcess | undefined;
    for (const point of points) {
      // What one leaves behind would kill the next before its turn.
      await living?.kill();
      const dying = await bench.worker({ GT_FAULT_POINT: `file.${point}` });
      const id = await attach();
      expect(await dying.ended).toBe('SIGKILL');
      living = await bench.worker();
      await expectWhole(id);
    }
    // The same as where nobody dies.
    await expectWhole(await attach());
    await living?.kill();
    expect(sets).toHaveLength(points.length + 1);
    expect(new Set(sets).size).toBe(1);
  }, 240_000);

  it('of the API between row and job loses no file: a sweep finds it', async () => {
    const { id } = await client.vectorStores.create({});
    const fileId = await upload('A gate.');
    const dying = await bench.api({ GT_FAULT_POINT: 'upload.after-row' });
    await expect(bench.call(key.secret, 'POST', `/vector_stores/${id}/files`, { file_id: fileId }, dying)).rejects.toThrow();
    expect(await dying.ended).toBe('SIGKILL');
    await bench.worker();
    await completed(id, fileId);
    expect(await setOf(id)).toHaveLength(1);
  }, 120_000);
});

describe('the embeddings of passages', () => {
  it('are reused within a tenant and a model, and nowhere else', async () => {
    const content = `${text} Reused.`;
    const attach = async (secret: string, by = openai(bench.url, { secret }), options: object = {}): Promise<string> => {
      const file = await toFile(Buffer.from(content), 'report.txt');
      const { id: file_id } = await by.files.create({ file, purpose: 'assistants' });
      const { id } = await by.vectorStores.create({});
      const read = await by.vectorStores.files.createAndPoll(
        id,
        { file_id, chunking_strategy: fine, ...options },
        { pollIntervalMs: 100 },
      );
      expect(read.status).toBe('completed');
      return id;
    };
    const [first, second, third] = [await bench.key(), await bench.key(), await bench.key()];
    const other = await bench.platform.factory.key(await bench.otherTenant('other'));
    const one = await attach(first.secret);
    const two = await attach(second.secret);
    await attach(other.secret);
    const embedding = { connection: 'main', model: 'sandbox-embed-large' };
    await bench.platform.app.admin('PATCH', '/tenants/acme', { vector_stores: { embedding } });
    await attach(third.secret);
    const booked = (keyId: string) =>
      bench.platform.factory.run((tx) => tx.usageEvent.count({ where: { keyId, route: 'file.process' } }));
    await until('the embeddings are booked', async () => (await booked(third.id)) > 0 && (await booked(other.id)) > 0);
    expect(await booked(first.id)).toBeGreaterThan(0);
    expect(await booked(second.id)).toBe(0);
    const vectors = (id: string) =>
      bench.platform.factory.run((tx) => tx.passageVector.findMany({ where: { datasetId: id }, orderBy: { ordinal: 'asc' } }));
    const [made, reused] = [await vectors(one), await vectors(two)];
    expect(reused.map(({ vector }) => Buffer.from(vector).toString('hex'))).toEqual(
      made.map(({ vector }) => Buffer.from(vector).toString('hex')),
    );
    expect(made.every(({ textHash }) => textHash?.length === 32)).toBe(true);
  }, 120_000);
});
