import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { call, type ApiReply } from '../support/app.js';
import { refusal } from '../support/admin-fixture.js';
import { FilesBench } from '../support/files.js';
import { until } from '../support/until.js';

interface TestKey {
  readonly id: string;
  readonly secret: string;
}

let bench: FilesBench;
let database: pg.Pool;

beforeAll(async () => {
  bench = await FilesBench.start();
  database = new pg.Pool({ connectionString: bench.platform.app.databaseUrl, max: 2 });
});
afterAll(async () => {
  await database.end();
  await bench.close();
});

const remove = (key: TestKey, query = ''): Promise<ApiReply> =>
  bench.platform.app.admin('DELETE', `/keys/${key.id}?tenant=acme${query}`);
const named = (name: string) => ({ 'x-gt-conversation-id': name });

/** A key with a conversation of two items, a file in another conversation, and a file in a dataset. */
async function filledKey(): Promise<TestKey & { conversation: string; files: string[] }> {
  const key = await bench.key();
  const items = ['one', 'two'].map((content) => ({ type: 'message', role: 'user', content }));
  const made = await bench.call(key.secret, 'POST', '/conversations', { items });
  const text = { name: 'a.txt', bytes: `A text of ${key.id}.` };
  const files = [
    await bench.accepted(key.secret, '/conversations/files', { ...text, headers: { ...named('trip'), 'idempotency-key': 'k1' } }),
    await bench.accepted(key.secret, '/datasets/handbook/files', text),
  ];
  return { ...key, conversation: made.body.id as string, files: files.map(({ id }) => id) };
}

/** Rows that name the key, and contents of these files in the store. */
async function left(keyId: string, files: readonly string[] = []): Promise<unknown> {
  const count = (table: string): string => `(select count(*)::int from ${table} where key_id = $1) as ${table}`;
  const { rows } = await database.query(
    `select ${['conversations', 'files', 'idempotent_requests', 'key_secrets', 'key_exercise'].map(count).join(', ')},
            (select count(*)::int from conversation_items i where not exists (select from conversations c where c.id = i.conversation_id)) as items`,
    [keyId],
  );
  const stored = readdirSync(bench.dataDir, { recursive: true }).map(String);
  const isStored = (id: string): boolean => stored.some((path) => path.includes(id.slice('file-'.length)));
  return { ...(rows[0] as object), objects: files.filter(isStored).length };
}

const nothing = { conversations: 0, files: 0, idempotent_requests: 0, key_secrets: 0, key_exercise: 0, items: 0, objects: 0 };

describe('a key that has conversations or files', () => {
  it('is not deleted without a word on them, and the answer counts them', async () => {
    const key = await filledKey();
    const reply = await remove(key);
    expect(refusal(reply)).toEqual([409, 'conflict', null]);
    expect(reply.body.error.message).toContain('The key has 2 conversations and 2 files.');
    expect((await bench.call(key.secret, 'GET', `/conversations/${key.conversation}`)).status).toBe(200);
  });

  it('goes with all that it has when force is given, and leaves nothing behind', async () => {
    const key = await filledKey();
    expect(await left(key.id, key.files)).toMatchObject({ conversations: 2, files: 2, idempotent_requests: 1, objects: 2 });
    expect((await remove(key, '&force=true')).body).toEqual({ id: key.id, object: 'key', deleted: true });
    expect(await left(key.id, key.files)).toEqual(nothing);
    const { body } = await bench.platform.app.admin('GET', `/audit?tenant=acme&object_id=${key.id}`);
    expect(body.data[0]).toMatchObject({ action: 'delete', changes: { removed: { conversations: 2, files: 2 } } });
  });

  it('gives them to another key, which goes on with them', async () => {
    const [key, heir] = [await filledKey(), await bench.key()];
    expect((await remove(key, `&transfer_to=${heir.id}`)).status).toBe(200);
    expect(await left(key.id)).toEqual(nothing);
    const items = await bench.call(heir.secret, 'GET', `/conversations/${key.conversation}/items?order=asc`);
    expect(items.body.data.map(({ content }: { content: { text: string }[] }) => content[0]?.text)).toEqual(['one', 'two']);
    for (const id of key.files) expect((await bench.call(heir.secret, 'GET', `/files/${id}`)).status).toBe(200);
    const more = { name: 'b.txt', bytes: 'More of the trip.', headers: named('trip') };
    const added = await bench.accepted(heir.secret, '/conversations/files', more);
    const trip = await bench.file(heir.secret, key.files[0] ?? '');
    expect(added.gt.conversation_id).toBe(trip.gt.conversation_id);
    const { body } = await bench.platform.app.admin('GET', `/audit?tenant=acme&object_id=${key.id}`);
    const moved = { conversations: 2, files: 2 };
    expect(body.data[0]).toMatchObject({ action: 'delete', changes: { transferred_to: heir.id, moved } });
  });

  it('keeps a conversation whose name the other key uses already under its own id', async () => {
    const [key, heir] = [await filledKey(), await filledKey()];
    const trip = (await bench.file(key.secret, key.files[0] ?? '')).gt.conversation_id ?? '';
    expect((await remove(key, `&transfer_to=${heir.id}`)).status).toBe(200);
    expect((await bench.call(heir.secret, 'GET', `/conversations/${trip}`)).status).toBe(200);
    expect((await bench.call(heir.secret, 'GET', '/conversations')).body.data).toHaveLength(4);
  });

  it('goes only to a living key of its tenant and purpose', async () => {
    const key = await filledKey();
    const upload = await bench.key({ preset: 'dataset-upload' });
    const revoked = await bench.key();
    await bench.platform.app.admin('POST', `/keys/${revoked.id}/revoke?tenant=acme`, {});
    await bench.otherTenant(`other-${key.id.slice(-6).toLowerCase()}`);
    const foreign = await bench.key({ tenant: `other-${key.id.slice(-6).toLowerCase()}`, datasets: [] });
    for (const { id } of [upload, revoked, foreign, key, { id: 'key_absent' }]) {
      expect(refusal(await remove(key, `&transfer_to=${id}`))).toEqual([400, 'invalid_value', 'transfer_to']);
    }
    const both = await remove(key, `&force=true&transfer_to=${upload.id}`);
    expect(refusal(both)).toEqual([400, 'invalid_value', 'transfer_to']);
    expect((await bench.call(key.secret, 'GET', '/key')).body.state).toBe('active');
  });

  it('stays while a conversation key links it, whatever is given', async () => {
    const key = await filledKey();
    const links = { inference: key.id };
    await bench.key({ scopes: ['conversations:read'], purpose: 'conversation', links, datasets: [] });
    expect(refusal(await remove(key, '&force=true'))).toEqual([409, 'conflict', null]);
    expect((await bench.call(key.secret, 'GET', '/key')).body.state).toBe('active');
  });
});

