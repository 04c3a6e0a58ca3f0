import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { areAlike } from '../support/admin.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';
import { until } from '../support/until.js';

let fixture: AdminFixture;
const noLimits = {
  requests_per_minute: null,
  tokens_per_minute: null,
  parallel_requests: null,
  uploads_per_day: null,
  stored_bytes: null,
};
const inOneHour = Math.floor(Date.now() / 1000) + 3600;

beforeAll(async () => {
  fixture = await startAdminFixture();
});
afterAll(() => fixture.close());

const create = (name: string, rest: object = { preset: 'openai-chat-client' }) =>
  expectCreated(fixture.manager('POST', '/keys', { name, ...rest }));
const names = async (query: string) =>
  ((await fixture.viewer('GET', `/keys?${query}`)).body.data as { name: string }[]).map(({ name }) => name);

describe('keys.create', () => {
  it('answers 201 with the object of the contract and a secret that is shown this once', async () => {
    const { secret, ...key } = await create('app', {
      preset: 'chat-plus-embeddings',
      agents: ['assistant'],
      raw_models: ['*'],
      expires_at: inOneHour,
    });
    expect(secret).toMatch(/^gtak_[0-9A-Za-z]{38}$/);
    expect(key).toEqual({
      object: 'key',
      id: expect.stringMatching(/^key_/),
      tenant: 'acme',
      name: 'app',
      purpose: 'inference',
      preset: 'chat-plus-embeddings',
      scopes: ['inference:chat', 'inference:embed'],
      effective_scopes: ['inference:chat', 'inference:embed'],
      agents: ['assistant'],
      raw_models: ['*'],
      datasets: [],
      limits: noLimits,
      links: null,
      allowed_ips: [],
      expires_at: inOneHour,
      keep_alive: 'comment',
      websocket: true,
      approval: [],
      state: 'active',
      last_four: secret.slice(-4),
      last_used_at: null,
      created_at: expect.any(Number),
      notices: ['agents: nothing has the name "assistant" yet.', expect.stringMatching(/^expires_at: the key ends at /)],
    });
    const shown = await Promise.all([
      fixture.owner('GET', `/keys/${key.id}`),
      fixture.owner('GET', '/keys?limit=100'),
      fixture.owner('GET', '/audit?limit=100'),
    ]);
    // What is said of the request that made it is no part of the key.
    const { notices: _notices, ...kept } = key;
    expect(shown[0]?.body).toEqual(kept);
    expect(JSON.stringify(shown.map(({ body }) => body))).not.toContain(secret);
    expect(await fixture.lastAudit(key.id)).toMatchObject({
      action: 'create',
      kind: 'key',
      actor_role: 'manager',
      changes: { name: 'app' },
    });
  });

  it('narrows the scopes of a preset', async () => {
    expect(
      await create('narrow', { preset: 'multimodal-workspace', scopes: ['inference:image', 'inference:image'] }),
    ).toMatchObject({
      scopes: ['inference:image'],
      effective_scopes: ['inference:image'],
    });
  });

  it('makes a key of a purpose and scopes without a preset', async () => {
    expect(await create('bare', { purpose: 'upload', scopes: ['datasets:read'], datasets: ['handbook'] })).toMatchObject({
      preset: null,
      purpose: 'upload',
      effective_scopes: ['datasets:read'],
      datasets: ['handbook'],
    });
  });

  it("merges the limits over the preset's", async () => {
    await expectCreated(
      fixture.manager('POST', '/presets', {
        slug: 'limited',
        name: 'x',
        purpose: 'inference',
        scopes: ['inference:chat'],
        limits: { requests_per_minute: 60, stored_bytes: 9 },
      }),
    );
    const key = await create('limited', { preset: 'limited', limits: { requests_per_minute: 5, stored_bytes: null } });
    expect(key.limits).toEqual({ ...noLimits, requests_per_minute: 5 });
    expect(key).not.toHaveProperty('notices');
  });

  it('keeps a prompt policy, addresses and the style of the keep-alive', async () => {
    const given = { prompt_policy: { instructions: 'Be kind.' }, allowed_ips: ['10.0.0.0/8', '::1'], keep_alive: 'off' };
    expect(await create('careful', { preset: 'openai-chat-client', ...given })).toMatchObject(given);
  });

  it.each([
    [{ preset: 'openai-chat-client' }, 'missing_required_parameter', 'name'],
    [{ name: 'x1' }, 'missing_required_parameter', 'preset'],
    [{ name: 'x1', purpose: 'inference' }, 'missing_required_parameter', 'scopes'],
    [{ name: 'x1', preset: 'absent' }, 'invalid_value', 'preset'],
    [{ name: 'x1', preset: 'openai-chat-client', purpose: 'upload' }, 'invalid_value', 'purpose'],
    [{ name: 'x1', preset: 'openai-chat-client', scopes: ['inference:embed'] }, 'invalid_value', 'scopes'],
    [{ name: 'x1', preset: 'platform-automation', scopes: ['inference:override'] }, 'invalid_value', 'scopes'],
    [{ name: 'x1', preset: 'openai-chat-client', scopes: [] }, 'invalid_value', 'scopes'],
    [{ name: 'x1', purpose: 'upload', scopes: ['inference:chat'] }, 'invalid_value', 'scopes'],
    [{ name: 'x1', purpose: 'conversation', scopes: ['usage:read'], links: { inference: 'app' } }, 'invalid_value', 'scopes'],
    [{ name: 'x1', preset: 'openai-chat-client', agents: ['default'] }, 'invalid_value', 'agents[0]'],
    [{ name: 'x1', preset: 'openai-chat-client', datasets: ['Not a slug'] }, 'invalid_value', 'datasets[0]'],
    [{ name: 'x1', preset: 'openai-chat-client', expires_at: 1 }, 'invalid_value', 'expires_at'],
    [{ name: 'x1', preset: 'openai-chat-client', expires_at: 1e15 }, 'invalid_value', 'expires_at'],
    [{ name: 'x1', preset: 'openai-chat-client', allowed_ips: ['1.2.3'] }, 'invalid_value', 'allowed_ips[0]'],
    [{ name: 'x1', preset: 'openai-chat-client', allowed_ips: ['10.0.0.0/33'] }, 'invalid_value', 'allowed_ips[0]'],
    [
      { name: 'x1', preset: 'openai-chat-client', limits: { requests_per_minute: -1 } },
      'invalid_value',
      'limits.requests_per_minute',
    ],
    [{ name: 'x1', preset: 'openai-chat-client', keep_alive: 'never' }, 'invalid_value', 'keep_alive'],
    [
      { name: 'x1', preset: 'openai-chat-client', prompt_policy: { colour: 'red' } },
      'unsupported_parameter',
      'prompt_policy.colour',
    ],
    [{ name: 'x1', preset: 'openai-chat-client', links: { inference: 'app' } }, 'invalid_value', 'links'],
    [{ name: 'x1', preset: 'openai-chat-client', colour: 'red' }, 'unsupported_parameter', 'colour'],
  ])('refuses %j with 400', async (input, code, param) => {
    expect(refusal(await fixture.manager('POST', '/keys', input))).toEqual([400, code, param]);
  });

  it("does not see another tenant's presets", async () => {
    await expectCreated(
      fixture.manager('POST', '/presets', { slug: 'ours', name: 'x', purpose: 'inference', scopes: ['inference:chat'] }),
    );
    expect(refusal(await fixture.stranger('POST', '/keys', { name: 'x', preset: 'ours' }))).toEqual([
      400,
      'invalid_value',
      'preset',
    ]);
  });

  it('refuses a taken name with 409, viewers with 403, nobody with 401', async () => {
    await create('taken');
    expect(refusal(await fixture.manager('POST', '/keys', { name: 'taken', preset: 'image-generation' }))).toEqual([
      409,
      'conflict',
      'name',
    ]);
    expect(refusal(await fixture.viewer('POST', '/keys', { name: 'no', preset: 'image-generation' }))).toEqual([
      403,
      'insufficient_role',
      null,
    ]);
    expect((await fixture.app.admin('POST', '/keys', { name: 'no', preset: 'image-generation' }, '')).status).toBe(401);
  });
});

