import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { tokenOf } from '../support/admin.js';

let app: TestApp;
let ownerToken: string;
let viewerToken: string;

beforeAll(async () => {
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme', name: 'Acme' });
  await app.admin('POST', '/tenants', { slug: 'other' });
  ownerToken = await tokenOf(app, 'acme', 'owner');
  viewerToken = await tokenOf(app, 'acme', 'viewer');
});

afterAll(() => app.close());

describe('tenants.create', () => {
  it('answers 201 with the tenant and writes the audit in the new tenant', async () => {
    const { status, body } = await app.admin('POST', '/tenants', {
      slug: 'fresh',
      hosts: ['API.Fresh.example', 'api.fresh.example'],
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      object: 'tenant',
      id: expect.stringMatching(/^ten_/),
      slug: 'fresh',
      name: 'fresh',
      state: 'active',
      api_enabled: true,
      hosts: ['api.fresh.example'],
      routes_off: [],
      approval: [],
      limits: {},
      ceiling: {},
      time_zone: 'UTC',
      retention_days: null,
      stored_days: 30,
      request_log_days: null,
      request_bodies: null,
      markup_per_mille: 0,
      vector_stores: { embedding: null },
      created_at: expect.any(Number),
    });
    const audit = await app.admin('GET', '/audit?tenant=fresh');
    expect(audit.body.data).toMatchObject([{ action: 'create', kind: 'tenant', object_id: body.id, actor_role: 'operator' }]);
  });

  it.each([
    [{ name: 'x' }, 'missing_required_parameter', 'slug'],
    [{ slug: 'UPPER' }, 'invalid_value', 'slug'],
    [{ slug: 'x1', colour: 'red' }, 'unsupported_parameter', 'colour'],
    [{ slug: 'x1', hosts: ['a.example:443'] }, 'invalid_value', 'hosts[0]'],
    [{ slug: 'x1', hosts: ['https://a.example'] }, 'invalid_value', 'hosts[0]'],
    [{ slug: 'x1', routes_off: ['nonsense'] }, 'invalid_value', 'routes_off'],
    [{ slug: 'x1', approval: ['models.list'] }, 'invalid_value', 'approval'],
    [{ slug: 'x1', limits: { unknown: 1 } }, 'unsupported_parameter', 'limits.unknown'],
    [{ slug: 'x1', state: 'gone' }, 'invalid_value', 'state'],
    [{ slug: 'x1', time_zone: 'Mars/Olympus' }, 'invalid_value', 'time_zone'],
    [{ slug: 'x1', time_zone: '+02:00' }, 'invalid_value', 'time_zone'],
    [{ slug: 'x1', budgets: {} }, 'unsupported_parameter', 'budgets'],
    [{ slug: 'x1', retention_days: 0 }, 'invalid_value', 'retention_days'],
    [{ slug: 'x1', stored_days: 0 }, 'invalid_value', 'stored_days'],
    [{ slug: 'x1', stored_days: 366 }, 'invalid_value', 'stored_days'],
    [{ slug: 'x1', stored_days: null }, 'invalid_value', 'stored_days'],
    [{ slug: 'x1', request_log_days: -1 }, 'invalid_value', 'request_log_days'],
    [{ slug: 'x1', request_log_days: 401 }, 'invalid_value', 'request_log_days'],
    [{ slug: 'x1', name: 'a\u0000b' }, 'invalid_value', null],
  ])('refuses %j with 400', async (input, code, param) => {
    const { status, body } = await app.admin('POST', '/tenants', input);
    expect([status, body.error.code, body.error.param]).toEqual([400, code, param]);
  });

  it('refuses a slug and a host that are taken with 409', async () => {
    const slug = await app.admin('POST', '/tenants', { slug: 'acme' });
    expect([slug.status, slug.body.error.code, slug.body.error.param]).toEqual([409, 'conflict', 'slug']);
    await app.admin('PATCH', '/tenants/other', { hosts: ['taken.example'] });
    const host = await app.admin('POST', '/tenants', { slug: 'late', hosts: ['TAKEN.example'] });
    expect([host.status, host.body.error.code, host.body.error.param]).toEqual([409, 'conflict', 'hosts']);
    expect(JSON.stringify([slug.body, host.body])).not.toMatch(/prisma|constraint|"other"/i);
    expect((await app.admin('GET', '/tenants/late')).status).toBe(404);
  });

  it('is for operators alone', async () => {
    const { status, body } = await app.admin('POST', '/tenants', { slug: 'mine' }, ownerToken);
    expect([status, body.error.code]).toEqual([403, 'insufficient_role']);
    expect((await app.admin('POST', '/tenants', { slug: 'mine' }, '')).status).toBe(401);
  });
});

