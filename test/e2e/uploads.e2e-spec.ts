import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { ExpiredUploads } from '../../src/modules/files/uploads/expired-uploads.service.js';
import { areAlike } from '../support/admin.js';
import type { ApiReply } from '../support/app.js';
import { FilesBench } from '../support/files.js';
import { faultsOf } from '../support/openai-schema.js';
import type { ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

interface TestKey {
  readonly id: string;
  readonly secret: string;
}

let bench: FilesBench;
let key: TestKey;
let openai: OpenAI;
const clientOf = ({ secret }: TestKey): OpenAI => new OpenAI({ baseURL: bench.url, apiKey: secret, maxRetries: 0 });

beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.otherTenant('other');
  key = await bench.key();
  openai = clientOf(key);
});
afterAll(() => bench.close());

const begin = (bytes: number, further: object = {}, client = openai): Promise<OpenAI.Upload> =>
  client.uploads.create({ bytes, filename: 'notes.txt', purpose: 'user_data', mime_type: 'text/plain', ...further });
const add = async (id: string, data: string | Buffer, client = openai): Promise<string> =>
  (await client.uploads.parts.create(id, { data: await toFile(Buffer.from(data)) })).id;
const refused = (call: Promise<unknown>, status: number, param: string | null = null): Promise<void> =>
  expect(call).rejects.toMatchObject({ status, param });
const contents = (): string[] =>
  readdirSync(join(bench.dataDir, 'files'), { recursive: true }).filter((name) => String(name).includes('obj_')) as string[];
const setUpload = (id: string, data: object): Promise<unknown> =>
  bench.platform.factory.run((tx) => tx.upload.updateMany({ where: { id }, data }));

describe("OpenAI's client", () => {
  it('makes a file of parts that come at once and in any order, and is given the same again', async () => {
    const pieces = [randomBytes(300_000), randomBytes(1), randomBytes(70_000)];
    const whole = Buffer.concat(pieces);
    const upload = await begin(whole.length, { filename: 'Straße.bin', expires_after: { anchor: 'created_at', seconds: 3_600 } });
    expect(upload).toMatchObject({ object: 'upload', bytes: whole.length, filename: 'Straße.bin', status: 'pending' });
    expect(upload.expires_at).toBe(upload.created_at + 3_600);
    expect(faultsOf('Upload', upload)).toEqual([]);
    const [third, first, second] = await Promise.all([2, 0, 1].map((at) => add(upload.id, pieces[at] ?? '')));
    const body = { part_ids: [first, second, third] as string[], md5: createHash('md5').update(whole).digest('hex') };
    const completed = await openai.uploads.complete(upload.id, body);
    expect(completed).toMatchObject({ id: upload.id, status: 'completed', file: { bytes: whole.length, status: 'processed' } });
    expect(faultsOf('Upload', completed)).toEqual([]);
    expect(completed.file?.expires_at).toBe((completed.file?.created_at ?? 0) + 3_600);
    const { id = '' } = completed.file ?? {};
    expect(Buffer.from(await (await openai.files.content(id)).arrayBuffer()).equals(whole)).toBe(true);
    expect((await openai.files.retrieve(id)) as unknown).toMatchObject({
      gt: { sha256: createHash('sha256').update(whole).digest('hex') },
    });
    expect(await openai.uploads.complete(upload.id, body)).toEqual(completed);
    expect((await bench.call(key.secret, 'GET', `/uploads/${upload.id}`)).body).toEqual(completed);
    await refused(openai.uploads.complete(upload.id, { part_ids: [first as string] }), 400);
    await refused(add(upload.id, 'x'), 400);
    await refused(openai.uploads.cancel(upload.id), 400);
    await openai.files.delete(id);
    expect((await bench.call(key.secret, 'GET', `/uploads/${upload.id}`)).body).not.toHaveProperty('file');
  });

  it('shows a part in its form', async () => {
    const { id } = await begin(1);
    const part = await openai.uploads.parts.create(id, { data: await toFile(Buffer.from('a')) });
    expect(part).toEqual({
      id: expect.stringMatching(/^part_/),
      object: 'upload.part',
      created_at: expect.any(Number),
      upload_id: id,
    });
    expect(faultsOf('UploadPart', part)).toEqual([]);
  });

  it('gives an upload up, with its parts', async () => {
    const before = contents().length;
    const { id } = await begin(10);
    await add(id, 'abc');
    expect(contents()).toHaveLength(before + 1);
    const cancelled = await openai.uploads.cancel(id);
    expect(cancelled).toMatchObject({ id, status: 'cancelled' });
    expect(contents()).toHaveLength(before);
    expect(await openai.uploads.cancel(id)).toEqual(cancelled);
    await refused(add(id, 'd'), 400);
    await refused(openai.uploads.complete(id, { part_ids: ['part_1'] }), 400);
  });
});

