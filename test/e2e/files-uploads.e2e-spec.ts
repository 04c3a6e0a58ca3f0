import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { FilesBench, type Content } from '../support/files.js';
import { RawConnection, requestBytes } from '../support/raw-http.js';
import { until } from '../support/until.js';

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };

const path = '/datasets/handbook/files';
const maxBytes = 64 * 1024;

beforeAll(async () => {
  bench = await FilesBench.start({ GT_MAX_FILE_BYTES: String(maxBytes) });
  key = await bench.key();
});
afterAll(() => bench.close());

/** Files that lie in the data folder, of uploads under way too. */
function stored(): string[] {
  const folder = join(bench.dataDir, 'files');
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && (entry.name.startsWith('obj_') || entry.name.endsWith('.part')))
    .map(({ name }) => name);
}

async function rows(): Promise<number> {
  return bench.platform.factory.run((tx) => tx.file.count());
}

/** What is refused leaves nothing: no row, no content. */
async function expectRefused(
  content: Content,
  expected: readonly [number, string, string | null],
  secret = key.secret,
): Promise<void> {
  const before = [await rows(), stored().length];
  const { status, body } = await bench.upload(secret, path, content);
  expect([status, body.error?.code, body.error?.param]).toEqual(expected);
  expect([await rows(), stored().length]).toEqual(before);
}

describe('an upload that is still coming', () => {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n';
  const body = `${head}${'A sentence of it. '.repeat(1_000)}\r\n--b--\r\n`;
  const lastBytes = 10;

  /** All but the last bytes of an upload, and what there was before it. */
  async function begun(secret: string) {
    const before = { rows: await rows(), stored: stored().length };
    const connection = new RawConnection(bench.platform.app.url);
    const headers = [
      ['host', 'gt'],
      ['authorization', `Bearer ${secret}`],
      ['content-type', 'multipart/form-data; boundary=b'],
      ['content-length', String(body.length)],
    ] as const;
    await connection.send(requestBytes('POST', new URL(bench.url + path).pathname, headers, body.slice(0, -lastBytes)));
    await until('its beginning is there', () => stored().length > before.stored);
    return { before, connection };
  }

  async function expectRefusal({ before, connection }: Awaited<ReturnType<typeof begun>>, refusal: readonly unknown[]) {
    const reply = await connection.reply();
    expect([reply.status, reply.json.error.code]).toEqual(refusal);
    connection.destroy();
    await until('nothing is left', async () => stored().length === before.stored && (await rows()) === before.rows);
  }

  it('is cut when its key is revoked, and nothing of it is left', async () => {
    const doomed = await bench.key();
    const upload = await begun(doomed.secret);
    const { status } = await bench.platform.app.admin('POST', `/keys/${doomed.id}/revoke`, { tenant: 'acme' });
    expect(status).toBe(200);
    await expectRefusal(upload, [401, 'invalid_api_key']);
  });

  it('is refused at its end when its key has lost the dataset, and nothing of it is left', async () => {
    const narrowed = await bench.key();
    const upload = await begun(narrowed.secret);
    const patch = { datasets: ['another'] };
    expect((await bench.platform.app.admin('PATCH', `/keys/${narrowed.id}?tenant=acme`, patch)).status).toBe(200);
    await until('the dataset is none of its own', async () => (await bench.call(narrowed.secret, 'GET', path)).status === 403);
    await upload.connection.send(body.slice(-lastBytes));
    await expectRefusal(upload, [403, 'target_not_allowed']);
  });
});