describe('tenants.list', () => {
  it('pages through all tenants in both directions without loss or double', async () => {
    for (let number = 0; number < 5; number += 1) await app.admin('POST', '/tenants', { slug: `page-${number}`, name: 'paged' });
    const all = (await app.admin('GET', '/tenants?name=paged&order=asc')).body;
    expect(all.data.map(({ slug }: { slug: string }) => slug)).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
    expect(all.has_more).toBe(false);
    const first = (await app.admin('GET', '/tenants?name=paged&order=asc&limit=2')).body;
    expect([first.has_more, first.last_id]).toEqual([true, all.data[1].id]);
    const second = (await app.admin('GET', `/tenants?name=paged&order=asc&limit=2&after=${first.last_id}`)).body;
    expect(second.data.map(({ slug }: { slug: string }) => slug)).toEqual(['page-2', 'page-3']);
    const back = (await app.admin('GET', `/tenants?name=paged&order=asc&limit=2&before=${all.data[4].id}`)).body;
    expect([back.data.map(({ slug }: { slug: string }) => slug), back.has_more]).toEqual([['page-2', 'page-3'], true]);
    const last = (await app.admin('GET', `/tenants?name=paged&order=asc&limit=2&after=${all.data[3].id}`)).body;
    expect([last.data.map(({ slug }: { slug: string }) => slug), last.has_more]).toEqual([['page-4'], false]);
  });

  it('filters by equality', async () => {
    const { body } = await app.admin('GET', '/tenants?slug=acme');
    expect(body.data.map(({ slug }: { slug: string }) => slug)).toEqual(['acme']);
  });

  it.each([
    ['?colour=red', 'colour'],
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?after=ten_absent', 'after'],
    ['?after=a&before=b', 'before'],
  ])('refuses the query %s with 400', async (query, param) => {
    const { status, body } = await app.admin('GET', `/tenants${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  it('is for operators alone', async () => {
    expect((await app.admin('GET', '/tenants', undefined, ownerToken)).status).toBe(403);
  });
});

describe('tenants.get', () => {
  it('shows a member the own tenant by slug and by id', async () => {
    const bySlug = await app.admin('GET', '/tenants/acme', undefined, viewerToken);
    const byId = await app.admin('GET', `/tenants/${bySlug.body.id}`, undefined, viewerToken);
    expect([bySlug.status, byId.status]).toEqual([200, 200]);
    expect(byId.body).toEqual(bySlug.body);
  });

  it("answers another tenant's name exactly like an absent one", async () => {
    const other = (await app.admin('GET', '/tenants/other')).body;
    const replies = await Promise.all(
      ['other', other.id, 'absent', 'ten_absent'].map((id) => app.admin('GET', `/tenants/${id}`, undefined, ownerToken)),
    );
    expect(new Set(replies.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(replies[0]?.status).toBe(404);
  });

  it('answers what cannot be an id with 404', async () => {
    for (const id of ['%00', 'a%20b', '..%2f..', 'x'.repeat(400)])
      expect((await app.admin('GET', `/tenants/${id}`)).status).toBe(404);
  });
});

describe('tenants.update', () => {
  it('changes only what is given, and the audit holds it', async () => {
    const { status, body } = await app.admin(
      'PATCH',
      '/tenants/acme',
      {
        name: 'Acme Ltd',
        routes_off: ['images', 'images'],
        limits: { requests_per_minute: 5 },
        time_zone: 'Europe/Berlin',
        api_enabled: true,
      },
      ownerToken,
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ slug: 'acme', name: 'Acme Ltd', routes_off: ['images'], state: 'active' });
    expect(body.limits.requests_per_minute).toBe(5);
    const again = await app.admin('PATCH', '/tenants/acme', { name: 'Acme' }, ownerToken);
    expect(again.body).toMatchObject({ name: 'Acme', routes_off: ['images'], time_zone: 'Europe/Berlin' });
    const kept = async (days: number | null) =>
      (await app.admin('PATCH', '/tenants/acme', { retention_days: days }, ownerToken)).body;
    expect([(await kept(30)).retention_days, (await kept(null)).retention_days]).toEqual([30, null]);
    const stored = await app.admin('PATCH', '/tenants/acme', { stored_days: 7 }, ownerToken);
    expect(stored.body).toMatchObject({ stored_days: 7, retention_days: null });
    // What changes nothing leaves no row.
    await app.admin('PATCH', '/tenants/acme', { name: 'Acme' }, ownerToken);
    const audit = await app.admin('GET', '/audit?action=update&kind=tenant', undefined, ownerToken);
    expect(audit.body.data[0]).toMatchObject({ actor_role: 'owner', object_id: body.id, changes: { stored_days: 7 } });
    expect(audit.body.data[0].request_id).toMatch(/^req_/);
  });

  it.each([[{ state: 'active' }], [{ hosts: ['x.example'] }]])('refuses %j from an owner with 403', async (input) => {
    const { status, body } = await app.admin('PATCH', '/tenants/acme', input, ownerToken);
    expect([status, body.error.code]).toEqual([403, 'insufficient_role']);
  });

  it('lets operators set state and hosts, and move a host after it was given up', async () => {
    expect((await app.admin('PATCH', '/tenants/acme', { hosts: ['b.example', 'a.example'] })).body.hosts).toEqual([
      'a.example',
      'b.example',
    ]);
    expect((await app.admin('PATCH', '/tenants/acme', { hosts: ['b.example'] })).body.hosts).toEqual(['b.example']);
    expect((await app.admin('PATCH', '/tenants/other', { hosts: ['a.example'] })).status).toBe(200);
    expect((await app.admin('PATCH', '/tenants/other', { hosts: ['b.example'] })).status).toBe(409);
    expect((await app.admin('PATCH', '/tenants/other', { state: 'suspended' })).body.state).toBe('suspended');
  });

  it('refuses viewers with 403, foreign members with 404, the slug with 400', async () => {
    expect((await app.admin('PATCH', '/tenants/acme', { name: 'x' }, viewerToken)).status).toBe(403);
    expect((await app.admin('PATCH', '/tenants/other', { name: 'x' }, ownerToken)).status).toBe(404);
    expect((await app.admin('PATCH', '/tenants/acme', { slug: 'x' })).body.error).toMatchObject({
      code: 'unsupported_parameter',
      param: 'slug',
    });
  });

  it('refuses a tenant in the query next to the one in the path', async () => {
    expect((await app.admin('PATCH', '/tenants/acme?tenant=other', { name: 'x' })).status).toBe(400);
  });
});

describe('tenants.delete', () => {
  it('deletes the tenant with all it owns and keeps the deletion in the operators’ audit', async () => {
    const { body: tenant } = await app.admin('POST', '/tenants', { slug: 'doomed', hosts: ['doomed.example'] });
    const token = await tokenOf(app, 'doomed', 'owner');
    await app.admin('POST', '/connections', { tenant: 'doomed', name: 'main', base_url: 'https://api.example.com/v1' });
    await app.admin('POST', '/datasets', { tenant: 'doomed', alias: 'docs', embedding: { connection: 'main', model: 'e' } });
    const { status, body } = await app.admin('DELETE', '/tenants/doomed');
    expect([status, body]).toEqual([200, { id: tenant.id, object: 'tenant', deleted: true }]);
    expect((await app.admin('GET', '/tenants/doomed')).status).toBe(404);
    expect((await app.admin('DELETE', '/tenants/doomed')).status).toBe(404);
    expect((await app.admin('GET', '/members', undefined, token)).status).toBe(401);
    expect((await app.admin('POST', '/tenants', { slug: 'doomed', hosts: ['doomed.example'] })).status).toBe(201);
    const audit = await app.admin('GET', `/operator-audit?object_id=${tenant.id}`);
    expect(audit.body.data).toMatchObject([
      { action: 'delete', kind: 'tenant', tenant_id: null, changes: { slug: 'doomed', hosts: ['doomed.example'] } },
      // What was made of it stood in its own audit.
      { action: 'create', kind: 'tenant', tenant_id: tenant.id, changes: {}, before: null },
    ]);
  });

  it('is for operators alone', async () => {
    expect((await app.admin('DELETE', '/tenants/acme', undefined, ownerToken)).status).toBe(403);
  });
});