describe('an upload', () => {
  it.each([
    ['no name', { filename: '' }, 'filename'],
    ['an unknown purpose', { purpose: 'other' }, 'purpose'],
    ['no bytes', { bytes: 0 }, 'bytes'],
    ['half a byte', { bytes: 1.5 }, 'bytes'],
    ['more bytes than a file may have', { bytes: 2 ** 30 + 1 }, 'bytes'],
    ['an unknown member', { parts: 3 }, 'parts'],
    ['too short a time', { expires_after: { anchor: 'created_at', seconds: 1 } }, 'expires_after.seconds'],
  ])('with %s is 400', async (_what, change, param) => {
    await refused(begin(1, change), 400, param);
  });

  it('takes as many bytes as were declared and no more, however many parts come at once', async () => {
    const before = contents().length;
    const { id } = await begin(10);
    const parts = await Promise.allSettled(Array.from({ length: 12 }, () => add(id, 'aa')));
    const [taken, left] = [
      parts.filter(({ status }) => status === 'fulfilled'),
      parts.filter(({ status }) => status === 'rejected'),
    ];
    expect([taken.length, left.length, contents().length]).toEqual([5, 7, before + 5]);
    for (const one of left) expect((one as PromiseRejectedResult).reason).toMatchObject({ status: 400, param: 'data' });
    await openai.uploads.cancel(id);
  });

  it.each([
    ['no parts', [], 400, 'part_ids'],
    ['a part that is not there', ['part_absent'], 404, 'part_ids[0]'],
    ['fewer bytes than were declared', [0], 400, 'part_ids'],
    ['a part twice', [0, 0], 400, 'part_ids[1]'],
  ] as const)('is not completed of %s, and goes on', async (_what, named, status, param) => {
    const { id } = await begin(4);
    const parts = [await add(id, 'ab'), await add(id, 'cd')];
    const part_ids = named.map((one) => (typeof one === 'number' ? (parts[one] ?? '') : one));
    await refused(openai.uploads.complete(id, { part_ids }), status, param);
    const md5 = createHash('md5').update('abcd').digest('hex');
    await refused(openai.uploads.complete(id, { part_ids: parts.toReversed(), md5 }), 400, 'md5');
    await refused(openai.uploads.complete(id, { part_ids: parts, md5: 'x' }), 400, 'md5');
    const { file } = await openai.uploads.complete(id, { part_ids: parts, md5: md5.toUpperCase() });
    expect(await (await openai.files.content(file?.id ?? '')).text()).toBe('abcd');
  });

  it('refuses a part without bytes, in another field, or larger than 64 MB before it has come', async () => {
    const { id } = await begin(100);
    await refused(add(id, ''), 400, 'data');
    expect((await bench.upload(key.secret, `/uploads/${id}/parts`, { name: 'a', bytes: 'a' })).body.error.param).toBe('file');
    const large = await bench.upload(key.secret, `/uploads/${id}/parts`, { name: 'a', bytes: new Uint8Array(65 * 1024 * 1024) });
    expect([large.status, large.body.error.code]).toEqual([413, 'payload_too_large']);
  });

  it('of a purpose that is JSON lines is refused when its content is none', async () => {
    const { id } = await begin(80, { purpose: 'batch', filename: 'a.jsonl' });
    const part = await add(id, Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), randomBytes(64)]));
    await refused(openai.uploads.complete(id, { part_ids: [part] }), 415, 'file');
  });

  it('gives a part that is sent again back, and not twice', async () => {
    const { id } = await begin(2);
    const send = async (): Promise<string> => {
      const part = await openai.uploads.parts.create(
        id,
        { data: await toFile(Buffer.from('ab')) },
        { headers: { 'x-stainless-retry-count': '1' } },
      );
      return part.id;
    };
    const first = await send();
    expect(await send()).toBe(first);
    expect((await openai.uploads.complete(id, { part_ids: [first] })).status).toBe('completed');
  });

  it('counts in stored_bytes with the parts that have come, and once as an upload', async () => {
    const small = await bench.key({ limits: { stored_bytes: 10, uploads_per_day: 1 } });
    const client = clientOf(small);
    await expect(begin(11, {}, client)).rejects.toMatchObject({ code: 'insufficient_quota' });
    const [one, two] = [await begin(6, {}, client), await begin(6, {}, client)];
    const part = await add(one.id, 'abcdef', client);
    await expect(add(two.id, 'abcdef', client)).rejects.toMatchObject({ code: 'insufficient_quota' });
    expect((await client.uploads.complete(one.id, { part_ids: [part] })).status).toBe('completed');
    await expect(begin(1, {}, client)).rejects.toMatchObject({ code: 'rate_limit_exceeded' });
    await client.uploads.cancel(two.id);
  });

  it('expires: from its time on, and its parts with the job', async () => {
    const before = contents().length;
    const { id } = await begin(4);
    const part = await add(id, 'ab');
    await setUpload(id, { expiresAt: new Date(Date.now() - 1) });
    expect((await bench.call(key.secret, 'GET', `/uploads/${id}`)).body.status).toBe('expired');
    await refused(add(id, 'cd'), 400);
    await refused(openai.uploads.complete(id, { part_ids: [part] }), 400);
    await refused(openai.uploads.cancel(id), 400);
    await bench.platform.app.running.app.get(ExpiredUploads, { strict: false }).end(new AbortController().signal);
    expect((await bench.call(key.secret, 'GET', `/uploads/${id}`)).body.status).toBe('expired');
    expect(contents()).toHaveLength(before);
    await setUpload(id, { createdAt: new Date(Date.now() - 31 * 86_400_000) });
    await bench.platform.app.running.app.get(ExpiredUploads, { strict: false }).end(new AbortController().signal);
    expect((await bench.call(key.secret, 'GET', `/uploads/${id}`)).status).toBe(404);
  });

  it('that is being completed takes neither parts nor another call, and does not expire', async () => {
    const { id } = await begin(4);
    const parts = [await add(id, 'ab'), await add(id, 'cd')];
    await setUpload(id, { run: 'another', beatAt: new Date(), expiresAt: new Date(Date.now() - 1) });
    await refused(add(id, 'e'), 409);
    await refused(openai.uploads.complete(id, { part_ids: parts }), 409);
    await refused(openai.uploads.cancel(id), 409);
    await bench.platform.app.running.app.get(ExpiredUploads, { strict: false }).end(new AbortController().signal);
    expect((await bench.call(key.secret, 'GET', `/uploads/${id}`)).body.status).toBe('pending');
    await setUpload(id, { beatAt: new Date(Date.now() - 60_000), expiresAt: new Date(Date.now() + 60_000) });
    expect((await openai.uploads.complete(id, { part_ids: parts })).status).toBe('completed');
  });

  it('completed by several calls at once is one file', async () => {
    const { id } = await begin(2);
    const part = await add(id, 'ab');
    const files = (): Promise<number> => bench.platform.factory.run((tx) => tx.file.count());
    const before = await files();
    const ends = await Promise.allSettled(Array.from({ length: 6 }, () => openai.uploads.complete(id, { part_ids: [part] })));
    expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ status: 409 });
    expect(await files()).toBe(before + 1);
  });
});

