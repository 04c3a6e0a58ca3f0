import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toFile, type OpenAI } from 'openai';
import { pdfWithoutText } from '../support/documents.js';
import { FilesBench } from '../support/files.js';
import { faultsOf } from '../support/openai-schema.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

const gate = 'The access code of the north gate is 7391. It changes every winter.';
const long = Array.from({ length: 400 }, (_none, at) => `Sentence number ${at} of the report.`).join(' ');
const fine = { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 50 } } as const;
const quick = { pollIntervalMs: 100 };

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };
let client: OpenAI;

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
  client = openai(bench.url, key);
  await bench.worker();
}, 60_000);
afterAll(() => bench.close());

const upload = async (name: string, text: string | Buffer): Promise<string> => {
  const file = await toFile(typeof text === 'string' ? Buffer.from(text) : text, name);
  return (await client.files.create({ file, purpose: 'assistants' })).id;
};
const store = async (): Promise<string> => (await client.vectorStores.create({})).id;
const rest = (method: string, path: string, body?: object, secret = key.secret) => bench.call(secret, method, path, body);

describe('vector_stores.files', () => {
  it("attaches, waits and finds through OpenAI's helpers, in OpenAI's own form", async () => {
    const id = await store();
    const file = await client.vectorStores.files.createAndPoll(
      id,
      { file_id: await upload('gate.txt', gate), attributes: { year: 2026, topic: 'gates', open: false } },
      quick,
    );
    expect(faultsOf('VectorStoreFileObject', file)).toEqual([]);
    expect(file).toMatchObject({
      object: 'vector_store.file',
      vector_store_id: id,
      status: 'completed',
      last_error: null,
      attributes: { year: 2026, topic: 'gates', open: false },
      chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 } },
    });
    expect(file.usage_bytes).toBeGreaterThan(gate.length);
    expect(await client.vectorStores.retrieve(id)).toMatchObject({
      status: 'completed',
      usage_bytes: file.usage_bytes,
      file_counts: { in_progress: 0, completed: 1, failed: 0, cancelled: 0, total: 1 },
    });
    const page = await rest('POST', `/vector_stores/${id}/search`, { query: 'access code of the north gate' });
    expect(faultsOf('VectorStoreSearchResultsPage', page.body)).toEqual([]);
    expect(page.body).toMatchObject({
      search_query: ['access code of the north gate'],
      has_more: false,
      next_page: null,
      data: [{ file_id: file.id, filename: 'gate.txt', content: [{ type: 'text', text: gate }], attributes: { year: 2026 } }],
    });
    for (const item of page.body.data) expect(faultsOf('VectorStoreSearchResultItem', item)).toEqual([]);
    expect((await client.files.retrieve(file.id)).status).toBe('processed');
  }, 60_000);

  it('gives one file to many stores, each cut as it is wanted, and the text without what passages repeat', async () => {
    const [a, b] = [await store(), await store()];
    const file_id = await upload('long.txt', long);
    const coarse = await client.vectorStores.files.createAndPoll(a, { file_id }, quick);
    const cut = await client.vectorStores.files.createAndPoll(b, { file_id, chunking_strategy: fine }, quick);
    expect([coarse.status, cut.status, cut.chunking_strategy]).toEqual(['completed', 'completed', fine]);
    expect(cut.usage_bytes).toBeGreaterThan(coarse.usage_bytes * 1.5);
    for (const id of [a, b]) {
      const content = await client.vectorStores.files.content(file_id, { vector_store_id: id });
      expect(
        faultsOf('VectorStoreFileContentResponse', (await rest('GET', `/vector_stores/${id}/files/${file_id}/content`)).body),
      ).toEqual([]);
      expect(content.data.map(({ text }) => text).join('')).toBe(long);
    }
    const anew = await client.vectorStores.files.createAndPoll(a, { file_id, chunking_strategy: fine }, quick);
    expect([anew.status, anew.usage_bytes]).toEqual(['completed', cut.usage_bytes]);
    expect(await client.vectorStores.files.delete(file_id, { vector_store_id: a })).toEqual({
      id: file_id,
      object: 'vector_store.file.deleted',
      deleted: true,
    });
    expect((await client.vectorStores.search(a, { query: 'sentence number 7' })).data).toEqual([]);
    expect((await client.vectorStores.search(b, { query: 'sentence number 7' })).data.length).toBeGreaterThan(0);
    expect((await rest('GET', `/vector_stores/${a}/files/${file_id}`)).status).toBe(404);
    expect((await client.files.retrieve(file_id)).status).toBe('processed');
    await client.files.delete(file_id);
    expect((await client.vectorStores.files.list(b)).data).toEqual([]);
    expect((await client.vectorStores.search(b, { query: 'sentence number 7' })).data).toEqual([]);
  }, 120_000);

  it('ends what cannot be read as failed, with OpenAI’s codes, and leaves the file processed', async () => {
    const id = await store();
    const unknown = await upload('data.bin', Buffer.from([0, 1, 2, 3, 4, 250, 251, 252, 0, 0, 7]));
    const empty = await upload('empty.txt', '   ');
    const scan = await upload('scan.pdf', await pdfWithoutText());
    for (const [file_id, code, says] of [
      [unknown, 'unsupported_file', /PDF, Word \(.docx\), .* and plain text\.$/],
      [empty, 'invalid_file', /^The file holds no text that can be read\.$/],
      // A store has no settings of a dataset.
      [scan, 'invalid_file', /no text that can be read\. Vector stores .* recognize no text/],
    ] as const) {
      const file = await client.vectorStores.files.createAndPoll(id, { file_id }, quick);
      expect(file.last_error?.message).toMatch(says);
      expect([file.status, file.last_error?.code, faultsOf('VectorStoreFileObject', file)]).toEqual(['failed', code, []]);
      expect((await client.files.retrieve(file_id)).status).toBe('processed');
    }
    expect((await client.vectorStores.files.list(id, { filter: 'failed' })).data).toHaveLength(3);
    expect((await client.vectorStores.files.list(id, { filter: 'completed' })).data).toEqual([]);
  }, 60_000);

  it('lists in pages, and replaces attributes', async () => {
    const id = await store();
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      const file_id = await upload(`${at}.txt`, `Text ${at}`);
      await client.vectorStores.files.create(id, { file_id, attributes: { at } });
      ids.push(file_id);
    }
    const seen: string[] = [];
    for await (const file of client.vectorStores.files.list(id, { limit: 2, order: 'asc' })) seen.push(file.id);
    expect(seen).toEqual(ids);
    const [first = ''] = ids;
    const updated = await client.vectorStores.files.update(first, { vector_store_id: id, attributes: { other: 'x' } });
    expect(updated.attributes).toEqual({ other: 'x' });
    expect((await rest('GET', `/vector_stores/${id}/files?after=file-none`)).status).toBe(400);
    const { body } = await rest('GET', `/vector_stores/${id}/files`);
    expect(faultsOf('ListVectorStoreFilesResponse', body)).toEqual([]);
  }, 60_000);

  it('finds nothing of a file from its time on, and takes it for absent', async () => {
    const [a, b] = [await store(), await store()];
    const file_id = await upload('passing.txt', gate);
    await client.vectorStores.files.createAndPoll(a, { file_id }, quick);
    await bench.platform.factory.run((tx) =>
      tx.file.updateMany({ where: { id: file_id }, data: { expiresAt: new Date(Date.now() - 1) } }),
    );
    expect((await rest('POST', `/vector_stores/${a}/search`, { query: 'access code of the north gate' })).body.data).toEqual([]);
    expect((await rest('GET', `/vector_stores/${a}/files`)).body.data).toEqual([]);
    const asked = (file: string) =>
      Promise.all([
        rest('GET', `/vector_stores/${a}/files/${file}`),
        rest('GET', `/vector_stores/${a}/files/${file}/content`),
        rest('POST', `/vector_stores/${a}/files/${file}`, { attributes: {} }),
        rest('POST', `/vector_stores/${a}/files`, { file_id: file }),
        rest('POST', `/vector_stores/${b}/file_batches`, { file_ids: [file] }),
        rest('POST', '/vector_stores', { file_ids: [file] }),
      ]);
    const told = (replies: Awaited<ReturnType<typeof asked>>) => replies.map(({ status, body }) => ({ status, body }));
    expect(told(await asked(file_id))).toEqual(told(await asked('file-none')));
  }, 60_000);

  it('says which scopes a key lacks that may neither read nor write files, whatever it names', async () => {
    const id = await store();
    const file_id = await upload('secret.txt', gate);
    const scopes = ['vector_stores:read', 'vector_stores:write'];
    const asked = (secret: string, file: string) =>
      Promise.all([
        rest('POST', `/vector_stores/${id}/files`, { file_id: file }, secret),
        rest('POST', `/vector_stores/${id}/file_batches`, { file_ids: [file] }, secret),
        rest('POST', '/vector_stores', { file_ids: [file] }, secret),
      ]);
    const told = (replies: Awaited<ReturnType<typeof asked>>) => replies.map(({ status, body }) => ({ status, body }));
    const { secret } = await bench.key({ scopes });
    const refused = await asked(secret, file_id);
    for (const { status, body } of refused)
      expect([status, body.error.code, body.error.message]).toEqual([
        403,
        'insufficient_scope',
        expect.stringMatching(/Missing scopes: files:read or files:write\. Presets that have it: platform-automation\.$/),
      ]);
    expect(refused.map(({ body }) => body.error.param)).toEqual(['file_id', 'file_ids[0]', 'file_ids[0]']);
    expect(told(await asked(secret, 'file-none'))).toEqual(told(refused));
    const writer = await bench.key({ scopes: [...scopes, 'files:write'] });
    expect((await asked(writer.secret, file_id)).map(({ status }) => status)).toEqual([200, 200, 200]);
  }, 60_000);

  it('attaches a file that is deleted at the same moment, or takes it for absent', async () => {
    const id = await store();
    const absent = await rest('POST', `/vector_stores/${id}/files`, { file_id: 'file-none' });
    for (let round = 0; round < 16; round += 1) {
      const file_id = await upload(`${round}.txt`, `Text ${round}`);
      const [attached, deleted] = await Promise.all([
        rest('POST', `/vector_stores/${id}/files`, { file_id }),
        rest('DELETE', `/files/${file_id}`),
      ]);
      expect(deleted.status).toBe(200);
      if (attached.status !== 200) expect([attached.status, attached.body]).toEqual([absent.status, absent.body]);
    }
    expect((await client.vectorStores.files.list(id)).data).toEqual([]);
  }, 60_000);

  it.each([
    ['no file', {}, 'missing_required_parameter', 'file_id'],
    [
      '17 attributes',
      { file_id: 'file-x', attributes: Object.fromEntries(Array.from({ length: 17 }, (_none, at) => [`${at}`, 1])) },
      'invalid_value',
      'attributes',
    ],
    ['a long key', { file_id: 'file-x', attributes: { ['k'.repeat(65)]: 1 } }, 'invalid_value', `attributes.${'k'.repeat(65)}`],
    ['a long text', { file_id: 'file-x', attributes: { a: 'x'.repeat(513) } }, 'invalid_value', 'attributes.a'],
    ['half a character', { file_id: 'file-x', attributes: { a: '\ud800' } }, 'invalid_value', 'attributes.a'],
    ['a list as an attribute', { file_id: 'file-x', attributes: { a: [1] } }, 'invalid_value', 'attributes.a'],
    ['an unknown field', { file_id: 'file-x', colour: 'red' }, 'unsupported_parameter', 'colour'],
  ])('refuses %s', async (_what, body, code, param) => {
    const answer = await rest('POST', `/vector_stores/${await store()}/files`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, param } } });
  });
});

