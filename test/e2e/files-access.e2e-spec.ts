import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { areAlike } from '../support/admin.js';
import type { ApiReply } from '../support/app.js';
import { FilesBench } from '../support/files.js';

interface TestKey {
  readonly id: string;
  readonly secret: string;
}

let bench: FilesBench;
/** All scopes and datasets. */
let all: TestKey;
let uploader: TestKey;
let otherUploader: TestKey;
let reader: TestKey;
let stranger: TestKey;
let secretDataset: { readonly id: string };
let file: FileObject;

const content = { name: 'a.txt', bytes: 'Some text.' };

beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.otherTenant('other');
  secretDataset = await bench.dataset('payroll');
  await bench.dataset('handbook', 'other');
  all = await bench.key();
  uploader = await bench.key({ preset: 'dataset-upload', datasets: ['handbook'] });
  otherUploader = await bench.key({ preset: 'dataset-upload', datasets: ['handbook'] });
  reader = await bench.key({ scopes: ['datasets:read'], purpose: 'upload', datasets: ['handbook'] });
  stranger = await bench.key({ tenant: 'other' });
  file = await bench.accepted(uploader.secret, '/datasets/handbook/files', content);
});
afterAll(() => bench.close());

const get = (key: TestKey, path: string): Promise<ApiReply> => bench.call(key.secret, 'GET', path);