describe('whose an upload is', () => {
  it("the tenant's: its keys that write files go on with it, others see nothing", async () => {
    const [reader, writer, neither] = await Promise.all(
      [['files:read'], ['files:write'], ['datasets:read']].map((scopes) => bench.key({ scopes })),
    );
    if (reader === undefined || writer === undefined || neither === undefined) throw new Error('Three keys were made.');
    const stranger = await bench.key({ tenant: 'other' });
    const { id } = await begin(2);
    const part = await add(id, 'ab', clientOf(writer));
    for (const who of [reader, writer]) expect((await bench.call(who.secret, 'GET', `/uploads/${id}`)).status).toBe(200);
    const doors = (who: TestKey, upload: string, partId: string): Promise<ApiReply[]> =>
      Promise.all([
        bench.call(who.secret, 'GET', `/uploads/${upload}`),
        bench.upload(who.secret, `/uploads/${upload}/parts`, { name: 'a', bytes: 'a' }),
        bench.call(who.secret, 'POST', `/uploads/${upload}/complete`, { part_ids: [partId] }),
        bench.call(who.secret, 'POST', `/uploads/${upload}/cancel`),
      ]);
    expect((await doors(reader, id, part)).slice(1).map(({ body }) => body.error.code)).toEqual(
      Array(3).fill('insufficient_scope'),
    );
    expect((await bench.call(neither.secret, 'GET', `/uploads/${id}`)).status).toBe(404);
    const [foreign, absent] = [await doors(stranger, id, part), await doors(stranger, 'upload_absent', part)];
    foreign.forEach((reply, at) => {
      expect(reply.status).toBe(404);
      expect(areAlike([reply, absent[at] ?? reply])).toBe(true);
    });
    const theirs = await begin(2, {}, clientOf(stranger));
    await refused(clientOf(stranger).uploads.complete(theirs.id, { part_ids: [part] }), 404, 'part_ids[0]');
    expect((await clientOf(writer).uploads.complete(id, { part_ids: [part] })).status).toBe('completed');
  });

  it('of a key that is revoked in the middle of a part, no longer', async () => {
    const leaving = await bench.key();
    const { id } = await begin(1_000_000, {}, clientOf(leaving));
    const { go, sending } = slowPart(leaving, id);
    await bench.platform.app.admin('POST', `/keys/${leaving.id}/revoke`, { tenant: 'acme' });
    await bench.eventually(async () => expect((await bench.call(leaving.secret, 'GET', '/key')).status).toBe(401));
    go();
    expect((await sending).status).toBe(401);
    expect((await bench.call(key.secret, 'POST', `/uploads/${id}/cancel`)).body.status).toBe('cancelled');
  });

  it('of a tenant that is suspended, no longer, and goes on when it is active again', async () => {
    await bench.otherTenant('halted');
    const owner = await bench.key({ tenant: 'halted' });
    const client = clientOf(owner);
    const [whole, large] = [await begin(3, {}, client), await begin(1_000_000, {}, client)];
    const first = await add(whole.id, 'ab', client);
    const { go, sending } = slowPart(owner, large.id);
    const become = (state: string) => bench.platform.app.admin('PATCH', '/tenants/halted', { state });
    await become('suspended');
    const shown = () => bench.call(owner.secret, 'GET', `/uploads/${whole.id}`);
    await bench.eventually(async () => expect((await shown()).status).toBe(403));
    go();
    // What was let in before is not served any more.
    expect((await sending).status).toBe(401);
    const refusals = await Promise.all([
      bench.call(owner.secret, 'POST', '/uploads', { bytes: 1, filename: 'a', purpose: 'user_data', mime_type: 'text/plain' }),
      bench.upload(owner.secret, `/uploads/${whole.id}/parts`, { name: 'a', bytes: 'a' }),
      bench.call(owner.secret, 'POST', `/uploads/${whole.id}/complete`, { part_ids: [first] }),
      bench.call(owner.secret, 'POST', `/uploads/${whole.id}/cancel`),
      bench.upload(owner.secret, '/files', { name: 'a.txt', bytes: 'a', fields: { purpose: 'user_data' } }),
    ]);
    for (const { status, body } of refusals) expect([status, body.error.code]).toEqual([403, 'tenant_suspended']);
    await become('active');
    await bench.eventually(async () => expect((await shown()).status).toBe(200));
    const completed = await client.uploads.complete(whole.id, { part_ids: [first, await add(whole.id, 'c', client)] });
    expect(await (await client.files.content(completed.file?.id ?? '')).text()).toBe('abc');
    expect((await client.uploads.cancel(large.id)).status).toBe('cancelled');
  });

  /** A part of which the end is still to come. */
  function slowPart({ secret }: TestKey, id: string): { readonly go: () => void; readonly sending: Promise<Response> } {
    let go = (): void => undefined;
    const slow = new ReadableStream<Uint8Array>({
      start(controller) {
        const text = new TextEncoder();
        controller.enqueue(
          text.encode('--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n' + 'x'.repeat(70_000)),
        );
        go = () => {
          controller.enqueue(text.encode('\r\n--b--\r\n'));
          controller.close();
        };
      },
    });
    const sending = fetch(`${bench.url}/uploads/${id}/parts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'multipart/form-data; boundary=b' },
      body: slow,
      duplex: 'half',
    } as RequestInit);
    return { go, sending };
  }
});

describe('an API that is killed while it completes an upload', () => {
  // `npm run test:soak` has every step; else one before the file is there, and one behind it.
  const points = ['uploads.after-claim', 'uploads.mid-join', 'upload.after-content', 'uploads.after-row'].filter(
    (point) => process.env['GT_TEST_SOAK'] === '1' || /mid-join|after-row/.test(point),
  );

  it.each(points)(
    'at %s leaves it to the same call, which makes one file',
    async (point) => {
      const before = await bench.platform.factory.run((tx) => tx.file.count());
      const { id } = await begin(6);
      const part_ids = [await add(id, 'abc'), await add(id, 'def')];
      const api: ProductProcess = await bench.api({ GT_FAULT_POINT: point });
      const killed = new OpenAI({ baseURL: `${api.url}/api/tenant/v1`, apiKey: key.secret, maxRetries: 0 });
      await expect(killed.uploads.complete(id, { part_ids })).rejects.toThrow();
      expect(await api.ended).toBe('SIGKILL');
      const completed = await until(
        'the upload is completed',
        () =>
          openai.uploads
            .complete(id, { part_ids })
            .catch((error: unknown) =>
              (error as { status?: number }).status === 409 ? undefined : Promise.reject(error as Error),
            ),
        40_000,
      );
      expect(await (await openai.files.content(completed.file?.id ?? '')).text()).toBe('abcdef');
      expect(await bench.platform.factory.run((tx) => tx.file.count())).toBe(before + 1);
      expect(await bench.platform.factory.run((tx) => tx.uploadPart.count({ where: { uploadId: id } }))).toBe(0);
    },
    120_000,
  );

  it('at a part leaves a content that nobody knows, and the upload open', async () => {
    const { id } = await begin(3);
    const api = await bench.api({ GT_FAULT_POINT: 'upload.after-content' });
    const killed = new OpenAI({ baseURL: `${api.url}/api/tenant/v1`, apiKey: key.secret, maxRetries: 0 });
    await expect(add(id, 'abc', killed)).rejects.toThrow();
    expect(await api.ended).toBe('SIGKILL');
    expect((await openai.uploads.complete(id, { part_ids: [await add(id, 'abc')] })).status).toBe('completed');
  }, 60_000);
});
