import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { call, type ApiReply } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { openai } from '../support/relay.js';
import { exampleOf } from '../support/row-example.js';

/** A vector store is a row of `datasets`. Whatever shows or names datasets must not know it. */
const name = 'hidden-store';
let platform: TestPlatform;
/** Its allowlist of datasets is `*`. */
let key: SeededKey;
let store: string;
let file: string;

beforeAll(async () => {
  platform = await startPlatform();
  const { factory, acme, app } = platform;
  key = await factory.key(acme);
  await factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { datasets: ['*'] } }));
  await app.admin('POST', '/datasets', {
    ...{ tenant: 'acme', alias: 'shown', embedding: { connection: 'main', model: 'sandbox-embed' } },
  });
  const client = openai(app.baseUrl, key);
  const text = new File(['A text.'], 'a.txt');
  file = (await client.files.create({ file: text, purpose: 'assistants' })).id;
  store = (await client.vectorStores.create({ name, file_ids: [file] })).id;
});
afterAll(() => platform.close());

const rest = (method: string, path: string, body?: unknown) => call(platform.app.baseUrl + path, method, key.secret, body);
const form = (): FormData => {
  const data = new FormData();
  data.append('file', new Blob(['A text.'], { type: 'text/plain' }), 'a.txt');
  return data;
};

/** What rows answer of the store, and of a dataset that is not there. */
async function answers(path: string, ask: (path: string) => Promise<ApiReply>): Promise<string[]> {
  const absent = `ds_${store.slice(3, -6)}absent`;
  return Promise.all(
    [store, absent].map(async (id) => {
      const { status, body } = await ask(path.replace(/\{(dataset_id|id)\}/, id).replace('{file_id}', file));
      return JSON.stringify([status, body]).replaceAll(id, '<id>');
    }),
  );
}

async function sendForm(url: string, token: string): Promise<ApiReply> {
  const reply = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form() });
  return { status: reply.status, headers: reply.headers, body: await reply.json() };
}

const ofDatasets = routeIds.map(routeRow).filter(({ path }) => path.includes('{dataset_id}'));
const ofDatasetsForAdmins = adminRouteIds
  .filter((id) => id.startsWith('datasets.') && adminRouteRow(id).path.includes('{'))
  .map(adminRouteRow);
const lists = routeIds
  .map(routeRow)
  .filter(({ method, path, group }) => method === 'GET' && !path.includes('{') && group !== 'vector_stores')
  .filter(({ path, body }) => path !== '/responses' && body === 'none');
/** The audit names what it is about, and a tail has no end: it shows what the list of requests does. */
const listsForAdmins = adminRouteIds
  .map(adminRouteRow)
  .filter(({ method, path }) => method === 'GET' && !path.includes('{') && path !== '/audit' && path !== '/requests/tail');

describe('a vector store', () => {
  it.each(ofDatasets.map((row) => [row.method, row.path, row] as const))(
    'is no dataset for %s %s of the data plane',
    async (method, path, { body, request }) => {
      const given = request === undefined ? undefined : exampleOf(request);
      const [ofStore, ofNothing] = await answers(path, (at) =>
        body === 'multipart' ? sendForm(platform.app.baseUrl + at, key.secret) : rest(method, at, given),
      );
      expect(ofNothing).toContain('404');
      expect(ofStore).toBe(ofNothing);
    },
  );

  it.each(ofDatasetsForAdmins.map((row) => [row.method, row.path, row] as const))(
    'is no dataset for %s %s of the admin plane',
    async (method, path, { body, request }) => {
      const given = request === undefined ? undefined : exampleOf(request);
      const { app } = platform;
      const [ofStore, ofNothing] = await answers(`${path}?tenant=acme`, (at) =>
        body === 'multipart' ? sendForm(app.adminUrl + at, app.operatorToken) : app.admin(method, at, given),
      );
      expect(ofNothing).toContain('404');
      expect(ofStore).toBe(ofNothing);
    },
  );

  it.each(lists.map(({ path }) => [path]))('is in no list of GET %s', async (path) => {
    const { status, body } = await rest('GET', path);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(new RegExp(`${store}|${name}`));
  });

  it.each(listsForAdmins.map(({ path }) => [path]))('is in no list of GET %s of the admin plane', async (path) => {
    const { status, body } = await platform.app.admin('GET', `${path}?tenant=acme`);
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(body ?? null)).not.toMatch(new RegExp(`${store}|${name}`));
  });

  it('is named neither by keys nor by agents, and no dataset may be called like it', async () => {
    const { admin } = platform.app;
    const models = { chat: { connection: 'main', model: 'sandbox-chat' } };
    const agent = { tenant: 'acme', name: 'thief', models };
    for (const named of [store, name]) expect((await admin('POST', '/agents', { ...agent, datasets: [named] })).status).toBe(400);
    const grants = { purpose: 'inference', scopes: ['datasets:read'], datasets: [store] };
    expect((await admin('POST', '/keys', { tenant: 'acme', name: 'names it', ...grants })).status).toBe(400);
    const alias = { tenant: 'acme', alias: store, embedding: { connection: 'main', model: 'sandbox-embed' } };
    expect((await admin('POST', '/datasets', alias)).status).toBe(400);
  });

  it('outlives a pruning apply, which neither counts nor changes it', async () => {
    const { body: file } = await platform.app.admin('GET', '/export?tenant=acme');
    expect(file.tenants[0].datasets.map(({ alias }: { alias: string }) => alias)).toEqual(['shown']);
    const wanted = { tenants: [{ ...file.tenants[0], datasets: [], agents: [], endpoints: [] }] };
    const { status, body } = await platform.app.admin('POST', '/apply', { file: wanted, prune: true });
    expect([status, body.error ?? null]).toEqual([200, null]);
    expect(JSON.stringify(body)).not.toContain(store);
    expect((await rest('GET', '/datasets')).body.data).toEqual([]);
    expect((await rest('GET', `/vector_stores/${store}`)).body).toMatchObject({ id: store, name });
  });

  it('is not there for the release before, whose transactions do not say that they know stores', async () => {
    const client = new pg.Client({ connectionString: platform.app.databaseUrl });
    await client.connect();
    const count = async (text: string): Promise<number | null> => (await client.query(text)).rowCount;
    try {
      for (const role of ['gt_app', 'gt_platform']) {
        await client.query(`begin; set local role ${role}; set local gt.tenant_id = '${platform.acme.id}'`);
        expect(await count(`select 1 from datasets where id = '${store}'`)).toBe(0);
        expect(await count(`update datasets set alias = 'taken' where id = '${store}'`)).toBe(0);
        expect(await count(`delete from datasets where id = '${store}'`)).toBe(0);
        expect(await count(`update ingestions set state = 'failed' where target_id = '${store}'`)).toBe(0);
        await client.query(`set local gt.vector_stores = 'on'`);
        expect(await count(`select 1 from datasets where id = '${store}'`)).toBe(1);
        expect(await count(`update ingestions set percent = percent where target_id = '${store}'`)).toBe(1);
        await client.query('rollback');
      }
      // Nor does it take their connection away.
      await client.query(`begin; set local role gt_app; set local gt.tenant_id = '${platform.acme.id}'`);
      await client.query('delete from datasets');
      await expect(client.query(`delete from connections where id = '${platform.acme.connectionId}'`)).rejects.toMatchObject({
        code: expect.stringMatching(/^2300[13]$/),
      });
      await client.query('rollback');
    } finally {
      await client.end();
    }
  });
});