describe('vector_stores.file_batches', () => {
  it("uploads, attaches and waits through OpenAI's helper", async () => {
    const id = await store();
    const files = await Promise.all([1, 2, 3].map((at) => toFile(Buffer.from(`Report ${at} about gates`), `${at}.txt`)));
    const batch = await client.vectorStores.fileBatches.uploadAndPoll(id, { files }, quick);
    expect(faultsOf('VectorStoreFileBatchObject', batch)).toEqual([]);
    expect(batch).toMatchObject({
      object: 'vector_store.files_batch',
      status: 'completed',
      file_counts: { in_progress: 0, completed: 3, failed: 0, cancelled: 0, total: 3 },
    });
    const listed = await client.vectorStores.fileBatches.listFiles(batch.id, { vector_store_id: id, filter: 'completed' });
    expect(listed.data).toHaveLength(3);
    expect((await client.vectorStores.search(id, { query: 'report about gates' })).data).toHaveLength(3);
  }, 60_000);

  it('takes files with attributes and chunking of their own, all or none', async () => {
    const id = await store();
    const [a, b] = [await upload('a.txt', long), await upload('b.txt', 'short')];
    const files: OpenAI.VectorStores.FileBatchCreateParams.File[] = [
      { file_id: a, attributes: { a: 1 }, chunking_strategy: fine },
      { file_id: b, attributes: { b: 2 } },
    ];
    const refused = await rest('POST', `/vector_stores/${id}/file_batches`, { files: [...files, { file_id: 'file-none' }] });
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'not_found', param: 'files[2].file_id' } } });
    expect((await client.vectorStores.files.list(id)).data).toEqual([]);
    const batch = await client.vectorStores.fileBatches.create(id, { files });
    const done = await client.vectorStores.fileBatches.poll(id, batch.id, quick);
    expect(done.file_counts).toMatchObject({ completed: 2, total: 2 });
    const { data } = await client.vectorStores.files.list(id, { order: 'asc' });
    expect(new Map(data.map((file) => [file.id, file.attributes]))).toEqual(
      new Map([
        [a, { a: 1 }],
        [b, { b: 2 }],
      ]),
    );
    for (const [body, param] of [
      [{}, 'file_ids'],
      [{ file_ids: [a], files }, 'files'],
      [{ file_ids: [] }, 'file_ids'],
    ] as const)
      expect(await rest('POST', `/vector_stores/${id}/file_batches`, body)).toMatchObject({
        status: 400,
        body: { error: { param } },
      });
  }, 60_000);

  it('is cancelled: what was not read ends as cancelled, what was stays', async () => {
    const id = await store();
    const ids = await Promise.all(Array.from({ length: 12 }, (_none, at) => upload(`c${at}.txt`, `${at} ${long}`)));
    const made = await client.vectorStores.fileBatches.create(id, { file_ids: ids, chunking_strategy: fine });
    const cancelled = await client.vectorStores.fileBatches.cancel(made.id, { vector_store_id: id });
    expect(cancelled.file_counts).toMatchObject({ in_progress: 0, total: 12 });
    const later = await client.vectorStores.fileBatches.retrieve(made.id, { vector_store_id: id });
    expect(later).toEqual(cancelled);
    expect([later.status, later.file_counts.cancelled > 0]).toEqual(['cancelled', true]);
    const { data } = await client.vectorStores.files.list(id, { filter: 'cancelled' });
    expect(data).toHaveLength(later.file_counts.cancelled);
    const [again = ''] = data.map((file) => file.id);
    expect(await client.vectorStores.files.createAndPoll(id, { file_id: again }, quick)).toMatchObject({ status: 'completed' });
  }, 90_000);
});

