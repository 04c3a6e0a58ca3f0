import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, type ApiReply } from '../support/app.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';
import { Factory } from '../support/platform.js';
import { until } from '../support/until.js';

let fixture: AdminFixture;
let factory: Factory;

beforeAll(async () => {
  fixture = await startAdminFixture();
  factory = new Factory(fixture.app.databaseUrl);
  const models = { chat: { connection: 'main', model: 'big' } };
  await expectCreated(fixture.manager('POST', '/agents', { name: 'helper', models }));
  await expectCreated(fixture.manager('POST', '/endpoints', { name: 'assistant', agent: 'helper', default: true }));
  await expectCreated(
    fixture.manager('POST', '/endpoints', {
      name: 'vectors',
      raw_model: { connection: 'main', model: 'm', modalities: ['embed'] },
    }),
  );
  await expectCreated(
    fixture.manager('POST', '/endpoints', { name: 'vendor/hidden', raw_model: { connection: 'main', model: 'm' } }),
  );
});
afterAll(async () => {
  await factory.close();
  await fixture.close();
});

const create = (name: string, rest: object = { preset: 'openai-chat-client', agents: ['*'] }) =>
  expectCreated(fixture.manager('POST', '/keys', { name, ...rest }));
const use = (secret: string): Promise<ApiReply> => call(`${fixture.app.baseUrl}/models`, 'GET', secret);

/** Calls with the secret until it is answered so; the contract gives every process one second. */
const untilAnswered = (secret: string, status: number): Promise<ApiReply> =>
  until(
    `the key is answered ${status}`,
    async () => {
      const reply = await use(secret);
      return reply.status === status && reply;
    },
    1_000,
  );

describe('keys.rotate', () => {
  it('gives the same key a new secret and ends the old one at once', async () => {
    const { secret: old, ...key } = await create('rotated');
    expect((await use(old)).status).toBe(200);
    const { status, body } = await fixture.manager('POST', `/keys/${key.id}/rotate`, { overlap_seconds: 0 });
    const { secret, ...rest } = body;
    expect([status, rest]).toEqual([200, { ...key, last_four: secret.slice(-4) }]);
    expect(secret).not.toBe(old);
    expect((await use(secret)).status).toBe(200);
    await untilAnswered(old, 401);
    const audit = await fixture.lastAudit(key.id);
    expect(audit).toMatchObject({ action: 'rotate', kind: 'key', changes: { overlap_seconds: 0, last_four: secret.slice(-4) } });
    expect(JSON.stringify(audit)).not.toContain(secret);
  });

  it('lets the old secret live on for the overlap', async () => {
    const { id, secret: first } = await create('overlapping');
    const { secret: second } = (await fixture.manager('POST', `/keys/${id}/rotate`, { overlap_seconds: 3600 })).body;
    const { secret: third } = (await fixture.manager('POST', `/keys/${id}/rotate`, { overlap_seconds: 7200 })).body;
    const ends = await factory.run((tx) =>
      tx.keySecret.findMany({ where: { keyId: id }, orderBy: { createdAt: 'asc' }, select: { expiresAt: true } }),
    );
    const inSeconds = ends.map(({ expiresAt }) =>
      expiresAt === null ? null : Math.round((expiresAt.getTime() - Date.now()) / 1000 / 60),
    );
    expect(inSeconds).toEqual([60, 120, null]);
    for (const secret of [first, second, third]) expect((await use(secret)).status).toBe(200);
    await fixture.manager('POST', `/keys/${id}/rotate`, {});
    for (const secret of [first, second, third]) await untilAnswered(secret, 401);
  });

  it('leaves one secret of many rotations at once', async () => {
    const { id } = await create('crowded');
    const replies = await Promise.all(Array.from({ length: 8 }, () => fixture.manager('POST', `/keys/${id}/rotate`, {})));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    const left = await factory.run((tx) => tx.keySecret.findMany({ where: { keyId: id }, select: { lastFour: true } }));
    expect(left).toHaveLength(1);
    expect((await fixture.viewer('GET', `/keys/${id}`)).body.last_four).toBe(left[0]?.lastFour);
  });

  it('refuses bad overlaps with 400, revoked keys with 409, viewers with 403', async () => {
    const { id } = await create('unrotated');
    for (const overlap of [-1, 1.5, 'long', 1e9]) {
      expect(refusal(await fixture.manager('POST', `/keys/${id}/rotate`, { overlap_seconds: overlap }))).toEqual([
        400,
        'invalid_value',
        'overlap_seconds',
      ]);
    }
    expect(refusal(await fixture.viewer('POST', `/keys/${id}/rotate`, {}))).toEqual([403, 'insufficient_role', null]);
    await fixture.manager('POST', `/keys/${id}/revoke`);
    expect(refusal(await fixture.manager('POST', `/keys/${id}/rotate`, {}))).toEqual([409, 'conflict', null]);
  });
});

