import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { call } from '../support/app.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { openai } from '../support/relay.js';

let platform: TestPlatform;
let key: SeededKey;
let client: OpenAI;
let other: SeededTenant;

beforeAll(async () => {
  platform = await startPlatform();
  key = await platform.factory.key(platform.acme);
  client = openai(platform.app.baseUrl, key);
  other = await platform.factory.tenant('other', `${platform.sandbox.url}/v1`);
});
afterAll(() => platform.close());

const rest = (method: string, path: string, body?: unknown, secret = key.secret) =>
  call(platform.app.baseUrl + path, method, secret, body);
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_unused, at) => [`k${at}`, 'v']));

describe('vector_stores.create', () => {
  it("serves OpenAI's client in OpenAI's own form, and shows what the store embeds with", async () => {
    const made = await client.vectorStores.create({
      name: 'Handbook',
      description: 'Rules of the house',
      metadata: { team: 'red' },
      expires_after: { anchor: 'last_active_at', days: 7 },
    });
    expect(faultsOf('VectorStoreObject', made)).toEqual([]);
    expect(made).toMatchObject({
      id: expect.stringMatching(/^vs_[0-9A-Za-z]{24}$/),
      object: 'vector_store',
      name: 'Handbook',
      description: 'Rules of the house',
      metadata: { team: 'red' },
      status: 'completed',
      usage_bytes: 0,
      file_counts: { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 },
      expires_after: { anchor: 'last_active_at', days: 7 },
      gt: { kind: 'vector_store', embedding: { connection: 'main', model: 'sandbox-embed' } },
    });
    expect(made.expires_at).toBe((made.last_active_at ?? 0) + 7 * 86_400);
    expect(await client.vectorStores.retrieve(made.id)).toEqual(made);
  });

  it('takes an empty body and nulls', async () => {
    for (const body of [
      undefined,
      {},
      { name: null, metadata: null, file_ids: null, chunking_strategy: null, expires_after: null },
    ])
      expect(await rest('POST', '/vector_stores', body)).toMatchObject({
        status: 200,
        body: { name: '', metadata: {}, expires_at: null },
      });
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 'unsupported_parameter', 'colour'],
    ['501 files', { file_ids: Array.from({ length: 501 }, (_none, at) => `file-${at}`) }, 'invalid_value', 'file_ids'],
    ['17 pairs of metadata', { metadata: pairs(17) }, 'invalid_value', 'metadata'],
    ['another anchor', { expires_after: { anchor: 'created_at', days: 1 } }, 'invalid_value', 'expires_after.anchor'],
    ['no days', { expires_after: { anchor: 'last_active_at', days: 0 } }, 'invalid_value', 'expires_after.days'],
    ['366 days', { expires_after: { anchor: 'last_active_at', days: 366 } }, 'invalid_value', 'expires_after.days'],
    ['an unknown strategy', { chunking_strategy: { type: 'clever' } }, 'invalid_value', 'chunking_strategy.type'],
    [
      'passages that are too short',
      { chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 99, chunk_overlap_tokens: 0 } } },
      'invalid_value',
      'chunking_strategy.static.max_chunk_size_tokens',
    ],
    [
      'passages that are too long',
      { chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 4097, chunk_overlap_tokens: 0 } } },
      'invalid_value',
      'chunking_strategy.static.max_chunk_size_tokens',
    ],
    [
      'more than half repeated',
      { chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 101, chunk_overlap_tokens: 51 } } },
      'invalid_value',
      'chunking_strategy.static.chunk_overlap_tokens',
    ],
  ])('refuses %s', async (_what, body, code, param) => {
    expect(await rest('POST', '/vector_stores', body)).toMatchObject({ status: 400, body: { error: { code, param } } });
  });

  it('is answered with the same store when it is repeated under an Idempotency-Key', async () => {
    const options = { idempotencyKey: 'store-1', headers: { 'idempotency-key': 'store-1' } };
    const first = await client.vectorStores.create({ name: 'Once' }, options);
    expect((await client.vectorStores.create({ name: 'Once' }, options)).id).toBe(first.id);
  });
});