describe('the end of a store', () => {
  const left = (id: string) =>
    bench.platform.factory.run(async (tx) => [
      await tx.ingestion.count({ where: { datasetId: id } }),
      await tx.chunk.count({ where: { datasetId: id } }),
      await tx.dataset.count({ where: { id } }),
    ]);

  it('removes all that was in it, in steps, and no file', async () => {
    const id = await store();
    const file_id = await upload('long.txt', long);
    await client.vectorStores.files.createAndPoll(id, { file_id, chunking_strategy: fine }, quick);
    await client.vectorStores.delete(id);
    expect((await rest('POST', `/vector_stores/${id}/search`, { query: 'sentence' })).status).toBe(404);
    await sweep();
    expect(await left(id)).toEqual([0, 0, 0]);
    expect((await client.files.retrieve(file_id)).status).toBe('processed');
  }, 60_000);

  it('comes with its expiry: nothing is found or added any more, and it is still listed', async () => {
    const { id } = await client.vectorStores.create({ expires_after: { anchor: 'last_active_at', days: 1 } });
    const file_id = await upload('gate.txt', gate);
    await client.vectorStores.files.createAndPoll(id, { file_id }, quick);
    const active = async () => (await client.vectorStores.retrieve(id)).last_active_at ?? 0;
    const age = (interval: string) =>
      bench.platform.factory.run((tx) =>
        tx.$executeRawUnsafe(`update vector_stores set last_active_at = now() - interval '${interval}' where id = '${id}'`),
      );
    await age('23 hours');
    const before = await active();
    expect((await client.vectorStores.search(id, { query: 'gate' })).data).toHaveLength(1);
    expect(await active()).toBeGreaterThan(before + 80_000);
    await age('25 hours');
    for (const path of ['search', 'files'])
      expect(
        await rest('POST', `/vector_stores/${id}/${path}`, path === 'search' ? { query: 'gate' } : { file_id }),
      ).toMatchObject({ status: 400, body: { error: { param: 'vector_store_id' } } });
    expect((await client.vectorStores.retrieve(id)).status).toBe('expired');
    for (const expires_after of [{ anchor: 'last_active_at', days: 30 }, null])
      expect(await rest('POST', `/vector_stores/${id}`, { name: 'Back', expires_after })).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_value', param: 'expires_after' } },
      });
    expect(await client.vectorStores.update(id, { name: 'Over' })).toMatchObject({ name: 'Over', status: 'expired' });
    await sweep();
    expect(await left(id)).toEqual([0, 0, 1]);
    expect(await client.vectorStores.retrieve(id)).toMatchObject({
      status: 'expired',
      usage_bytes: 0,
      file_counts: { total: 0 },
    });
  }, 60_000);

  async function sweep(): Promise<void> {
    const { StoreSweepRepository } = await import('../../src/modules/vector-stores/store-sweep.repository.js');
    const { StoreSweepService } = await import('../../src/modules/vector-stores/store-sweep.service.js');
    const { PlatformDatabase } = await import('../../src/platform/database/platform-database.js');
    const database = bench.platform.app.running.app.get(PlatformDatabase, { strict: false });
    await new StoreSweepService(new StoreSweepRepository(database)).sweep(AbortSignal.timeout(30_000));
  }
});