describe('keys.disable, keys.enable and keys.revoke', () => {
  it('stop a key within a second and let it go on', async () => {
    const { id, secret } = await create('switched');
    expect((await use(secret)).status).toBe(200);
    expect((await fixture.manager('POST', `/keys/${id}/disable`)).body.state).toBe('disabled');
    expect((await untilAnswered(secret, 401)).body.error.message).toContain('disabled');
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'disable', changes: { state: 'disabled' } });
    expect((await fixture.manager('POST', `/keys/${id}/enable`, {})).body.state).toBe('active');
    await untilAnswered(secret, 200);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'enable' });
  });

  it('revoke a key for good', async () => {
    const { id, secret } = await create('revoked');
    expect((await fixture.manager('POST', `/keys/${id}/revoke`)).body.state).toBe('revoked');
    expect((await untilAnswered(secret, 401)).body.error.message).toContain('revoked');
    expect((await fixture.manager('POST', `/keys/${id}/revoke`)).status).toBe(200);
    for (const verb of ['enable', 'disable'])
      expect(refusal(await fixture.manager('POST', `/keys/${id}/${verb}`))).toEqual([409, 'conflict', null]);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'revoke' });
  });

  it('refuse unknown fields with 400 and viewers with 403', async () => {
    const { id } = await create('untouched');
    for (const verb of ['disable', 'enable', 'revoke']) {
      expect(refusal(await fixture.manager('POST', `/keys/${id}/${verb}`, { reason: 'x' }))).toEqual([
        400,
        'unsupported_parameter',
        'reason',
      ]);
      expect(refusal(await fixture.viewer('POST', `/keys/${id}/${verb}`))).toEqual([403, 'insufficient_role', null]);
    }
  });
});