describe('a key with kept responses', () => {
  const respond = async (secret: string): Promise<string> => {
    const { status, body } = await bench.call(secret, 'POST', '/responses', { model: 'assistant', input: 'hello' });
    expect([status, body.error]).toEqual([200, null]);
    return body.id;
  };
  const rows = async (keyId: string): Promise<number[]> =>
    bench.platform.factory.run(async (tx) => [
      await tx.response.count({ where: { keyId } }),
      await tx.responseItem.count({ where: { keyId } }),
    ]);

  it.each(['', '&force=true'])('takes them along (%s)', async (how) => {
    const key = await bench.key();
    await respond(key.secret);
    expect(await rows(key.id)).toEqual([1, 2]);
    expect((await remove(key, how)).status).toBe(200);
    expect(await rows(key.id)).toEqual([0, 0]);
  });

  it('gives them to another key, which goes on from them', async () => {
    const [key, heir] = [await bench.key(), await bench.key()];
    const id = await respond(key.secret);
    expect((await remove(key, `&transfer_to=${heir.id}`)).status).toBe(200);
    expect([await rows(key.id), await rows(heir.id)]).toEqual([
      [0, 0],
      [1, 2],
    ]);
    const next = await bench.call(heir.secret, 'POST', '/responses', {
      model: 'assistant',
      input: 'again',
      previous_response_id: id,
    });
    expect(next.status).toBe(200);
  });
});

describe('a deletion while the key is at work', () => {
  it('leaves nothing of calls that were under way', async () => {
    const key = await filledKey();
    const calls = Array.from({ length: 20 }, () => bench.call(key.secret, 'POST', '/conversations', {}));
    const [reply, ...answers] = await Promise.all([remove(key, '&force=true'), ...calls]);
    expect(reply.status).toBe(200);
    for (const { status } of answers) expect([200, 401]).toContain(status);
    expect(await left(key.id, key.files)).toEqual(nothing);
  });
});

describe('a deletion that is killed half-way', () => {
  it.each(['force=true', 'transfer_to='])('is finished by the next one (%s)', async (how) => {
    const [key, heir] = [await bench.key(), await bench.key()];
    const query = `&${how}${how.endsWith('=') ? heir.id : ''}`;
    await database.query(
      `insert into conversations (tenant_id, id, key_id) select $1, 'conv_' || $2::text || n, $2 from generate_series(1, 4000) n`,
      [bench.platform.acme.id, key.id],
    );
    const api = await bench.api();
    const broken = call(`${api.url}/api/admin/v1/keys/${key.id}?tenant=acme${query}`, 'DELETE', bench.platform.app.operatorToken);
    const outcome = broken.then(
      ({ status }) => status,
      () => 'broken',
    );
    await until('the first batch is done', async () => {
      const { rows } = await database.query<{ n: number }>('select count(*)::int as n from conversations where key_id = $1', [
        key.id,
      ]);
      return (rows[0]?.n ?? 4000) < 4000;
    });
    await api.kill();
    expect(await outcome).toBe('broken');
    const { body } = await bench.platform.app.admin('GET', `/keys/${key.id}?tenant=acme`);
    expect(body.state).toBe('revoked');
    expect((await remove(key, query)).status).toBe(200);
    expect(await left(key.id)).toEqual(nothing);
    const { rows } = await database.query('select count(*)::int as n from conversations where key_id = $1', [heir.id]);
    expect(rows).toEqual([{ n: how === 'transfer_to=' ? 4000 : 0 }]);
  });
});
