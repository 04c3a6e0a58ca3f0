import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { areAlike, tokenOf } from '../support/admin.js';
import type { ApiReply } from '../support/app.js';
import { runCli } from '../support/cli.js';
import { zipWith } from '../support/documents.js';
import { FilesBench } from '../support/files.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
const text = 'The lighthouse of Port Ellery was painted green in 1887. '.repeat(60);

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };
let datasetId: string;
let manager: string;
let viewer: string;

beforeAll(async () => {
  bench = await FilesBench.start({ GT_MAX_FILE_BYTES: String(4 * 1024 * 1024) });
  await bench.otherTenant('other');
  key = await bench.key();
  datasetId = (await bench.call(key.secret, 'GET', '/datasets/handbook')).body.id;
  manager = await tokenOf(bench.platform.app, 'acme', 'manager');
  viewer = await tokenOf(bench.platform.app, 'acme', 'viewer');
});
afterAll(() => bench.close());

const admin = (method: string, where: string, body?: object, token = manager): Promise<ApiReply> =>
  bench.platform.app.admin(method, where, body, token);

async function importArchive(id: string, archive: Uint8Array | string, token = manager, name = 'all.zip'): Promise<ApiReply> {
  const form = new FormData();
  form.append('file', new Blob([typeof archive === 'string' ? archive : Uint8Array.from(archive)]), name);
  const response = await fetch(`${bench.platform.app.adminUrl}/datasets/${id}/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

describe('GET /jobs and gt queue', () => {
  it('show how many files wait and for how long, over all tenants', async () => {
    const empty = await bench.platform.app.admin('GET', '/jobs');
    expect(empty.body).toEqual({
      object: 'list',
      data: [{ object: 'queue', id: 'files', waiting: 0, running: 0, oldest_waiting_ms: null }],
      document_reader: null,
    });
    await bench.accepted(key.secret, path, { name: 'a.txt', bytes: text });
    const { body } = await bench.platform.app.admin('GET', '/jobs');
    expect(body.data[0]).toMatchObject({ waiting: 1, running: 0, oldest_waiting_ms: expect.any(Number) });
    const { adminUrl, operatorToken } = bench.platform.app;
    const run = await runCli(['queue', '--url', adminUrl, '--token', operatorToken]);
    expect([run.code, run.err]).toEqual([0, '']);
    expect(run.out).toMatch(/files +1 +0 +\d+\.\d s/);
  });

  it('are for operators', async () => {
    expect((await admin('GET', '/jobs')).body.error.code).toBe('insufficient_role');
  });
});

describe('GET /files on the admin plane', () => {
  it('lists the files of a tenant with filters, and whose they are', async () => {
    const file = await bench.accepted(key.secret, path, { name: 'listed.txt', bytes: text });
    const { body } = await admin(
      'GET',
      `/files?filename=listed.txt&dataset=${datasetId}&kind=dataset&state=stored`,
      undefined,
      viewer,
    );
    expect(body.data).toEqual([{ ...file, tenant: 'acme', key: key.id, media_type: 'text/plain' }]);
    expect((await admin('GET', '/files?state=failed', undefined, viewer)).body.data).toEqual([]);
    expect((await admin('GET', '/files', undefined, await tokenOf(bench.platform.app, 'other', 'owner'))).body.data).toEqual([]);
  });
});

describe('POST /datasets/{id}/import', () => {
  it('makes a file of each entry that is one, and says of the others why not', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const archive = await zipWith({
      'reports/first.txt': 'The first report.',
      'second.md': '# The second report',
      'picture.png': png,
      '__MACOSX/._first.txt': 'nothing',
      'long.txt': Buffer.alloc(5 * 1024 * 1024, 'long '),
    });
    const { status, body } = await importArchive(datasetId, archive);
    expect([status, body.object, body.id, body.accepted, body.refused]).toEqual([200, 'dataset.import', datasetId, 2, 2]);
    const byName = new Map(
      (body.results as { name: string; file_id: string | null; error: { code: string } | null }[]).map((entry) => [
        entry.name,
        entry,
      ]),
    );
    expect(byName.get('picture.png')).toMatchObject({ file_id: null, error: { code: 'unsupported_media_type' } });
    expect(byName.get('long.txt')).toMatchObject({ file_id: null, error: { code: 'payload_too_large' } });
    const first = byName.get('reports/first.txt')?.file_id ?? '';
    expect(await bench.file(key.secret, first)).toMatchObject({
      filename: 'first.txt',
      bytes: 17,
      status: 'queued',
      gt: { dataset_id: datasetId },
    });
  });

  it('refuses what is no archive, too many bytes, and a dataset that is not there, and keeps nothing of it', async () => {
    const before = (await admin('GET', '/files?limit=100')).body.data.length;
    expect((await importArchive(datasetId, 'plain words')).body.error).toMatchObject({
      code: 'unsupported_media_type',
      param: 'file',
    });
    expect((await importArchive(datasetId, 'PK but no archive')).body.error).toMatchObject({
      code: 'invalid_value',
      param: 'file',
    });
    const bomb = await zipWith({ 'bomb.txt': Buffer.alloc(20 * 1024 * 1024) });
    expect((await importArchive(datasetId, bomb)).body.error).toMatchObject({ code: 'payload_too_large', param: 'file' });
    const good = await zipWith({ 'a.txt': 'a' });
    const foreign = await bench.dataset('theirs', 'other');
    const replies = [await importArchive(foreign.id, good), await importArchive('ds_absent', good)];
    expect(replies[0]?.status).toBe(404);
    expect(areAlike(replies)).toBe(true);
    expect((await importArchive(datasetId, good, viewer)).status).toBe(403);
    expect((await admin('GET', '/files?limit=100')).body.data).toHaveLength(before);
  });
});

describe('the passages of a dataset', () => {
  let file: FileObject;

  beforeAll(async () => {
    await bench.worker();
    const made = await bench.accepted(key.secret, path, { name: 'passages.txt', bytes: text });
    file = await bench.ended(key.secret, made.id);
  });

  it('are made anew when its bounds change, and only then', async () => {
    const before = await bench.chunks(file.id);
    expect((await admin('PATCH', `/datasets/${datasetId}`, { name: 'Handbook' })).status).toBe(200);
    expect((await bench.file(key.secret, file.id)).gt.attempts).toBe(1);
    expect((await admin('PATCH', `/datasets/${datasetId}`, { chunk_tokens: 64, overlap_tokens: 8 })).status).toBe(200);
    await until('there are new passages', async () => (await bench.file(key.secret, file.id)).gt.attempts === 2);
    expect((await bench.ended(key.secret, file.id)).status).toBe('ready');
    const after = await bench.chunks(file.id);
    expect(after.length).toBeGreaterThan(before.length);
  });

  it('are made anew by another model, the old ones standing until then', async () => {
    const before = await bench.chunks(file.id);
    const embedding = { connection: 'main', model: 'sandbox-embed-2' };
    await admin('PATCH', `/datasets/${datasetId}`, { embedding });
    const seen = new Set<number>();
    await until('the new model has been used', async () => {
      const chunks = await bench.chunks(file.id);
      seen.add(chunks.length);
      return chunks[0]?.embeddingModel === 'sandbox-embed-2';
    });
    expect(seen).toEqual(new Set([before.length]));
    await bench.ended(key.secret, file.id);
  });

  it('are made anew on demand, except of files that failed by themselves', async () => {
    const broken = await bench.accepted(key.secret, path, { name: 'broken.pdf', bytes: '%PDF-1.7 and nothing else' });
    const failed = await bench.ended(key.secret, broken.id);
    expect(failed.status).toBe('failed');
    const { attempts } = (await bench.ended(key.secret, file.id)).gt;
    const { status, body } = await admin('POST', `/datasets/${datasetId}/reembed`, {});
    expect([status, body.object, body.id]).toEqual([200, 'dataset.reembed', datasetId]);
    expect(body.files).toBeGreaterThan(0);
    await until('it has a new attempt', async () => (await bench.file(key.secret, file.id)).gt.attempts === attempts + 1);
    expect((await bench.ended(key.secret, file.id)).status).toBe('ready');
    expect(await bench.file(key.secret, broken.id)).toEqual(failed);
    const audit = await bench.platform.app.admin('GET', `/audit?tenant=acme&object_id=${datasetId}`);
    expect(audit.body.data[0]).toMatchObject({ action: 'reembed', kind: 'dataset' });
  });

  it('are not touched by viewers or strangers', async () => {
    expect((await admin('POST', `/datasets/${datasetId}/reembed`, {}, viewer)).status).toBe(403);
    const stranger = await tokenOf(bench.platform.app, 'other', 'owner');
    const replies = [
      await admin('POST', `/datasets/${datasetId}/reembed`, {}, stranger),
      await admin('POST', '/datasets/ds_absent/reembed', {}, stranger),
    ];
    expect(replies[0]?.status).toBe(404);
    expect(areAlike(replies)).toBe(true);
  });
});

describe('the files of a dataset in the hands of its people', () => {
  let own: string;
  let fileId: string;

  const send = async (
    id: string,
    name: string,
    content: string | Uint8Array<ArrayBuffer>,
    token = manager,
    headers = {},
  ): Promise<ApiReply> => {
    const form = new FormData();
    form.append('file', new Blob([content]), name);
    const response = await fetch(`${bench.platform.app.adminUrl}/datasets/${id}/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: form,
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
  };
  const operator = (method: string, where: string, body?: object): Promise<ApiReply> =>
    bench.platform.app.admin(method, `${where}?tenant=acme`, body);

  beforeAll(async () => {
    const embedding = { connection: 'main', model: 'sandbox-embed' };
    own = (await admin('POST', '/datasets', { alias: 'people', embedding, chunk_tokens: 64, overlap_tokens: 0 })).body.id;
    const { status, body } = await send(own, 'ellery.txt', text);
    expect([status, body.status, body.key, body.gt.dataset_id]).toEqual([201, 'queued', 'admin', own]);
    fileId = body.id;
  });

  it('are waited for, and refused like those of keys', async () => {
    await until('it is ready', async () => {
      const { body } = await admin('GET', `/files/${fileId}?wait=10`, undefined, viewer);
      return body.status === 'ready';
    });
    expect((await send(own, 'a.png', Uint8Array.from(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')))).status).toBe(415);
    expect((await send(own, 'a.txt', 'x'.repeat(5 * 1024 * 1024))).body.error.code).toBe('payload_too_large');
    expect((await send(own, 'a.txt', 'a', viewer)).body.error.code).toBe('insufficient_role');
    expect((await admin('GET', `/files?dataset=${own}`)).body.data).toHaveLength(1);
  });

  it('are not made twice by somebody who sends the same once more', async () => {
    const again = await send(own, 'ellery.txt', text, manager, { 'x-stainless-retry-count': '1' });
    expect([again.status, again.body.id]).toEqual([201, fileId]);
    const audit = await bench.platform.app.admin('GET', `/audit?tenant=acme&object_id=${fileId}`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual(['create']);
  });

  it('show their passages page by page to people of the tenant alone', async () => {
    const first = await admin('GET', `/files/${fileId}/passages?limit=2`);
    expect(first.body).toMatchObject({ has_more: true, first_id: '0', last_id: '1' });
    expect(first.body.data[0]).toMatchObject({ object: 'file.passage', tokens: expect.any(Number), source: {} });
    const next = await admin('GET', `/files/${fileId}/passages?limit=2&after=1`);
    expect(next.body.first_id).toBe('2');
    const back = await admin('GET', `/files/${fileId}/passages?limit=2&before=2`);
    expect(back.body).toEqual({ ...first.body, has_more: false });
    expect((await admin('GET', `/files/${fileId}/passages?after=x`)).body.data).toEqual([]);
    expect((await operator('GET', `/files/${fileId}/passages`)).body.error.code).toBe('insufficient_role');
    expect((await admin('GET', `/files/${fileId}/passages`, undefined, viewer)).status).toBe(403);
  });

  it('are found by the search of people as by that of a key', async () => {
    const question = { query: 'Which colour has the lighthouse?', limit: 3 };
    const { status, body } = await admin('POST', `/datasets/${own}/search`, question);
    expect([status, body.data[0].file_id, body.data[0].filename]).toEqual([200, fileId, 'ellery.txt']);
    const ofKey = await bench.call(key.secret, 'POST', '/datasets/people/search', question);
    expect(body.data).toEqual(ofKey.body.data);
    expect((await operator('POST', `/datasets/${own}/search`, question)).body.error.code).toBe('insufficient_role');
  });

  it('are processed again and deleted by gt, which the audit says', async () => {
    const { adminUrl } = bench.platform.app;
    const gt = (...words: string[]) => runCli([...words, '--url', adminUrl, '--token', manager]);
    const passages = await gt('file', 'passages', fileId, '--limit', '1');
    expect([passages.code, passages.out]).toEqual([0, expect.stringContaining('Port Ellery')]);
    expect((await gt('dataset', 'search', 'people', '--query', 'lighthouse')).out).toContain('ellery.txt');
    expect((await gt('file', 'reprocess', fileId)).code).toBe(0);
    await until('it has a new attempt', async () => {
      const { body } = await admin('GET', `/files/${fileId}`);
      return body.gt.attempts === 2 && body.status === 'ready';
    });
    expect((await gt('file', 'delete', fileId, '--yes')).out).toBe(`Deleted ${fileId}.\n`);
    expect((await admin('GET', `/files/${fileId}`)).status).toBe(404);
    const audit = await bench.platform.app.admin('GET', `/audit?tenant=acme&object_id=${fileId}`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual(['delete', 'reprocess', 'create']);
    expect(audit.body.data[0]).toMatchObject({ before: { filename: 'ellery.txt' }, address: '127.0.0.1' });
  });
});
