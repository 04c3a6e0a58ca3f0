import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { startApp, type TestApp } from '../support/app.js';
import { FilesBench } from '../support/files.js';
import { keyedPost, newKey, patiently, readAnswer, rowsOf, type KeyedAnswer } from '../support/idempotency.js';
import { until } from '../support/until.js';

let bench: FilesBench;
let other: TestApp;
let key: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.dataset('second');
  other = await startApp({ databaseUrl: bench.platform.app.databaseUrl, settings: { GT_DATA_DIR: bench.dataDir } });
  key = await bench.key();
});
beforeEach(async () => {
  await bench.platform.factory.run(async (tx) => {
    await tx.idempotentRequest.deleteMany();
    await tx.file.deleteMany();
  });
});
afterAll(async () => {
  await other.close();
  await bench.close();
});

interface Upload {
  readonly baseUrl?: string;
  readonly path?: string;
  readonly bytes?: string;
  readonly filename?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

async function upload({
  baseUrl = bench.url,
  path = '/datasets/handbook/files',
  bytes = 'some text',
  filename = 'a.txt',
  fields = {},
  ...rest
}: Upload): Promise<KeyedAnswer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([bytes]), filename);
  const headers = {
    authorization: `Bearer ${key.secret}`,
    ...(rest.key === undefined ? {} : { 'idempotency-key': rest.key }),
    ...rest.headers,
  };
  return readAnswer(await fetch(baseUrl + path, { method: 'POST', headers, body: form }));
}

const files = (): Promise<number> => bench.platform.factory.run((tx) => tx.file.count());

/** Contents and parts in the store. */
function stored(): number {
  const entries = readdirSync(join(bench.dataDir, 'files'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && (entry.name.startsWith('obj_') || entry.name.endsWith('.part'))).length;
}

describe('the same upload under the same Idempotency-Key', () => {
  it('makes one object and is answered again, whatever its boundary', async () => {
    const idempotencyKey = newKey();
    const first = await upload({ key: idempotencyKey });
    const before = stored();
    const second = await upload({ key: idempotencyKey });
    expect([first.status, second.status, second.replayed, second.text]).toEqual([200, 200, true, first.text]);
    expect([await files(), stored()]).toEqual([1, before]);
  });

  it('into a conversation made on the fly makes one conversation, and names it again', async () => {
    const conversations = () => bench.platform.factory.run((tx) => tx.conversation.count());
    const before = await conversations();
    const call = { path: '/conversations/files', headers: { 'x-gt-conversation-id': 'chat-1' }, key: newKey() };
    const first = await upload(call);
    const second = await upload(call);
    expect([first.status, second.replayed, second.text]).toEqual([200, true, first.text]);
    expect(second.headers.get('x-gt-conversation-id')).toBe(first.headers.get('x-gt-conversation-id'));
    expect([await conversations(), await files()]).toEqual([before + 1, 1]);
    expect((await upload({ ...call, headers: { 'x-gt-conversation-id': 'chat-2' } })).status).toBe(422);
  });

  it('makes one object of a storm of 20 over two processes', async () => {
    const idempotencyKey = newKey();
    const before = stored();
    const urls = [bench.url, other.baseUrl];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, at) => patiently(() => upload({ baseUrl: urls[at % 2] ?? '', key: idempotencyKey }))),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect([answers[0]?.status, answers.filter(({ replayed }) => !replayed).length]).toEqual([200, 1]);
    expect([await files(), stored()]).toEqual([1, before + 1]);
  });

  it("is one object for OpenAI's client, too", async () => {
    const client = new OpenAI({ baseURL: bench.url, apiKey: key.secret });
    const send = (): Promise<unknown> => {
      const body = new FormData();
      body.append('file', new File(['from the SDK'], 'sdk.txt'));
      return client.post('/datasets/handbook/files', { body, headers: { 'Idempotency-Key': 'sdk-1' } });
    };
    expect(await send()).toEqual(await send());
    expect(await files()).toBe(1);
  });
});

describe('another upload under the key', () => {
  it.each<[string, Upload]>([
    ['other bytes', { bytes: 'other text' }],
    ['another file name', { filename: 'b.txt' }],
    ['another dataset', { path: '/datasets/second/files' }],
  ])('(%s) is refused 422 and leaves nothing', async (_what, change) => {
    const idempotencyKey = newKey();
    await upload({ key: idempotencyKey });
    const before = stored();
    const refused = await upload({ key: idempotencyKey, ...change });
    expect([refused.status, refused.code]).toEqual([422, 'idempotency_mismatch']);
    expect([await files(), stored()]).toEqual([1, before]);
  });
});

describe('an upload', () => {
  it('that is refused keeps no key', async () => {
    const idempotencyKey = newKey();
    expect((await upload({ key: idempotencyKey, path: '/datasets/absent/files' })).status).toBe(404);
    expect((await upload({ key: idempotencyKey, fields: { unknown: 'field' } })).status).toBe(400);
    expect(await rowsOf(bench.platform.factory)).toEqual([]);
    expect((await upload({ key: idempotencyKey })).status).toBe(200);
  });

  it('is not received with a header of the wrong form', async () => {
    expect((await upload({ key: 'two words' })).status).toBe(400);
    expect(await files()).toBe(0);
  });

  it('that its client broke off leaves no key', async () => {
    const idempotencyKey = newKey();
    const leave = new AbortController();
    const half = `--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${'half '.repeat(5_000)}`;
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from(half)) });
    const headers = {
      authorization: `Bearer ${key.secret}`,
      'idempotency-key': idempotencyKey,
      'content-type': 'multipart/form-data; boundary=b',
    };
    const before = stored();
    const broken = fetch(`${bench.url}/datasets/handbook/files`, {
      method: 'POST',
      headers,
      body,
      signal: leave.signal,
      duplex: 'half',
    } as RequestInit);
    broken.catch(() => undefined);
    await until('the upload is being received', () => stored() === before + 1);
    leave.abort();
    await expect(broken).rejects.toThrow();
    await until('nothing of it is left', () => stored() === before);
    expect(await rowsOf(bench.platform.factory)).toEqual([]);
    expect((await upload({ key: idempotencyKey })).status).toBe(200);
  });

  it('without the header makes an object each time, and keeps nothing', async () => {
    await upload({});
    await upload({});
    expect(await files()).toBe(2);
    expect(await rowsOf(bench.platform.factory)).toEqual([]);
  });
});

describe('conversations under an Idempotency-Key', () => {
  it('are made once, and gone through to the end of a streamed turn once', async () => {
    const idempotencyKey = newKey();
    const create = () =>
      keyedPost({ url: `${bench.url}/conversations`, secret: key.secret, key: idempotencyKey, body: { metadata: { a: 'b' } } });
    const [first, second] = [await create(), await create()];
    expect([first.status, second.replayed, second.text]).toEqual([200, true, first.text]);
    const { id } = JSON.parse(first.text) as { id: string };
    const turn = () =>
      keyedPost({
        url: `${bench.url}/chat/completions`,
        secret: key.secret,
        key: 'turn-1',
        headers: { 'x-gt-conversation-id': id },
        body: { model: 'assistant', stream: true, messages: [{ role: 'user', content: 'hello' }] },
      });
    const [once, again] = [await turn(), await turn()];
    expect([once.status, again.replayed, again.text]).toEqual([200, true, once.text]);
    expect(again.headers.get('x-gt-conversation-id')).toBe(id);
    expect(await bench.platform.factory.run((tx) => tx.conversationItem.count({ where: { conversationId: id } }))).toBe(2);
  });
});