describe('a foreign id', () => {
  it('of a file, of whatever kind, is answered like an absent one wherever a body has it', async () => {
    const other = await bench.otherTenant('stranger');
    const theirs = await bench.platform.factory.key(other);
    const file = await toFile(Buffer.from('x'), 'x.txt');
    const foreign = (await openai(bench.url, theirs).files.create({ file, purpose: 'assistants' })).id;
    const ofDataset = (await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'd.txt', bytes: 'd' })).id;
    const id = await store();
    const bodies = (named: string) =>
      [
        ['/vector_stores', { file_ids: [named] }],
        [`/vector_stores/${id}/files`, { file_id: named }],
        [`/vector_stores/${id}/file_batches`, { file_ids: [named] }],
        [`/vector_stores/${id}/file_batches`, { files: [{ file_id: named }] }],
      ] as const;
    for (const [at, [path, absent]] of bodies('file-AbsentAbsentAbsentAbsent').entries()) {
      const expected = await rest('POST', path, absent);
      expect(expected.status).toBe(404);
      for (const named of [foreign, ofDataset]) {
        const answer = await rest('POST', path, bodies(named)[at]?.[1]);
        expect([answer.status, answer.body]).toEqual([404, expected.body]);
      }
    }
  });
});

describe('a dataset as a store', () => {
  it('has its files, their text and its passages read, and nothing changed', async () => {
    const { id } = await bench.dataset('castle');
    const { id: fileId } = await bench.accepted(key.secret, '/datasets/castle/files', { name: 'gate.txt', bytes: gate });
    await bench.ended(key.secret, fileId);
    expect((await client.vectorStores.files.list(id)).data).toMatchObject([{ id: fileId, status: 'completed', attributes: {} }]);
    expect((await client.vectorStores.files.content(fileId, { vector_store_id: id })).data).toEqual([
      { type: 'text', text: gate },
    ]);
    const { data } = await client.vectorStores.search(id, { query: 'access code' });
    expect(data).toMatchObject([{ file_id: fileId, filename: 'gate.txt' }]);
    const file_id = await upload('x.txt', 'x');
    for (const [method, path, body] of [
      ['POST', '/files', { file_id }],
      ['POST', `/files/${fileId}`, { attributes: {} }],
      ['DELETE', `/files/${fileId}`, undefined],
      ['POST', '/file_batches', { file_ids: [file_id] }],
    ] as const)
      expect((await rest(method, `/vector_stores/${id}${path}`, body)).status).toBe(404);
    const blind = await bench.key({ scopes: ['vector_stores:read'], datasets: [] });
    for (const [method, path] of [
      ['GET', '/files'],
      ['GET', `/files/${fileId}`],
      ['POST', '/search'],
    ] as const)
      expect(
        (await rest(method, `/vector_stores/${id}${path}`, method === 'GET' ? undefined : { query: 'x' }, blind.secret)).status,
      ).toBe(404);
  }, 60_000);
});

describe('usage', () => {
  it('books attachments on the key that attached, and searches on the key that searched', async () => {
    const [owner, attacher, seeker] = [key, await bench.key(), await bench.key()];
    const id = await store();
    const file_id = await upload('gate.txt', `${gate} Booked.`);
    await openai(bench.url, attacher).vectorStores.files.createAndPoll(id, { file_id }, quick);
    await openai(bench.url, seeker).vectorStores.search(id, { query: 'gate' });
    const booked = (keyId: string, route: string) =>
      bench.platform.factory.run((tx) => tx.usageEvent.count({ where: { keyId, route } }));
    await until(
      'both are booked',
      async () => (await booked(attacher.id, 'file.process')) === 1 && (await booked(seeker.id, 'vector_stores.search')) === 1,
    );
    expect(await booked(owner.id, 'vector_stores.search')).toBeGreaterThan(0);
  }, 60_000);
});
