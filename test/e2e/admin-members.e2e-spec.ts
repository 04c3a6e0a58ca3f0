import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { areAlike, tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';
import { limitMs } from '../support/live.js';
import { until } from '../support/until.js';

let app: TestApp;
let ownerToken: string;
let managerToken: string;
let viewerToken: string;
let foreignToken: string;

beforeAll(async () => {
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  await app.admin('POST', '/tenants', { slug: 'other' });
  ownerToken = await tokenOf(app, 'acme', 'owner');
  managerToken = await tokenOf(app, 'acme', 'manager');
  viewerToken = await tokenOf(app, 'acme', 'viewer');
  foreignToken = await tokenOf(app, 'other', 'owner');
});

afterAll(() => app.close());

async function member(email: string, role: string, extra: object = {}, token = ownerToken) {
  return app.admin('POST', '/members', { email, role, ...extra }, token);
}

describe('members', () => {
  it('are created, shown, changed and removed by an owner, each with its audit row', async () => {
    const created = await member('Ann@Acme.example', 'manager', { name: 'Ann' });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      object: 'member',
      id: expect.stringMatching(/^mem_/),
      tenant: 'acme',
      email: 'ann@acme.example',
      name: 'Ann',
      role: 'manager',
      state: 'active',
      created_at: expect.any(Number),
    });
    const { id } = created.body;
    expect((await app.admin('GET', `/members/${id}`, undefined, viewerToken)).body).toEqual(created.body);
    expect((await app.admin('GET', '/members?email=ANN@acme.example', undefined, viewerToken)).body.data).toEqual([created.body]);
    expect((await app.admin('PATCH', `/members/${id}`, { name: 'Ann B', state: 'disabled' }, ownerToken)).body).toMatchObject({
      name: 'Ann B',
      state: 'disabled',
      role: 'manager',
    });
    expect((await app.admin('DELETE', `/members/${id}`, undefined, ownerToken)).body).toEqual({
      id,
      object: 'member',
      deleted: true,
    });
    const { body } = await app.admin('GET', `/audit?object_id=${id}&order=asc`, undefined, ownerToken);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual(['create', 'update', 'delete']);
  });

  it('of one e-mail address are one a tenant, and may be in two tenants', async () => {
    expect((await member('twice@acme.example', 'viewer')).status).toBe(201);
    const again = await member('TWICE@acme.example', 'viewer');
    expect([again.status, again.body.error.code, again.body.error.param]).toEqual([409, 'conflict', 'email']);
    expect((await member('twice@acme.example', 'viewer', {}, foreignToken)).status).toBe(201);
  });

  it.each([
    [{ email: 'nobody', role: 'viewer' }, 'invalid_value', 'email'],
    [{ email: 'a@b.example', role: 'operator' }, 'invalid_value', 'role'],
    [{ email: 'a@b.example' }, 'invalid_value', 'role'],
    [{ email: 'a@b.example', role: 'viewer', admin: true }, 'unsupported_parameter', 'admin'],
  ])('%j is refused with 400', async (input, code, param) => {
    const { status, body } = await app.admin('POST', '/members', input, ownerToken);
    expect([status, body.error.param]).toEqual([400, param]);
    expect([code, 'missing_required_parameter']).toContain(body.error.code);
  });

  it('are changed by owners alone', async () => {
    for (const token of [managerToken, viewerToken]) {
      expect((await member('x@acme.example', 'viewer', {}, token)).body.error.code).toBe('insufficient_role');
    }
    expect((await app.admin('GET', '/members', undefined, '')).status).toBe(401);
  });

  it('of another tenant are answered exactly like absent ones', async () => {
    const { body } = await member('hidden@other.example', 'viewer', {}, foreignToken);
    for (const [method, input] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      const replies = [
        await app.admin(method, `/members/${body.id}`, input, ownerToken),
        await app.admin(method, '/members/mem_absent', input, ownerToken),
      ];
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect((await app.admin('GET', `/members?after=${body.id}`, undefined, ownerToken)).status).toBe(400);
    expect((await app.admin('GET', '/members?tenant=other', undefined, ownerToken)).status).toBe(404);
  });

  it('keep one active owner: the last one cannot be removed, demoted or disabled', async () => {
    await app.admin('POST', '/tenants', { slug: 'owned' });
    const at = '?tenant=owned';
    const first = (await app.admin('POST', `/members${at}`, { email: 'a@owned.example', role: 'owner' })).body.id as string;
    const second = (await app.admin('POST', `/members${at}`, { email: 'b@owned.example', role: 'owner' })).body.id as string;
    expect((await app.admin('PATCH', `/members/${second}${at}`, { state: 'disabled' })).status).toBe(200);
    expect((await app.admin('DELETE', `/members/${first}${at}`)).status).toBe(409);
    expect((await app.admin('PATCH', `/members/${first}${at}`, { role: 'manager' })).status).toBe(409);
    expect((await app.admin('PATCH', `/members/${first}${at}`, { state: 'disabled' })).status).toBe(409);
    expect((await app.admin('PATCH', `/members/${first}${at}`, { name: 'still' })).status).toBe(200);
    await app.admin('PATCH', `/members/${second}${at}`, { state: 'active' });
    const both = await Promise.all([first, second].map((id) => app.admin('DELETE', `/members/${id}${at}`)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('admin tokens', () => {
  it('show their secret once, work at once, and are gone when revoked', async () => {
    const created = await app.admin('POST', '/admin-tokens', { name: 'ci', role: 'manager' }, ownerToken);
    expect(created.status).toBe(201);
    const { secret, ...token } = created.body;
    expect(secret).toMatch(/^gtad_[0-9A-Za-z]{38}$/);
    expect(token).toEqual({
      object: 'admin_token',
      id: expect.stringMatching(/^adt_/),
      tenant: 'acme',
      name: 'ci',
      role: 'manager',
      member: null,
      state: 'active',
      last_four: secret.slice(-4),
      expires_at: expect.any(Number),
      last_used_at: null,
      created_at: expect.any(Number),
    });
    expect(token.expires_at - token.created_at).toBeGreaterThanOrEqual(90 * 86_400 - 1);
    expect(token.expires_at - token.created_at).toBeLessThanOrEqual(90 * 86_400 + 1);
    expect((await app.admin('GET', '/tenants/acme', undefined, secret)).status).toBe(200);
    expect((await app.admin('GET', `/admin-tokens/${token.id}`, undefined, viewerToken)).body).toEqual(token);
    const revoked = await app.admin('POST', `/admin-tokens/${token.id}/revoke`, undefined, ownerToken);
    expect([revoked.status, revoked.body.state]).toEqual([200, 'revoked']);
    expect((await app.admin('POST', `/admin-tokens/${token.id}/revoke`, {}, ownerToken)).status).toBe(200);
    const { body } = await app.admin('GET', `/audit?object_id=${token.id}&order=asc`, undefined, ownerToken);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual(['create', 'revoke']);
    expect(JSON.stringify(body)).not.toContain(secret);
    expect((await app.admin('GET', '/admin-tokens?name=ci', undefined, viewerToken)).body.data).toHaveLength(1);
    expect(JSON.stringify((await app.admin('GET', '/admin-tokens', undefined, viewerToken)).body)).not.toMatch(
      /secret|hash|gtad_/,
    );
  });

  it('that are deleted are refused', async () => {
    const { body } = await app.admin('POST', '/admin-tokens', { name: 'short', role: 'viewer' }, ownerToken);
    expect((await app.admin('DELETE', `/admin-tokens/${body.id}`, undefined, ownerToken)).body).toEqual({
      id: body.id,
      object: 'admin_token',
      deleted: true,
    });
    expect((await app.admin('GET', '/tenants/acme', undefined, body.secret)).status).toBe(401);
    expect((await app.admin('GET', `/admin-tokens/${body.id}`, undefined, ownerToken)).status).toBe(404);
  });

  it('are never above the role of their maker, and are made by owners and operators alone', async () => {
    const above = await app.admin('POST', '/admin-tokens', { name: 'up', role: 'operator' }, ownerToken);
    expect([above.status, above.body.error.code]).toEqual([403, 'insufficient_role']);
    expect((await app.admin('POST', '/admin-tokens', { name: 'up', role: 'viewer' }, managerToken)).status).toBe(403);
    expect((await app.admin('POST', '/admin-tokens', { tenant: 'acme', name: 'up', role: 'operator' })).status).toBe(400);
    expect((await app.admin('POST', '/admin-tokens', { name: 'up', role: 'owner' })).body.error).toMatchObject({
      param: 'tenant',
    });
    expect((await app.admin('POST', '/admin-tokens', { tenant: 'other', name: 'up', role: 'viewer' }, ownerToken)).status).toBe(
      404,
    );
  });

  it('live for a year at most and not into the past', async () => {
    const now = Math.floor(Date.now() / 1000);
    const make = (expires_at: unknown) =>
      app.admin('POST', '/admin-tokens', { name: 'timed', role: 'viewer', expires_at }, ownerToken);
    expect((await make(now + 365 * 86_400)).body.expires_at).toBe(now + 365 * 86_400);
    expect((await make(new Date((now + 600) * 1000).toISOString())).body.expires_at).toBe(now + 600);
    for (const bad of [now - 1, now + 400 * 86_400, 'tomorrow', null, 1.5]) {
      const { status, body } = await make(bad);
      expect([status, body.error.param]).toEqual([400, 'expires_at']);
    }
  });

  it('of a member never exceed the member, end with a lower role, and go with it', async () => {
    const ann = (await member('tokens@acme.example', 'manager')).body.id as string;
    const made = await app.admin(
      'POST',
      '/admin-tokens',
      { name: 'ann', role: 'manager', member: 'tokens@acme.example' },
      ownerToken,
    );
    expect([made.status, made.body.member]).toEqual([201, ann]);
    expect(
      (await app.admin('POST', '/admin-tokens', { name: 'ann2', role: 'owner', member: ann }, ownerToken)).body.error.param,
    ).toBe('role');
    expect(
      (await app.admin('POST', '/admin-tokens', { name: 'ann3', role: 'viewer', member: 'mem_absent' }, ownerToken)).body.error
        .param,
    ).toBe('member');
    await app.admin('PATCH', `/members/${ann}`, { role: 'viewer' }, ownerToken);
    expect((await app.admin('GET', `/admin-tokens/${made.body.id}`, undefined, ownerToken)).body.state).toBe('revoked');
    await app.admin('DELETE', `/members/${ann}`, undefined, ownerToken);
    expect((await app.admin('GET', '/tenants/acme', undefined, made.body.secret)).status).toBe(401);
  });

  it('of another tenant are answered exactly like absent ones', async () => {
    const { id } = (await app.admin('GET', '/admin-tokens?tenant=other')).body.data[0];
    for (const [method, suffix] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/revoke'],
    ] as const) {
      const replies = [
        await app.admin(method, `/admin-tokens/${id}${suffix}`, undefined, ownerToken),
        await app.admin(method, `/admin-tokens/adt_absent${suffix}`, undefined, ownerToken),
      ];
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
  });
});

describe("operators' tokens", () => {
  it('are seen and revoked by operators alone, and the operators’ audit holds it', async () => {
    const { createOperatorToken } = await import('../../src/modules/members/bootstrap.js');
    const secret = await createOperatorToken(app.databaseUrl, 'second');
    expect((await app.admin('GET', '/tenants', undefined, secret)).status).toBe(200);
    const { body } = await app.admin('GET', '/operator-tokens?name=second');
    expect(body.data).toMatchObject([{ object: 'operator_token', name: 'second', state: 'active', last_four: secret.slice(-4) }]);
    expect(JSON.stringify(body)).not.toMatch(/gtad_|hash/);
    const { id } = body.data[0];
    expect((await app.admin('POST', `/operator-tokens/${id}/revoke`)).body.state).toBe('revoked');
    const isRefused = async (): Promise<boolean> => (await app.admin('GET', '/tenants', undefined, secret)).status === 401;
    await until('the token is refused', isRefused, limitMs);
    const audit = await app.admin('GET', `/operator-audit?object_id=${id}&order=asc`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual(['create', 'revoke']);
    expect((await app.admin('POST', '/operator-tokens/adt_absent/revoke')).status).toBe(404);
    for (const path of ['/operator-tokens', '/operator-audit'])
      expect((await app.admin('GET', path, undefined, ownerToken)).status).toBe(403);
  });
});

describe('records', () => {
  it('audit is for owners, usage for all roles, and each shows the own tenant alone', async () => {
    expect((await app.admin('GET', '/audit', undefined, managerToken)).body.error.code).toBe('insufficient_role');
    expect((await app.admin('GET', '/audit?tenant=acme', undefined, foreignToken)).status).toBe(404);
    const { body } = await app.admin('GET', '/audit?kind=member', undefined, foreignToken);
    expect(body.data.length).toBeGreaterThan(0);
    for (const row of body.data) expect(row.changes.email).toMatch(/@/);
    expect(JSON.stringify(body)).not.toContain('ann@acme.example');
    const usage = await app.admin('GET', '/usage', undefined, viewerToken);
    expect([usage.status, usage.body.object, usage.body.data, usage.body.totals.total_tokens]).toEqual([200, 'list', [], 0]);
    expect((await app.admin('GET', '/usage')).body.error).toMatchObject({ code: 'missing_required_parameter', param: 'tenant' });
    expect((await app.admin('GET', '/usage?colour=red', undefined, viewerToken)).status).toBe(400);
  });
});