describe('keys.list and keys.get', () => {
  it('filters by name, purpose, preset and state, an expired key among them', async () => {
    await create('soon-disabled', { preset: 'voice-and-audio' });
    await fixture.manager('POST', '/keys/soon-disabled/disable');
    await create('soon-expired', { preset: 'voice-and-audio', expires_at: Math.floor(Date.now() / 1000) + 1 });
    await create('living', { preset: 'voice-and-audio' });
    expect(await names('preset=voice-and-audio&order=asc')).toEqual(['soon-disabled', 'soon-expired', 'living']);
    expect(await names('name=living&purpose=inference')).toEqual(['living']);
    expect(await names('name=living&purpose=upload')).toEqual([]);
    expect(await names('preset=voice-and-audio&state=disabled')).toEqual(['soon-disabled']);
    expect(await names('preset=voice-and-audio&search=SOON&order=asc')).toEqual(['soon-disabled', 'soon-expired']);
    for (const wild of ['soon%25', 'soon_', 'soon%5C']) expect(await names(`search=${wild}`)).toEqual([]);
    await until(
      'the key has expired',
      async () => (await names('preset=voice-and-audio&state=expired')).includes('soon-expired'),
      5_000,
    );
    expect((await fixture.viewer('GET', '/keys/soon-expired')).body.state).toBe('expired');
    expect(await names('preset=voice-and-audio&state=active')).toEqual(['living']);
  });

  it.each(['?colour=red', '?state=sleeping', '?purpose=magic', '?limit=101', '?after=key_absent'])(
    'refuses the query %s with 400',
    async (query) => {
      expect((await fixture.viewer('GET', `/keys${query}`)).status).toBe(400);
    },
  );

  it('pages without loss or double', async () => {
    const all = await names('order=asc&limit=100');
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { body } = await fixture.viewer('GET', `/keys?order=asc&limit=4${after}`);
      seen.push(...(body.data as { name: string }[]).map(({ name }) => name));
      if (body.has_more !== true) break;
      after = `&after=${body.last_id}`;
    }
    expect(seen).toEqual(all);
  });

  it("answers another tenant's key exactly like an absent one, on every route", async () => {
    const { id } = await create('private');
    const explain = { method: 'GET', path: '/models' };
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'mine' }],
      ['DELETE', '', undefined],
      ['POST', '/rotate', {}],
      ['POST', '/disable', {}],
      ['POST', '/enable', {}],
      ['POST', '/revoke', {}],
      ['POST', '/explain', explain],
      ['GET', '/exercise', undefined],
      ['POST', '/narrow', {}],
    ] as const) {
      const replies = await Promise.all(
        [id, 'key_absent', 'private'].map((name) => fixture.stranger(method, `/keys/${name}${rest}`, body)),
      );
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect((await fixture.viewer('GET', `/keys/${id}`)).body).toMatchObject({ name: 'private', state: 'active' });
  });
});