describe('keys.explain', () => {
  const explain = async (key: string, question: object) => (await fixture.viewer('POST', `/keys/${key}/explain`, question)).body;
  const checks = (body: { steps: { check: string; ok: boolean }[] }) =>
    body.steps.map(({ check, ok }) => `${check} ${ok ? 'ok' : 'refused'}`);

  beforeAll(async () => {
    await create('asked', {
      preset: 'chat-plus-embeddings',
      agents: ['assistant'],
      raw_models: ['vectors'],
      allowed_ips: ['10.0.0.0/8'],
    });
  });

  it('shows every step of a call that is allowed', async () => {
    const body = await explain('asked', { method: 'POST', path: '/chat/completions', model: 'openclaw/default', ip: '10.1.2.3' });
    expect([body.allowed, body.status, body.code]).toEqual([true, 200, null]);
    expect(checks(body)).toEqual([
      'route ok',
      'host ok',
      'key ok',
      'tenant ok',
      'ip ok',
      'suspension ok',
      'route_group ok',
      'scope ok',
      'model ok',
      'budget ok',
    ]);
    expect(body.steps.every(({ detail }: { detail: string }) => detail.length > 0)).toBe(true);
  });

  it.each([
    'chat/completions',
    '/v1/chat/completions',
    '/api/tenant/chat/completions',
    '/api/tenant/v1/v1//chat/completions/',
    'https://api.example.com/api/tenant/v1/chat/completions?x=1',
  ])('takes the path in the spelling %s', async (path) => {
    expect(await explain('asked', { method: 'post', path, model: 'assistant' })).toMatchObject({ allowed: true });
  });

  it.each([
    [{ method: 'GET', path: '/nothing' }, 404, 'unknown_url', 'route'],
    [{ method: 'DELETE', path: '/chat/completions' }, 405, 'method_not_allowed', 'route'],
    [{ method: 'GET', path: '/models', ip: '192.0.2.1' }, 403, 'ip_not_allowed', 'ip'],
    [{ method: 'POST', path: '/images/generations' }, 403, 'insufficient_scope', 'scope'],
    [{ method: 'POST', path: '/chat/completions', model: 'absent' }, 404, 'model_not_found', 'model'],
    [{ method: 'POST', path: '/chat/completions', model: 'vendor/hidden' }, 404, 'model_not_found', 'model'],
    [{ method: 'POST', path: '/chat/completions', model: 'vectors' }, 400, 'unsupported_modality', 'model'],
    [{ method: 'GET', path: '/models/vendor%2Fhidden' }, 404, 'model_not_found', 'model'],
    [{ method: 'GET', path: '/models', dataset: 'handbook' }, 403, 'target_not_allowed', 'dataset'],
  ])('refuses %j as the guard does', async (question, status, code, check) => {
    const body = await explain('asked', question);
    expect([body.allowed, body.status, body.code]).toEqual([false, status, code]);
    expect(body.steps.at(-1)).toMatchObject({ check, ok: false });
    expect(body.steps.slice(0, -1).every(({ ok }: { ok: boolean }) => ok)).toBe(true);
  });

  it('tells the key, its tenant and its switched-off routes', async () => {
    await create('explained-state');
    await fixture.manager('POST', '/keys/explained-state/disable');
    expect(await explain('explained-state', { method: 'GET', path: '/models' })).toMatchObject({
      allowed: false,
      status: 401,
      code: 'invalid_api_key',
    });
    await fixture.app.admin('PATCH', '/tenants/acme', { routes_off: ['embeddings'] });
    const body = await explain('asked', { method: 'POST', path: '/embeddings', model: 'vectors' });
    expect([body.status, body.steps.at(-1).check]).toEqual([404, 'route_group']);
    await fixture.app.admin('PATCH', '/tenants/acme', { routes_off: [] });
    expect(await explain('asked', { method: 'POST', path: '/embeddings', model: 'vectors' })).toMatchObject({ allowed: true });
  });

  it.each([
    [{ path: '/models' }, 'missing_required_parameter', 'method'],
    [{ method: 'GET' }, 'missing_required_parameter', 'path'],
    [{ method: 'G T', path: '/models' }, 'invalid_value', 'method'],
    [{ method: 'GET', path: '/models', ip: 'here' }, 'invalid_value', 'ip'],
    [{ method: 'GET', path: '/models', colour: 'red' }, 'unsupported_parameter', 'colour'],
  ])('refuses the question %j with 400', async (question, code, param) => {
    expect(refusal(await fixture.viewer('POST', '/keys/asked/explain', question))).toEqual([400, code, param]);
  });
});

describe('keys.exercise', () => {
  it('lists what the key really used', async () => {
    const key = await create('exercised');
    const { tenantId } = await factory.run((tx) =>
      tx.key.findFirstOrThrow({ where: { id: key.id }, select: { tenantId: true } }),
    );
    const at = { firstAt: new Date(1_000), lastAt: new Date(2_000) };
    await factory.run((tx) =>
      tx.keyExercise.createMany({
        data: [
          { tenantId, keyId: key.id, kind: 'route', value: 'models.list', calls: 3, ...at },
          { tenantId, keyId: key.id, kind: 'alias', value: 'assistant', calls: 1, ...at },
        ],
      }),
    );
    const times = { first_at: 1, last_at: 2 };
    expect((await fixture.viewer('GET', `/keys/${key.id}/exercise`)).body).toMatchObject({
      object: 'list',
      data: [
        { kind: 'alias', value: 'assistant', calls: 1, ...times },
        { kind: 'route', value: 'models.list', calls: 3, ...times },
      ],
    });
  });
});
