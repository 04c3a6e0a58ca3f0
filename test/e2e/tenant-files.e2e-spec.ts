import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import OpenAI, { toFile } from 'openai';
import { ContentHolds } from '../../src/modules/files/intake/content-holds.js';
import { OrphanContents } from '../../src/modules/files/intake/orphan-contents.service.js';
import { ExpiredFiles } from '../../src/modules/files/tenant/expired-files.service.js';
import { MadeFiles } from '../../src/modules/files/tenant/made-files.service.js';
import { TenantFiles } from '../../src/modules/files/tenant/tenant-files.service.js';
import { TenantDatabase, type Transaction } from '../../src/platform/database/tenant-database.js';
import { areAlike } from '../support/admin.js';
import type { ApiReply } from '../support/app.js';
import { FilesBench, type Content } from '../support/files.js';
import { faultsOf } from '../support/openai-schema.js';

interface TestKey {
  readonly id: string;
  readonly secret: string;
}

let bench: FilesBench;
let key: TestKey;
let openai: OpenAI;

beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.otherTenant('other');
  key = await bench.key();
  openai = new OpenAI({ baseURL: bench.url, apiKey: key.secret, maxRetries: 0 });
});
afterAll(() => bench.close());

const content = (purpose: string, further: Partial<Content> = {}): Content => ({
  name: 'a.txt',
  bytes: 'Some text.',
  ...further,
  fields: { purpose, ...further.fields },
});
const upload = (purpose: string, further: Partial<Content> = {}, by = key): Promise<ApiReply> =>
  bench.upload(by.secret, '/files', content(purpose, further));
const stored = async (purpose: string, further: Partial<Content> = {}): Promise<string> => {
  const { status, body } = await upload(purpose, further);
  expect([status, body.object]).toEqual([200, 'file']);
  return body.id as string;
};

/** One call for a content, with its bytes. */
async function download(
  id: string,
  headers: Readonly<Record<string, string>> = {},
  { method = 'GET', by = key }: { method?: string; by?: TestKey } = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const reply = await fetch(`${bench.url}/files/${id}/content`, {
    method,
    headers: { authorization: `Bearer ${by.secret}`, ...headers },
  });
  return { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) };
}