describe('keys.update', () => {
  it('changes only what is given', async () => {
    const { secret: _secret, ...key } = await create('editable', {
      preset: 'multimodal-workspace',
      agents: ['a'],
      limits: { stored_bytes: 7 },
    });
    const { notices: _notices, ...before } = key;
    const { status, body } = await fixture.manager('PATCH', `/keys/${key.id}`, {
      agents: ['b', 'b'],
      scopes: ['inference:chat'],
      expires_at: inOneHour,
    });
    expect([status, body]).toEqual([
      200,
      {
        ...before,
        agents: ['b'],
        scopes: ['inference:chat'],
        effective_scopes: ['inference:chat'],
        expires_at: inOneHour,
        notices: ['agents: nothing has the name "b" yet.', expect.stringMatching(/^expires_at: the key ends at /)],
      },
    ]);
    expect(await fixture.lastAudit(key.id)).toMatchObject({
      action: 'update',
      before: { agents: ['a'] },
      changes: { agents: ['b'] },
    });
    const limits = await fixture.manager('PATCH', `/keys/${key.id}`, { limits: { requests_per_minute: 3 }, expires_at: null });
    expect(limits.body).toMatchObject({
      limits: { ...noLimits, stored_bytes: 7, requests_per_minute: 3 },
      expires_at: null,
    });
  });

  it('sets and removes a prompt policy', async () => {
    const { id } = await create('policed');
    expect((await fixture.manager('PATCH', `/keys/${id}`, { prompt_policy: { instructions: 'x' } })).body.prompt_policy).toEqual({
      instructions: 'x',
    });
    expect((await fixture.manager('PATCH', `/keys/${id}`, { prompt_policy: null })).body).not.toHaveProperty('prompt_policy');
  });

  it('records nothing when nothing changes', async () => {
    const { id } = await create('steady');
    await fixture.manager('PATCH', `/keys/${id}`, { name: 'steady', agents: [] });
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'create' });
  });

  it.each([
    [{ scopes: ['inference:embed'] }, 'invalid_value', 'scopes'],
    [{ purpose: 'upload' }, 'unsupported_parameter', 'purpose'],
    [{ preset: 'image-generation' }, 'unsupported_parameter', 'preset'],
    [{ state: 'active' }, 'unsupported_parameter', 'state'],
    [{ expires_at: 5 }, 'invalid_value', 'expires_at'],
    [{ links: { inference: 'app' } }, 'invalid_value', 'links'],
  ])('refuses %j with 400', async (input, code, param) => {
    await fixture.manager('POST', '/keys', { name: 'guarded', preset: 'openai-chat-client' });
    expect(refusal(await fixture.manager('PATCH', '/keys/guarded', input))).toEqual([400, code, param]);
  });

  it('refuses a taken name with 409, a revoked key with 409, viewers with 403', async () => {
    await create('first');
    await create('second');
    expect(refusal(await fixture.manager('PATCH', '/keys/second', { name: 'first' }))).toEqual([409, 'conflict', 'name']);
    expect(refusal(await fixture.viewer('PATCH', '/keys/second', { name: 'third' }))).toEqual([403, 'insufficient_role', null]);
    await fixture.manager('POST', '/keys/second/revoke');
    expect(refusal(await fixture.manager('PATCH', '/keys/second', { name: 'third' }))).toEqual([409, 'conflict', null]);
  });
});

describe('keys.delete', () => {
  it('removes the key, and its secret opens nothing any more', async () => {
    const { id, secret } = await create('short-lived');
    expect(refusal(await fixture.viewer('DELETE', `/keys/${id}`))).toEqual([403, 'insufficient_role', null]);
    expect((await fixture.manager('DELETE', `/keys/${id}`)).body).toEqual({ id, object: 'key', deleted: true });
    expect((await fixture.viewer('GET', `/keys/${id}`)).status).toBe(404);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'delete', kind: 'key', changes: { name: 'short-lived' } });
    const reply = await fetch(`${fixture.app.baseUrl}/models`, { headers: { authorization: `Bearer ${secret}` } });
    expect(reply.status).toBe(401);
  });
});