describe('the model that a store embeds with', () => {
  const set = (embedding: object | null) => platform.app.admin('PATCH', '/tenants/acme', { vector_stores: { embedding } });

  it("is the tenant's setting before that of the default endpoint, and stays with the store", async () => {
    expect(await set({ connection: 'main', model: 'sandbox-other' })).toMatchObject({
      status: 200,
      body: { vector_stores: { embedding: { connection: 'main', model: 'sandbox-other' } } },
    });
    const { body: made } = await rest('POST', '/vector_stores', {});
    await set(null);
    expect((await rest('GET', `/vector_stores/${made.id}`)).body.gt.embedding).toEqual({
      connection: 'main',
      model: 'sandbox-other',
    });
    expect((await rest('POST', '/vector_stores', {})).body.gt.embedding.model).toBe('sandbox-embed');
  });

  it('is refused where the tenant has no such connection, or one without embeddings, by every way', async () => {
    const named = (connection: string) => ({ vector_stores: { embedding: { connection, model: 'm' } } });
    const wordless = { tenant: 'acme', name: 'wordless', base_url: `${platform.sandbox.url}/v1`, wire: 'anthropic' };
    expect((await platform.app.admin('POST', '/connections', wordless)).status).toBe(201);
    const apply = (slug: string, connection: string, further: object = {}) =>
      platform.app.admin('POST', '/apply', { file: { tenants: [{ slug, ...named(connection), ...further }] } });
    const field = 'vector_stores.embedding.connection';
    for (const [answer, param, says] of [
      [await set({ connection: 'gone', model: 'm' }), field, 'The tenant has no connection "gone".'],
      [await set({ connection: 'wordless', model: 'm' }), field, 'no embeddings'],
      [await platform.app.admin('POST', '/tenants', { slug: 'new', ...named('main') }), field, 'no connection "main"'],
      [await apply('acme', 'gone'), `file.tenants[0].${field}`, 'no connection "gone"'],
      [await apply('new', 'main'), `file.tenants[0].${field}`, 'no connection "main"'],
    ] as const)
      expect(answer).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_value', param, message: expect.stringContaining(says) } },
      });
    expect((await platform.app.admin('GET', '/tenants/acme')).body.vector_stores).toEqual({ embedding: null });
    expect((await platform.app.admin('GET', '/tenants/new')).status).toBe(404);
  });

  it('may be set in the file that makes its connection', async () => {
    const connections = [{ name: 'fresh', base_url: `${platform.sandbox.url}/v1`, auth: { mode: 'none' } }];
    const vector_stores = { embedding: { connection: 'fresh', model: 'sandbox-embed' } };
    for (const slug of ['acme', 'whole']) {
      const applied = await platform.app.admin('POST', '/apply', { file: { tenants: [{ slug, connections, vector_stores }] } });
      expect([applied.status, applied.body.changed]).toEqual([200, 2]);
    }
    await set(null);
  });

  it('is missed with the name of the setting', async () => {
    const bare = await platform.factory.tenant('bare', `${platform.sandbox.url}/v1`);
    await platform.factory.run((tx) => tx.endpoint.updateMany({ where: { tenantId: bare.id }, data: { isDefault: false } }));
    const without = await rest('POST', '/vector_stores', {}, (await platform.factory.key(bare)).secret);
    expect([without.status, without.body.error.message]).toEqual([400, expect.stringContaining('vector_stores.embedding')]);
  });

  it('keeps its connection from being deleted or renamed', async () => {
    const second = { tenant: 'acme', name: 'second', base_url: `${platform.sandbox.url}/v1`, auth: { mode: 'none' } };
    const { body: connection } = await platform.app.admin('POST', '/connections', second);
    await set({ connection: 'second', model: 'sandbox-embed' });
    const of = `/connections/${connection.id}?tenant=acme`;
    expect((await platform.app.admin('DELETE', of)).body.error.message).toContain('setting "vector_stores.embedding"');
    const renamed = await platform.app.admin('PATCH', `/connections/${connection.id}`, { tenant: 'acme', name: 'third' });
    expect([renamed.status, renamed.body.error?.message]).toEqual([409, expect.stringContaining('vector_stores.embedding')]);
    const { body: made } = await rest('POST', '/vector_stores', {});
    await set(null);
    expect((await platform.app.admin('DELETE', of)).body.error.message).toContain(`vector store "${made.id}"`);
  });

  it('goes through export and apply', async () => {
    await set({ connection: 'main', model: 'sandbox-embed' });
    const { body: file } = await platform.app.admin('GET', '/export?tenant=acme');
    expect(file.tenants[0].vector_stores).toEqual({ embedding: { connection: 'main', model: 'sandbox-embed' } });
    expect(file.tenants[0].datasets).toEqual([]);
    await set(null);
    const wanted = { tenants: [{ slug: 'acme', vector_stores: file.tenants[0].vector_stores }] };
    expect((await platform.app.admin('POST', '/apply', { file: wanted })).body.changed).toBe(1);
    expect((await platform.app.admin('POST', '/apply', { file: wanted })).body.changed).toBe(0);
    await set(null);
  });
});