describe('an upload', () => {
  it('is stored once, under its tenant, before it is answered', async () => {
    const before = stored().length;
    const file = await bench.accepted(key.secret, path, { name: 'a.txt', bytes: 'Hello.' });
    expect(stored()).toHaveLength(before + 1);
    expect(stored()).toContain(file.id.replace('file-', 'obj_'));
  });

  it.each([
    ['../../etc/passwd.txt', 'passwd.txt'],
    ['مرحبا بالعالم.txt', 'مرحبا بالعالم.txt'],
    ['社内規程 1.txt', '社内規程 1.txt'],
  ])('keeps the name %s as data', async (name, shown) => {
    expect((await bench.accepted(key.secret, path, { name, bytes: `text of ${name}` })).filename).toBe(shown);
  });

  it('of a type that is not read is refused by its content, whatever its name', async () => {
    const png = Uint8Array.from(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
    await expectRefused({ name: 'report.pdf', bytes: png }, [415, 'unsupported_media_type', 'file']);
    await expectRefused({ name: 'a.txt', bytes: Uint8Array.from(Buffer.from('504b0304140000000800', 'hex')) }, [
      415,
      'unsupported_media_type',
      'file',
    ]);
  });

  it('that is too large is refused and leaves nothing', async () => {
    await expectRefused({ name: 'big.txt', bytes: 'x'.repeat(maxBytes + 1) }, [413, 'payload_too_large', 'file']);
    expect((await bench.accepted(key.secret, path, { name: 'fits.txt', bytes: 'x'.repeat(maxBytes) })).bytes).toBe(maxBytes);
  });

  it('with unknown fields or without a file is refused and leaves nothing', async () => {
    await expectRefused({ name: 'a.txt', bytes: 'x', fields: { colour: 'red' } }, [400, 'unsupported_parameter', 'colour']);
    await expectRefused({ name: 'a.txt', bytes: 'x', fields: { purpose: 'fine-tune' } }, [400, 'invalid_value', 'purpose']);
    const form = new FormData();
    form.append('purpose', 'assistants');
    const reply = await fetch(bench.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}` },
      body: form,
    });
    expect([reply.status, ((await reply.json()) as { error: { param: string } }).error.param]).toEqual([400, 'file']);
    const json = await bench.call(key.secret, 'POST', path, { file: 'x' });
    expect([json.status, json.body.error.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('that the client breaks off leaves nothing', async () => {
    const before = [await rows(), stored().length];
    const { hostname, port } = new URL(bench.url);
    const socket = connect(Number(port), hostname);
    const head = `--b\r\ncontent-disposition: form-data; name="file"; filename="half.txt"\r\n\r\n${'half '.repeat(4000)}`;
    socket.write(
      `POST /api/tenant/v1${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key.secret}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 60000\r\n\r\n${head}`,
    );
    await until('the content arrives', () => stored().some((name) => name.endsWith('.part')));
    socket.destroy();
    await until('nothing is left', () => !stored().some((name) => name.endsWith('.part')));
    expect([await rows(), stored().length]).toEqual(before);
  });

  it('comes from the OpenAI SDK too, by its raw post', async () => {
    const client = new OpenAI({ baseURL: bench.url, apiKey: key.secret, maxRetries: 0 });
    const form = new FormData();
    form.append('file', await toFile(Buffer.from('From the SDK.'), 'sdk.txt'));
    const file = await client.post<{ id: string; filename: string; status: string }>(path, { body: form as never });
    expect(file).toMatchObject({ filename: 'sdk.txt', status: 'queued' });
  });
});

describe('an upload that the SDK sends again', () => {
  const content = { name: 'again.txt', bytes: 'The same words, sent twice.' };
  const retried = { 'x-stainless-retry-count': '1' };

  it('gives the same file: same key, same place, same content', async () => {
    const first = await bench.accepted(key.secret, path, content);
    const before = [await rows(), stored().length];
    expect((await bench.accepted(key.secret, path, { ...content, headers: retried })).id).toBe(first.id);
    expect([await rows(), stored().length]).toEqual(before);
  });

  it('gives another file without the mark, from another key, into another place, with other content, or after ten minutes', async () => {
    const first = await bench.accepted(key.secret, path, content);
    const others = [
      await bench.accepted(key.secret, path, content),
      await bench.accepted((await bench.key()).secret, path, { ...content, headers: retried }),
      await bench.accepted(key.secret, path, { ...content, bytes: 'Other words.', headers: retried }),
    ];
    await bench.dataset('elsewhere');
    others.push(await bench.accepted(key.secret, '/datasets/elsewhere/files', { ...content, headers: retried }));
    await bench.platform.factory.run((tx) => tx.$executeRaw`update files set created_at = created_at - interval '10 minutes'`);
    others.push(await bench.accepted(key.secret, path, { ...content, headers: retried }));
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(6);
  });

  it('twenty times at once makes one file', async () => {
    const bytes = 'A storm of retries.';
    const files = await Promise.all(
      Array.from({ length: 20 }, () => bench.accepted(key.secret, path, { name: 's.txt', bytes, headers: retried })),
    );
    expect(new Set(files.map(({ id }) => id)).size).toBe(1);
  });
});

describe('the limits on uploads', () => {
  it('refuse more bytes than a key may store with 429 insufficient_quota, also when many come at once', async () => {
    const small = await bench.key({ preset: 'dataset-upload', limits: { stored_bytes: 1_000 } });
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_none, at) =>
        bench.upload(small.secret, path, { name: `${at}.txt`, bytes: `${at}`.repeat(300) }),
      ),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429]);
    const refused = replies.find(({ status }) => status === 429);
    expect([refused?.body.error.type, refused?.body.error.code, refused?.headers.get('x-should-retry')]).toEqual([
      'insufficient_quota',
      'insufficient_quota',
      'false',
    ]);
    const accepted = replies.find(({ status }) => status === 200)?.body.id as string;
    await bench.call(small.secret, 'DELETE', `${path}/${accepted}`);
    expect((await bench.upload(small.secret, path, { name: 'z.txt', bytes: 'z'.repeat(300) })).status).toBe(200);
  });

  it('leave no conversation of an upload that they refuse, with a name of its own and without one', async () => {
    const small = await bench.key({ limits: { stored_bytes: 100 } });
    const bytes = 'x'.repeat(300);
    const names: Readonly<Record<string, string>>[] = [{}, { conversation_id: 'chat-of-a-product', model: 'assistant' }];
    for (const fields of names) {
      const refused = await bench.upload(small.secret, '/conversations/files', { name: 'a.txt', bytes, fields });
      expect([refused.status, refused.headers.get('x-gt-conversation-id')]).toEqual([429, null]);
    }
    expect((await bench.call(small.secret, 'GET', '/conversations')).body.data).toEqual([]);
  });

  it('refuse more uploads than a key has a day with 429 and Retry-After', async () => {
    const few = await bench.key({ preset: 'dataset-upload', limits: { uploads_per_day: 2 } });
    for (const name of ['1.txt', '2.txt']) await bench.accepted(few.secret, path, { name, bytes: name });
    await expectRefused({ name: '3.txt', bytes: '3' }, [429, 'rate_limit_exceeded', null], few.secret);
    const { headers } = await bench.upload(few.secret, path, { name: '3.txt', bytes: '3' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(86_000);
    await bench.platform.factory.run(
      (tx) => tx.$executeRaw`update files set created_at = created_at - interval '24 hours' where key_id = ${few.id}`,
    );
    expect((await bench.upload(few.secret, path, { name: '3.txt', bytes: '3' })).status).toBe(200);
  });

  it('count what a conversation key uploads against its upload key as well', async () => {
    const inference = await bench.key({ preset: 'chat-plus-embeddings' });
    const upload = await bench.key({ preset: 'dataset-upload', limits: { uploads_per_day: 1 } });
    const key = await bench.key({ preset: 'conversation-app', links: { inference: inference.id, upload: upload.id } });
    await bench.accepted(key.secret, path, { name: '1.txt', bytes: '1' });
    for (const { secret } of [key, upload])
      expect((await bench.upload(secret, path, { name: '2.txt', bytes: '2' })).status).toBe(429);
  });

  it('hold for the tenant as a whole', async () => {
    const tenant = await bench.otherTenant('tight');
    await bench.dataset('handbook', 'tight');
    await bench.platform.app.admin('PATCH', `/tenants/${tenant.id}`, { limits: { stored_bytes: 100 } });
    const [one, two] = [await bench.key({ tenant: 'tight' }), await bench.key({ tenant: 'tight' })];
    await bench.accepted(one.secret, path, { name: '1.txt', bytes: 'x'.repeat(60) });
    expect((await bench.upload(two.secret, path, { name: '2.txt', bytes: 'x'.repeat(60) })).body.error.code).toBe(
      'insufficient_quota',
    );
  });
});