/** The files of the storage, without its folders: a folder that a content had may stay. */
const namesOfContents = (): string[] =>
  readdirSync(join(bench.dataDir, 'files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();

describe("OpenAI's client", () => {
  it('stores, waits for, shows, lists, reads and deletes a file', async () => {
    const made = await openai.files.create({ file: await toFile(Buffer.from('Hello'), 'hello.md'), purpose: 'assistants' });
    expect(made).toMatchObject({ object: 'file', bytes: 5, filename: 'hello.md', purpose: 'assistants', status: 'processed' });
    expect(faultsOf('OpenAIFile', made)).toEqual([]);
    expect(await openai.files.waitForProcessing(made.id)).toEqual(made);
    expect(await openai.files.retrieve(made.id)).toEqual(made);
    const listed: string[] = [];
    for await (const file of openai.files.list({ purpose: 'assistants', limit: 1 })) listed.push(file.id);
    expect(listed).toContain(made.id);
    expect(await (await openai.files.content(made.id)).text()).toBe('Hello');
    const deleted = await openai.files.delete(made.id);
    expect(deleted).toEqual({ id: made.id, object: 'file', deleted: true });
    expect(faultsOf('DeleteFileResponse', deleted)).toEqual([]);
    await expect(openai.files.retrieve(made.id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(openai.files.content(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(openai.files.delete(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('says when a file is removed', async () => {
    const file = await toFile(Buffer.from('Hello'), 'hello.txt');
    const made = await openai.files.create({
      file,
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    });
    expect(made.expires_at).toBe(made.created_at + 3_600);
    expect(faultsOf('OpenAIFile', made)).toEqual([]);
    const batch = await openai.files.create({ file: await toFile(Buffer.from('{}\n'), 'a.jsonl'), purpose: 'batch' });
    expect(batch.expires_at).toBe(batch.created_at + 30 * 86_400);
  });
});

describe('a file of POST /files', () => {
  it('may be of any type, JSON lines of none but text', async () => {
    const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), randomBytes(64)]);
    for (const purpose of ['assistants', 'vision', 'user_data'])
      expect((await upload(purpose, { name: 'a.png', bytes: picture })).body.status).toBe('processed');
    expect((await upload('user_data', { name: 'a.bin', bytes: randomBytes(5_000) })).status).toBe(200);
    expect((await upload('user_data', { bytes: '' })).body.bytes).toBe(0);
    for (const purpose of ['batch', 'fine-tune', 'evals']) {
      const { status, body } = await upload(purpose, { name: 'a.jsonl', bytes: picture });
      expect([status, body.error.code, body.error.param]).toEqual([415, 'unsupported_media_type', 'file']);
    }
  });

  it.each([
    ['no purpose', {}, 'purpose'],
    ['an unknown purpose', { purpose: 'assistants_output' }, 'purpose'],
    ['an unknown field', { purpose: 'user_data', model: 'x' }, 'model'],
    [
      'another anchor',
      { purpose: 'user_data', 'expires_after[anchor]': 'now', 'expires_after[seconds]': '3600' },
      'expires_after.anchor',
    ],
    [
      'too short a time',
      { purpose: 'user_data', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '3599' },
      'expires_after.seconds',
    ],
    [
      'too long a time',
      { purpose: 'user_data', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '2592001' },
      'expires_after.seconds',
    ],
    ['no time', { purpose: 'user_data', 'expires_after[anchor]': 'created_at' }, 'expires_after.seconds'],
  ])('with %s is 400 and leaves nothing', async (_what, fields, param) => {
    const before = await count();
    const { status, body } = await bench.upload(key.secret, '/files', { name: 'a.txt', bytes: 'x', fields });
    expect([status, body.error.param]).toEqual([400, param]);
    expect(await count()).toBe(before);
  });

  it('keeps a name that is a path or has control characters as harmless text', async () => {
    const { body } = await upload('user_data', { name: '../../etc/"pass\u202ewd".txt' });
    expect(body.filename).not.toMatch(/[/\u202e]/);
    const { headers } = await download(body.id as string);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[^"\\]+"; filename\*=UTF-8''[^"\s]+$/);
  });

  it('counts in the limits of key and tenant', async () => {
    const small = await bench.key({ limits: { stored_bytes: 10, uploads_per_day: 2 } });
    expect((await upload('user_data', { bytes: '12345678' }, small)).status).toBe(200);
    expect((await upload('user_data', { bytes: '123' }, small)).body.error.code).toBe('insufficient_quota');
    expect((await upload('user_data', { bytes: '12' }, small)).status).toBe(200);
    expect((await upload('user_data', { bytes: '' }, small)).body.error.code).toBe('rate_limit_exceeded');
  });

  it('sent again by an SDK is the same file, for the same purpose', async () => {
    const retried = { bytes: 'sent twice', headers: { 'x-stainless-retry-count': '1' } };
    const first = await stored('user_data', retried);
    expect(await stored('user_data', retried)).toBe(first);
    expect(await stored('assistants', retried)).not.toBe(first);
  });

  it('is as it is after reprocess', async () => {
    const id = await stored('user_data');
    const { status, body } = await bench.call(key.secret, 'POST', `/files/${id}/reprocess`);
    expect([status, body]).toEqual([200, await bench.file(key.secret, id)]);
  });

  it('is absent from its time on, at every door', async () => {
    const id = await stored('user_data');
    await bench.platform.factory.run((tx) =>
      tx.file.updateMany({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } }),
    );
    for (const [method, path] of doors) {
      const replies = await Promise.all(
        [id, 'file-absent'].map((one) => bench.call(key.secret, method, path.replace('ID', one))),
      );
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect((await bench.call(key.secret, 'GET', '/files')).body.data.map((file: { id: string }) => file.id)).not.toContain(id);
  });
});

const doors = [
  ['GET', '/files/ID'],
  ['GET', '/files/ID/content'],
  ['GET', '/files/ID/events'],
  ['POST', '/files/ID/reprocess'],
  ['DELETE', '/files/ID'],
] as const;

async function count(): Promise<number> {
  return bench.platform.factory.run((tx) => tx.file.count());
}

describe('whose a file is', () => {
  it("the tenant's: every key of it with the scope sees and deletes it, and no other", async () => {
    const id = await stored('user_data');
    const reader = await bench.key({ scopes: ['files:read'] });
    const writer = await bench.key({ scopes: ['files:write'] });
    const datasets = await bench.key({
      scopes: ['datasets:read', 'datasets:write', 'conversations:read', 'conversations:files'],
    });
    const stranger = await bench.key({ tenant: 'other' });
    expect((await bench.call(reader.secret, 'GET', `/files/${id}`)).status).toBe(200);
    expect((await download(id, {}, { by: reader })).bytes.toString()).toBe('Some text.');
    expect((await bench.call(reader.secret, 'DELETE', `/files/${id}`)).body.error.code).toBe('insufficient_scope');
    expect((await upload('user_data', {}, reader)).body.error.code).toBe('insufficient_scope');
    expect((await download(id, {}, { by: writer })).status).toBe(403);
    expect((await bench.call(datasets.secret, 'GET', `/files/${id}`)).status).toBe(404);
    for (const [method, path] of doors) {
      const replies = await Promise.all(
        [id, 'file-absent'].map((one) => bench.call(stranger.secret, method, path.replace('ID', one))),
      );
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect((await bench.call(stranger.secret, 'GET', '/files')).body.data).toEqual([]);
    expect((await bench.call(writer.secret, 'DELETE', `/files/${id}`)).status).toBe(200);
  });

  it('neither a dataset’s nor a conversation’s: those are listed, served and deleted elsewhere', async () => {
    const file = await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'b.txt', bytes: 'b' });
    expect((await bench.call(key.secret, 'GET', '/files')).body.data.map(({ id }: { id: string }) => id)).not.toContain(file.id);
    expect((await download(file.id)).status).toBe(404);
    expect((await bench.call(key.secret, 'DELETE', `/files/${file.id}`)).status).toBe(404);
    expect((await bench.call(key.secret, 'DELETE', `/datasets/handbook/files/${await stored('assistants')}`)).status).toBe(404);
  });

  it('stays when the key that stored it is deleted', async () => {
    const leaving = await bench.key();
    const { body } = await upload('user_data', {}, leaving);
    expect((await bench.platform.app.admin('DELETE', `/keys/${leaving.id}?tenant=acme`)).status).toBe(200);
    expect((await download(body.id as string)).bytes.toString()).toBe('Some text.');
  });
});

describe('the list', () => {
  it('is paged by the ids of its files, in both orders, and filtered by purpose', async () => {
    const other = await bench.key({ tenant: 'other' });
    const ids: string[] = [];
    for (const purpose of ['user_data', 'vision', 'user_data']) ids.push((await upload(purpose, {}, other)).body.id as string);
    const list = async (query: string): Promise<ApiReply> => bench.call(other.secret, 'GET', `/files${query}`);
    const idsOf = ({ body }: ApiReply): string[] => body.data.map(({ id }: { id: string }) => id);
    const all = await list('');
    expect(idsOf(all)).toEqual(ids.toReversed());
    expect(faultsOf('ListFilesResponse', all.body)).toEqual([]);
    const none = await list('?purpose=batch_output');
    expect([none.body.data, faultsOf('ListFilesResponse', none.body)]).toEqual([[], []]);
    const first = await list('?limit=2&order=asc');
    expect([idsOf(first), first.body.has_more, first.body.last_id]).toEqual([ids.slice(0, 2), true, ids[1]]);
    const rest = await list(`?limit=10000&order=asc&after=${ids[1]}`);
    expect([idsOf(rest), rest.body.has_more]).toEqual([ids.slice(2), false]);
    expect(idsOf(await list('?purpose=vision'))).toEqual([ids[1]]);
    expect(idsOf(await list(`?purpose=vision&after=${ids[2]}`))).toEqual([ids[1]]);
    for (const [query, param] of [
      ['?limit=0', 'limit'],
      ['?limit=10001', 'limit'],
      ['?order=up', 'order'],
      ['?purpose=other', 'purpose'],
      ['?after=file-absent', 'after'],
      ['?before=file-absent', 'before'],
    ])
      expect((await list(query ?? '')).body.error).toMatchObject({ param });
    expect((await list(`?after=${await stored('user_data')}`)).body.error).toMatchObject({
      param: 'after',
      code: 'invalid_value',
    });
  });
});

describe('the content', () => {
  const bytes = randomBytes(300_000);
  let id: string;
  beforeAll(async () => void (id = await stored('user_data', { name: 'Straße.bin', bytes })));

  it('comes whole, as a download that no browser shows', async () => {
    const whole = await download(id);
    expect([whole.status, whole.bytes.equals(bytes)]).toEqual([200, true]);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '300000',
      'content-disposition': `attachment; filename="Stra_e.bin"; filename*=UTF-8''Stra%C3%9Fe.bin`,
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
    const head = await download(id, {}, { method: 'HEAD' });
    const same = ({ headers }: { headers: Headers }): object =>
      Object.fromEntries([...headers].filter(([name]) => !/date|request-id|processing|keep-alive|connection/.test(name)));
    expect([head.status, head.bytes.length, same(head)]).toEqual([200, 0, same(whole)]);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 200],
    ['bytes=299999-', 299_999, 300_000],
    ['bytes=10-999999', 10, 300_000],
    ['bytes=-5', 299_995, 300_000],
    ['bytes=-999999', 0, 300_000],
  ])('comes in part for %s', async (range, start, end) => {
    const part = await download(id, { range });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/300000`]);
    expect(part.headers.get('content-length')).toBe(String(end - start));
    expect(part.bytes.equals(bytes.subarray(start, end))).toBe(true);
  });

  it.each(['bytes=300000-', 'bytes=300001-400000', 'bytes=-0'])('is 416 for %s', async (range) => {
    const { status, headers, bytes: body } = await download(id, { range });
    expect([status, headers.get('content-range')]).toEqual([416, 'bytes */300000']);
    expect(JSON.parse(body.toString()).error.code).toBe('range_not_satisfiable');
  });

  it.each(['bytes=5-4', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=-', ''])('comes whole for %p', async (range) => {
    expect((await download(id, { range })).status).toBe(200);
  });

  it('comes whole where what the client has is another content', async () => {
    const etag = (await download(id, {}, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect((await download(id, { range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
    expect((await download(id, { range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
  });

  it('of a file without bytes is empty, and has no range', async () => {
    const empty = await stored('user_data', { bytes: '' });
    expect(await download(empty)).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
    expect((await download(empty, { range: 'bytes=0-' })).status).toBe(416);
  });
});

describe('the content of a deleted file', () => {
  const get = <T>(part: new (...parameters: never[]) => T): T => bench.platform.app.running.app.get<T>(part, { strict: false });
  const within = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => get(TenantDatabase).run(bench.platform.acme.id, work);
  const open = (storageKey: string): Promise<string> =>
    get(TenantFiles)
      .open({ storageKey })
      .then((content) => text(content));
  const keyOf = async (id: string): Promise<string> => (await get(TenantFiles).get(bench.platform.acme.id, id)).storageKey;
  /** Runs the sweep as if all contents were old. */
  async function sweep(): Promise<void> {
    const folder = join(bench.dataDir, 'files');
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), new Date(), new Date(Date.now() - 61 * 60_000));
    await get(OrphanContents).removeOrphans(new AbortController().signal);
  }

  it('is gone at once, but stays while somebody holds it', async () => {
    const { id: tenantId } = bench.platform.acme;
    const ids = [await stored('user_data'), await stored('user_data'), await stored('user_data')] as const;
    const [free, heldKey, expired] = [await keyOf(ids[0]), await keyOf(ids[1]), await keyOf(ids[2])];
    const hold = (id: string, holder: string): Promise<string> =>
      within((tx) => get(ContentHolds).hold(tx, tenantId, id, holder));
    expect(await hold(ids[1], 'batch_1')).toBe(heldKey);
    expect(await hold(ids[1], 'batch_2')).toBe(heldKey);
    expect(await hold(ids[2], 'batch_1')).toBe(expired);
    for (const id of ids.slice(0, 2)) await openai.files.delete(id);
    await bench.platform.factory.run((tx) => tx.file.updateMany({ where: { id: ids[2] }, data: { expiresAt: new Date() } }));
    await get(ExpiredFiles).remove(new AbortController().signal);
    expect(await bench.platform.factory.run((tx) => tx.file.count({ where: { id: { in: [...ids] } } }))).toBe(0);
    await expect(open(free)).rejects.toMatchObject({ code: 'not_found' });
    await expect(hold(ids[1], 'batch_3')).rejects.toMatchObject({ code: 'not_found' });
    await within((tx) => get(ContentHolds).release(tx, tenantId, 'batch_1'));
    await sweep();
    expect(await open(heldKey)).toBe('Some text.');
    await expect(open(expired)).rejects.toMatchObject({ code: 'not_found' });
    await within((tx) => get(ContentHolds).release(tx, tenantId, 'batch_2'));
    await sweep();
    await expect(open(heldKey)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is left of no file that the platform makes and gives up', async () => {
    const made = {
      purpose: 'batch_output',
      filename: 'out.jsonl',
      mediaType: 'application/json',
      keyId: key.id,
      expiresAt: null,
    } as const;
    const { id: tenantId } = bench.platform.acme;
    const files = get(MadeFiles);
    const writer = await files.begin(tenantId, made);
    writer.stream.write('{"a":1}\n');
    const file = await writer.commit((_tx, row) => Promise.resolve(row));
    const shown = await bench.call(key.secret, 'GET', `/files/${file.id}`);
    expect(shown.body).toMatchObject({ purpose: 'batch_output', status: 'processed', bytes: 8, filename: 'out.jsonl' });
    expect((await download(file.id)).bytes.toString()).toBe('{"a":1}\n');
    const before = namesOfContents();
    const failing = await files.begin(tenantId, made);
    failing.stream.write('{}');
    await expect(failing.commit(() => Promise.reject(new Error('The batch is gone.')))).rejects.toThrow('The batch is gone.');
    const dropped = await files.begin(tenantId, made);
    dropped.stream.write('{}');
    await dropped.abort();
    expect(namesOfContents()).toEqual(before);
  });
});