describe('vector_stores.update and delete', () => {
  it('change what is given and leave the rest; null takes away', async () => {
    const made = await client.vectorStores.create({
      name: 'A',
      metadata: { a: '1' },
      expires_after: { anchor: 'last_active_at', days: 1 },
    });
    const renamed = await client.vectorStores.update(made.id, { name: 'B' });
    expect(renamed).toMatchObject({ name: 'B', metadata: { a: '1' }, expires_after: { days: 1 } });
    const bare = await client.vectorStores.update(made.id, { name: null, metadata: null, expires_after: null });
    expect(bare).toMatchObject({ name: '', metadata: {}, expires_at: null });
    const gone = await client.vectorStores.delete(made.id);
    expect([gone, faultsOf('DeleteVectorStoreResponse', gone)]).toEqual([
      { id: made.id, object: 'vector_store.deleted', deleted: true },
      [],
    ]);
    for (const [method, body] of [['GET'], ['DELETE'], ['POST', { name: 'C' }]] as const)
      expect(await rest(method, `/vector_stores/${made.id}`, body)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found' } },
      });
  });
});

describe('vector_stores.list', () => {
  it('pages by cursors in both directions, and refuses a cursor that is not in it', async () => {
    const lister = await platform.factory.tenant('lister', `${platform.sandbox.url}/v1`);
    const its = await platform.factory.key(lister);
    const its_client = openai(platform.app.baseUrl, its);
    const empty = await rest('GET', '/vector_stores', undefined, its.secret);
    expect([empty.body.data, faultsOf('ListVectorStoresResponse', empty.body)]).toEqual([[], []]);
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.push((await its_client.vectorStores.create({ name: `${at}` })).id);
    const seen: string[] = [];
    for await (const store of its_client.vectorStores.list({ limit: 2, order: 'asc' })) seen.push(store.id);
    expect(seen).toEqual(ids);
    const before = await its_client.vectorStores.list({ limit: 2, order: 'asc', before: ids[3] ?? '' });
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(1, 3));
    const refused = await rest('GET', '/vector_stores?after=vs_none', undefined, its.secret);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_value', param: 'after' } } });
  });
});

describe('a dataset', () => {
  let dataset: { readonly id: string };

  beforeAll(async () => {
    const embedding = { connection: 'main', model: 'sandbox-embed' };
    dataset = (await platform.app.admin('POST', '/datasets', { tenant: 'acme', alias: 'handbook', embedding })).body;
  });

  it('is read as a store by keys of its allowlist alone, and listed to them', async () => {
    const found = await rest('GET', `/vector_stores/${dataset.id}`, undefined, (await reader(['handbook'])).secret);
    expect([found.body, faultsOf('VectorStoreObject', found.body)]).toEqual([
      expect.objectContaining({ id: dataset.id, name: 'handbook', gt: { kind: 'dataset', embedding: null } }),
      [],
    ]);
    for (const [datasets, isSeen] of [
      [['handbook'], true],
      [[dataset.id], true],
      [['*'], true],
      [[], false],
      [['else'], false],
    ] as const) {
      const { secret } = await reader(datasets);
      const { body } = await rest('GET', '/vector_stores?limit=100', undefined, secret);
      expect((body.data as { id: string }[]).some(({ id }) => id === dataset.id)).toBe(isSeen);
      expect((await rest('GET', `/vector_stores/${dataset.id}`, undefined, secret)).status).toBe(isSeen ? 200 : 404);
    }
  });

  it('is neither changed nor deleted as a store', async () => {
    for (const [method, body] of [['POST', { name: 'x' }], ['DELETE']] as const)
      expect((await rest(method, `/vector_stores/${dataset.id}`, body)).status).toBe(404);
  });

  async function reader(datasets: readonly string[]): Promise<{ readonly secret: string }> {
    const grants = { purpose: 'inference', scopes: ['vector_stores:read'], datasets };
    const made = await platform.app.admin('POST', '/keys', { tenant: 'acme', name: `reader ${Math.random()}`, ...grants });
    return made.body as { readonly secret: string };
  }
});

describe('another tenant', () => {
  it('has no part in a store', async () => {
    const store = await client.vectorStores.create({ name: 'mine' });
    const foreign = await platform.factory.key(other);
    const absent = await rest('GET', '/vector_stores/vs_absent', undefined, foreign.secret);
    for (const [method, path, body] of [
      ['GET', `/vector_stores/${store.id}`],
      ['POST', `/vector_stores/${store.id}`, { name: 'x' }],
      ['DELETE', `/vector_stores/${store.id}`],
    ] as const) {
      const answer = await rest(method, path, body, foreign.secret);
      expect([answer.status, answer.body]).toEqual([404, absent.body]);
    }
    expect((await rest('GET', '/vector_stores', undefined, foreign.secret)).body.data).toEqual([]);
  });
});