describe('a dataset file', () => {
  it('is seen by the key that uploaded it and by keys that read its dataset, under both names', async () => {
    for (const key of [uploader, reader, all]) {
      for (const path of [`/files/${file.id}`, `/uploads/${file.id}`]) {
        const reply = await get(key, path);
        expect([reply.status, reply.body]).toEqual([200, file]);
      }
    }
  });

  it('is answered like an absent one to every other key', async () => {
    const notAllowed = await bench.key({ scopes: ['datasets:read', 'datasets:write'], purpose: 'upload', datasets: ['payroll'] });
    const filesOnly = await bench.key({ scopes: ['files:read', 'files:write'], datasets: ['*'] });
    const conversations = await bench.key({ scopes: ['conversations:read', 'conversations:files'], datasets: ['*'] });
    for (const key of [otherUploader, notAllowed, filesOnly, conversations, stranger]) {
      const replies = [
        await get(key, `/files/${file.id}`),
        await get(key, '/files/file-absent'),
        await get(key, `/uploads/${file.id}`),
      ];
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
  });

  it('is not followed, processed again or deleted by who may not', async () => {
    for (const key of [otherUploader, stranger]) {
      for (const [method, path] of [
        ['GET', `/files/ID/events`],
        ['POST', `/files/ID/reprocess`],
        ['DELETE', `/datasets/handbook/files/ID`],
      ] as const) {
        const replies = await Promise.all(
          [file.id, 'file-absent'].map((id) => bench.call(key.secret, method, path.replace('ID', id))),
        );
        expect(replies[0]?.status).toBe(404);
        expect(areAlike(replies)).toBe(true);
      }
    }
    expect((await bench.call(reader.secret, 'POST', `/files/${file.id}/reprocess`)).body.error.code).toBe('insufficient_scope');
    expect((await bench.call(reader.secret, 'DELETE', `/datasets/handbook/files/${file.id}`)).body.error.code).toBe(
      'insufficient_scope',
    );
    expect((await get(all, `/files/${file.id}`)).body).toEqual(file);
  });

  it('is deleted from its own dataset alone, then absent', async () => {
    const doomed = await bench.accepted(uploader.secret, '/datasets/handbook/files', { name: 'b.txt', bytes: 'To be removed.' });
    expect((await bench.call(all.secret, 'DELETE', `/datasets/payroll/files/${doomed.id}`)).status).toBe(404);
    const deleted = await bench.call(uploader.secret, 'DELETE', `/datasets/handbook/files/${doomed.id}`);
    expect([deleted.status, deleted.body]).toEqual([200, { id: doomed.id, object: 'file', deleted: true }]);
    expect((await get(all, `/files/${doomed.id}`)).status).toBe(404);
    expect((await bench.call(uploader.secret, 'DELETE', `/datasets/handbook/files/${doomed.id}`)).status).toBe(404);
  });
});

describe('a dataset', () => {
  it('is listed and shown when it is in the allowlist, by id and by alias', async () => {
    const { body } = await get(reader, '/datasets');
    expect(body).toEqual({
      object: 'list',
      data: [
        {
          object: 'dataset',
          id: file.gt.dataset_id,
          alias: 'handbook',
          name: '',
          created_at: expect.any(Number),
          file_counts: expect.objectContaining({ total: 1 }),
        },
      ],
      first_id: file.gt.dataset_id,
      last_id: file.gt.dataset_id,
      has_more: false,
    });
    expect((await get(all, '/datasets?order=asc')).body.data.map(({ alias }: { alias: string }) => alias)).toEqual([
      'handbook',
      'payroll',
    ]);
    for (const reference of ['handbook', file.gt.dataset_id])
      expect((await get(reader, `/datasets/${reference}`)).body).toEqual(body.data[0]);
    expect((await get(reader, '/datasets/handbook/files')).body.data).toEqual([file]);
  });

  it("outside of the allowlist is 403 at every door, another tenant's like an absent one", async () => {
    const key = await bench.key({ scopes: ['datasets:read', 'datasets:write'], purpose: 'upload', datasets: ['handbook'] });
    const doors = (reference: string): Promise<ApiReply>[] => [
      get(key, `/datasets/${reference}`),
      get(key, `/datasets/${reference}/files`),
      bench.call(key.secret, 'POST', `/datasets/${reference}/search`, { query: 'x' }),
      bench.upload(key.secret, `/datasets/${reference}/files`, content),
      bench.call(key.secret, 'DELETE', `/datasets/${reference}/files/${file.id}`),
    ];
    for (const reference of ['payroll', secretDataset.id]) {
      for (const reply of await Promise.all(doors(reference)))
        expect([reply.status, reply.body.error.code]).toEqual([403, 'target_not_allowed']);
    }
    const foreign = (await get(stranger, '/datasets/handbook')).body.id as string;
    const [foreigns, absents] = await Promise.all([Promise.all(doors(foreign)), Promise.all(doors('ds_absent'))]);
    foreigns.forEach((reply, at) => {
      expect(reply.status).toBe(404);
      expect(areAlike([reply, absents[at] ?? reply])).toBe(true);
    });
  });

  it('has paged files', async () => {
    const dataset = await bench.dataset('paged');
    const made: string[] = [];
    for (const name of ['1.txt', '2.txt', '3.txt'])
      made.push((await bench.accepted(all.secret, '/datasets/paged/files', { name, bytes: name })).id);
    const first = (await get(all, `/datasets/${dataset.id}/files?limit=2&order=asc`)).body;
    expect([first.data.map(({ id }: FileObject) => id), first.has_more]).toEqual([made.slice(0, 2), true]);
    const rest = (await get(all, `/datasets/paged/files?limit=2&order=asc&after=${first.last_id}`)).body;
    expect([rest.data.map(({ id }: FileObject) => id), rest.has_more]).toEqual([made.slice(2), false]);
    expect((await get(all, `/datasets/paged/files?after=${file.id}`)).body.error).toMatchObject({
      code: 'invalid_value',
      param: 'after',
    });
    expect((await get(all, '/datasets/paged/files?state=ready')).body.error).toMatchObject({
      code: 'unsupported_parameter',
      param: 'state',
    });
  });
});

describe('the upload targets', () => {
  const target = (id: string | null, alias: string): object => ({
    object: 'upload_target',
    id,
    kind: 'dataset',
    alias,
    path: `/datasets/${id}/files`,
    max_bytes: 1024 * 1024 * 1024,
    media_types: expect.arrayContaining(['application/pdf', 'text/plain']),
  });

  it('are exactly where the key may upload', async () => {
    expect((await get(uploader, '/upload-targets')).body).toEqual({
      object: 'list',
      data: [target(file.gt.dataset_id, 'handbook')],
      first_id: file.gt.dataset_id,
      last_id: file.gt.dataset_id,
      has_more: false,
    });
    expect((await get(reader, '/upload-targets')).body.data).toEqual([]);
    const conversations = await bench.key({ scopes: ['conversations:files'], datasets: ['*'] });
    expect((await get(conversations, '/upload-targets')).body.data).toEqual([
      expect.objectContaining({ object: 'upload_target', kind: 'conversation', alias: null, path: '/conversations/files' }),
    ]);
  });

  it('of a conversation key are those of its upload link, and go with it', async () => {
    const inference = await bench.key({ preset: 'chat-plus-embeddings' });
    const upload = await bench.key({ preset: 'dataset-upload', datasets: ['handbook'] });
    const key = await bench.key({
      preset: 'conversation-app',
      datasets: [],
      links: { inference: inference.id, upload: upload.id },
    });
    const kinds = async (): Promise<string[]> =>
      (await get(key, '/upload-targets')).body.data.map(({ kind }: { kind: string }) => kind);
    expect(await kinds()).toEqual(['dataset', 'conversation']);
    const uploaded = await bench.accepted(key.secret, '/datasets/handbook/files', content);
    expect((await get(key, `/files/${uploaded.id}`)).status).toBe(200);
    expect((await get(upload, `/files/${uploaded.id}`)).status).toBe(404);
    await bench.platform.app.admin('POST', `/keys/${upload.id}/disable`, { tenant: 'acme' });
    await bench.eventually(async () => expect(await kinds()).toEqual(['conversation']));
    expect((await bench.upload(key.secret, '/datasets/handbook/files', content)).body.error.code).toBe('insufficient_scope');
  });
});

describe('a conversation file', () => {
  const scopes = ['conversations:read', 'conversations:write', 'conversations:files', 'inference:chat'];
  let owner: TestKey;
  let mine: ApiReply;

  beforeAll(async () => {
    owner = await bench.key({ scopes });
    mine = await bench.upload(owner.secret, '/conversations/files', { ...content, fields: { purpose: 'user_data' } });
  });

  it('goes into a new conversation when none is named, which the header and the file tell', async () => {
    const { status, headers, body } = mine;
    expect([status, body.purpose, body.status, body.gt.dataset_id]).toEqual([200, 'user_data', 'queued', null]);
    expect(body.gt.conversation_id).toMatch(/^conv_/);
    expect(headers.get('x-gt-conversation-id')).toBe(body.gt.conversation_id);
    const conversation = await get(owner, `/conversations/${body.gt.conversation_id}`);
    expect([conversation.status, conversation.body.model]).toEqual([200, 'assistant']);
    expect((await get(owner, `/conversations/${body.gt.conversation_id}/files`)).body.data).toEqual([body]);
  });

  it('goes into the conversation that header or field name, made on first use for a foreign id', async () => {
    const conversationId = mine.body.gt.conversation_id as string;
    const byHeader = await bench.upload(owner.secret, '/conversations/files', {
      ...content,
      headers: { 'x-gt-conversation-id': conversationId },
    });
    const byField = await bench.upload(owner.secret, '/conversations/files', {
      ...content,
      fields: { conversation_id: conversationId },
    });
    for (const { status, body } of [byHeader, byField]) expect([status, body.gt.conversation_id]).toEqual([200, conversationId]);
    const foreign = await Promise.all(
      [1, 2, 3].map(() =>
        bench.upload(owner.secret, '/conversations/files', { ...content, headers: { 'x-gt-conversation-id': 'chat:77' } }),
      ),
    );
    expect(new Set(foreign.map(({ body }) => body.gt.conversation_id)).size).toBe(1);
    const differing = await bench.upload(owner.secret, '/conversations/files', {
      ...content,
      headers: { 'x-gt-conversation-id': 'a' },
      fields: { conversation_id: 'b' },
    });
    expect([differing.status, differing.body.error.param]).toEqual([400, 'conversation_id']);
    const formless = await bench.upload(owner.secret, '/conversations/files', { ...content, fields: { conversation_id: 'a b' } });
    expect([formless.status, formless.body.error.param]).toEqual([400, 'conversation_id']);
  });

  it('belongs to its key alone: to all others it and its conversation are absent', async () => {
    const conversationId = mine.body.gt.conversation_id as string;
    const fileId = mine.body.id as string;
    const neighbour = await bench.key({ scopes });
    for (const key of [neighbour, all, stranger]) {
      for (const doors of [
        [get(key, `/files/${fileId}`), get(key, '/files/file-absent')],
        [get(key, `/conversations/${conversationId}/files`), get(key, '/conversations/conv_absent/files')],
        [
          bench.call(key.secret, 'DELETE', `/conversations/${conversationId}/files/${fileId}`),
          bench.call(key.secret, 'DELETE', `/conversations/conv_absent/files/${fileId}`),
        ],
        ['header', 'field'].map((how) =>
          bench.upload(
            key.secret,
            '/conversations/files',
            how === 'header'
              ? { ...content, headers: { 'x-gt-conversation-id': conversationId } }
              : { ...content, fields: { conversation_id: conversationId } },
          ),
        ),
      ]) {
        const replies = await Promise.all(doors);
        expect(replies.map(({ status }) => status)).toEqual([404, 404]);
        expect(areAlike(replies)).toBe(true);
      }
    }
  });

  it('is deleted by its key, and absent then', async () => {
    const { body } = await bench.upload(owner.secret, '/conversations/files', content);
    const path = `/conversations/${body.gt.conversation_id}/files/${body.id}`;
    expect(
      (await bench.call(owner.secret, 'DELETE', `/conversations/${mine.body.gt.conversation_id}/files/${body.id}`)).status,
    ).toBe(404);
    expect((await bench.call(owner.secret, 'DELETE', path)).body).toEqual({ id: body.id, object: 'file', deleted: true });
    expect((await get(owner, `/files/${body.id}`)).status).toBe(404);
  });
});
