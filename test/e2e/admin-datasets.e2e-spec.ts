import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { areAlike, tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
let managerToken: string;
let viewerToken: string;
let foreignToken: string;

beforeAll(async () => {
  app = await startApp();
  for (const tenant of ['acme', 'other']) {
    await app.admin('POST', '/tenants', { slug: tenant });
    await app.admin('POST', '/connections', { tenant, name: 'main', base_url: 'http://127.0.0.1:1/v1' });
  }
  await app.admin('POST', '/connections', { tenant: 'other', name: 'theirs', base_url: 'http://127.0.0.1:1/v1' });
  managerToken = await tokenOf(app, 'acme', 'manager');
  viewerToken = await tokenOf(app, 'acme', 'viewer');
  foreignToken = await tokenOf(app, 'other', 'owner');
});

afterAll(() => app.close());

const embedding = { connection: 'main', model: 'text-embed' };

describe('datasets on the admin plane', () => {
  it('are created, shown, changed and deleted by a manager, each with its audit row', async () => {
    const created = await app.admin('POST', '/datasets', { alias: 'handbook', embedding }, managerToken);
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      object: 'dataset',
      id: expect.stringMatching(/^ds_/),
      tenant: 'acme',
      alias: 'handbook',
      name: '',
      embedding,
      chunk_tokens: 512,
      overlap_tokens: 64,
      hidden_sheets: false,
      ocr_languages: [],
      recall: null,
      created_at: expect.any(Number),
    });
    const { id } = created.body;
    expect((await app.admin('GET', `/datasets/${id}`, undefined, viewerToken)).body).toEqual(created.body);
    expect((await app.admin('GET', '/datasets?alias=handbook', undefined, viewerToken)).body.data).toEqual([created.body]);
    const changed = await app.admin(
      'PATCH',
      `/datasets/${id}`,
      { name: 'Handbook', chunk_tokens: 256, hidden_sheets: true },
      managerToken,
    );
    expect(changed.body).toEqual({ ...created.body, name: 'Handbook', chunk_tokens: 256, hidden_sheets: true });
    expect((await app.admin('DELETE', `/datasets/${id}`, undefined, managerToken)).body).toEqual({
      id,
      object: 'dataset',
      deleted: true,
    });
    const audit = await app.admin('GET', `/audit?tenant=acme&object_id=${id}&order=asc`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual(['create', 'update', 'delete']);
  });

  it.each([
    [{ alias: 'Bad Alias', embedding }, 'alias'],
    [{ alias: 'x1' }, 'embedding'],
    [{ alias: 'x1', embedding: { connection: 'absent', model: 'm' } }, 'embedding.connection'],
    [{ alias: 'x1', embedding: { connection: 'theirs', model: 'm' } }, 'embedding.connection'],
    [{ alias: 'x1', embedding, chunk_tokens: 65, overlap_tokens: 33 }, 'overlap_tokens'],
    [{ alias: 'x1', embedding, chunk_tokens: 64 }, 'overlap_tokens'],
    [{ alias: 'x1', embedding, chunk_tokens: 0 }, 'chunk_tokens'],
    [{ alias: 'x1', embedding, files: [] }, 'files'],
  ])('%j is refused with 400', async (input, param) => {
    const { status, body } = await app.admin('POST', '/datasets', input, managerToken);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  it('repeat at most half a passage, whichever of the two numbers is changed', async () => {
    const bounds = { chunk_tokens: 64, overlap_tokens: 32 };
    const made = await app.admin('POST', '/datasets', { alias: 'bounds', embedding, ...bounds }, managerToken);
    expect([made.status, made.body]).toEqual([201, expect.objectContaining(bounds)]);
    const path = `/datasets/${made.body.id}`;
    for (const change of [{ overlap_tokens: 33 }, { chunk_tokens: 63 }, { chunk_tokens: 128, overlap_tokens: 65 }]) {
      const { status, body } = await app.admin('PATCH', path, change, managerToken);
      expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_value', 'overlap_tokens']);
      expect(body.error.message).toMatch(/must be at most \d+, half of chunk_tokens \(\d+\)/);
    }
    expect((await app.admin('GET', path, undefined, managerToken)).body).toEqual(made.body);
    expect((await app.admin('PATCH', path, { chunk_tokens: 32, overlap_tokens: 16 }, managerToken)).status).toBe(200);
  });

  it('of one alias are one a tenant', async () => {
    expect((await app.admin('POST', '/datasets', { alias: 'taken', embedding }, managerToken)).status).toBe(201);
    const again = await app.admin('POST', '/datasets', { alias: 'taken', embedding }, managerToken);
    expect([again.status, again.body.error.param]).toEqual([409, 'alias']);
    expect((await app.admin('POST', '/datasets', { alias: 'taken', embedding }, foreignToken)).status).toBe(201);
  });

  it('are not changed by viewers, nor shown to nobody', async () => {
    expect((await app.admin('POST', '/datasets', { alias: 'x2', embedding }, viewerToken)).status).toBe(403);
    expect((await app.admin('GET', '/datasets', undefined, '')).status).toBe(401);
  });

  it('of another tenant are answered exactly like absent ones', async () => {
    const { id } = (await app.admin('POST', '/datasets', { alias: 'hidden', embedding }, foreignToken)).body;
    for (const [method, input] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      const replies = [
        await app.admin(method, `/datasets/${id}`, input, managerToken),
        await app.admin(method, '/datasets/ds_absent', input, managerToken),
      ];
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
  });
});
