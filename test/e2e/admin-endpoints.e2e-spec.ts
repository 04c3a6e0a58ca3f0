import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { areAlike } from '../support/admin.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;

beforeAll(async () => {
  fixture = await startAdminFixture();
  const models = { chat: { connection: 'main', model: 'big' }, embed: { connection: 'main', model: 'text-embed' } };
  await expectCreated(fixture.manager('POST', '/agents', { name: 'helper', models }));
  await expectCreated(fixture.manager('POST', '/agents', { name: 'second', models: { chat: models.chat } }));
});
afterAll(() => fixture.close());

const rawModel = { connection: 'main', model: 'text-embed' };
const create = (name: string, rest: object = { raw_model: rawModel }) =>
  expectCreated(fixture.manager('POST', '/endpoints', { name, ...rest }));

async function defaults(): Promise<string[]> {
  const { body } = await fixture.viewer('GET', '/endpoints?default=true');
  return (body.data as { name: string }[]).map(({ name }) => name);
}

describe('endpoints.create', () => {
  it('publishes an agent that has no revision first, and serves what the agent serves', async () => {
    const body = await create('assistant', { agent: 'helper' });
    expect(body).toEqual({
      object: 'endpoint',
      id: expect.stringMatching(/^ep_/),
      name: 'assistant',
      kind: 'agent_alias',
      agent: 'helper',
      revision: 1,
      raw_model: null,
      modalities: ['chat', 'embed'],
      default: false,
      limits: { requests_per_minute: null, tokens_per_minute: null, parallel_requests: null },
      created_at: expect.any(Number),
    });
    expect(await fixture.lastAudit(body.id)).toMatchObject({
      action: 'create',
      kind: 'endpoint',
      actor_role: 'manager',
      changes: { name: 'assistant', agent: 'helper' },
    });
  });

  it('publishes a raw model for everything, or for the modalities that are named', async () => {
    const all = await create('raw-all');
    expect(all).toMatchObject({ kind: 'raw_model', agent: null, revision: null, raw_model: rawModel });
    expect(all.modalities).toEqual(['chat', 'embed', 'transcribe', 'speech', 'image', 'moderate']);
    const some = await create('vendor/raw-some', { raw_model: { ...rawModel, modalities: ['embed'] } });
    expect(some.modalities).toEqual(['embed']);
    expect((await fixture.viewer('GET', '/endpoints/vendor%2Fraw-some')).body).toEqual(some);
  });

  it.each([
    [{ agent: 'helper' }, 'missing_required_parameter', 'name'],
    [{ name: 'x1' }, 'missing_required_parameter', 'agent'],
    [{ name: 'x1', agent: 'helper', raw_model: rawModel }, 'invalid_value', 'raw_model'],
    [{ name: 'x1', agent: 'absent' }, 'invalid_value', 'agent'],
    [{ name: 'x1', raw_model: { connection: 'absent', model: 'm' } }, 'invalid_value', 'raw_model.connection'],
    [{ name: 'x1', raw_model: { ...rawModel, modalities: ['smell'] } }, 'invalid_value', 'raw_model.modalities[0]'],
    [{ name: 'x1', agent: 'helper', colour: 'red' }, 'unsupported_parameter', 'colour'],
    [{ name: 'default', agent: 'helper' }, 'invalid_value', 'name'],
    [{ name: 'OpenClaw-main', agent: 'helper' }, 'invalid_value', 'name'],
    [{ name: '.hidden', agent: 'helper' }, 'invalid_value', 'name'],
    [{ name: 'a'.repeat(129), agent: 'helper' }, 'invalid_value', 'name'],
  ])('refuses %j with 400', async (input, code, param) => {
    expect(refusal(await fixture.manager('POST', '/endpoints', input))).toEqual([400, code, param]);
  });

  it("does not see another tenant's agents", async () => {
    expect(refusal(await fixture.stranger('POST', '/endpoints', { name: 'stolen', agent: 'helper' }))).toEqual([
      400,
      'invalid_value',
      'agent',
    ]);
  });

  it('refuses a taken name with 409, viewers with 403, nobody with 401', async () => {
    await create('taken');
    expect(refusal(await fixture.manager('POST', '/endpoints', { name: 'taken', agent: 'helper' }))).toEqual([
      409,
      'conflict',
      'name',
    ]);
    expect(refusal(await fixture.viewer('POST', '/endpoints', { name: 'no', agent: 'helper' }))).toEqual([
      403,
      'insufficient_role',
      null,
    ]);
    expect((await fixture.app.admin('POST', '/endpoints', { name: 'no', agent: 'helper' }, '')).status).toBe(401);
  });

  it.each(['gpt-5-mini', 'o1', 'o3-pro', 'claude-sonnet', 'vendor/claude-x'])(
    'warns of the name %s, which makes clients behave differently',
    async (name) => {
      const body = await create(name);
      expect(body.warnings).toEqual([expect.stringContaining(name)]);
      expect((await fixture.viewer('GET', `/endpoints/${body.id}`)).body).not.toHaveProperty('warnings');
    },
  );
});

describe('the default endpoint', () => {
  it('is one at most: naming another moves it', async () => {
    await create('default-a', { agent: 'helper', default: true });
    expect(await defaults()).toEqual(['default-a']);
    await create('default-b', { agent: 'helper', default: true });
    expect(await defaults()).toEqual(['default-b']);
    expect((await fixture.manager('PATCH', '/endpoints/default-a', { default: true })).body.default).toBe(true);
    expect(await defaults()).toEqual(['default-a']);
    await fixture.manager('PATCH', '/endpoints/default-a', { default: false });
    expect(await defaults()).toEqual([]);
  });

  it('stays one when many are made the default at once', async () => {
    const names = Array.from({ length: 8 }, (_, number) => `racing-${number}`);
    const replies = await Promise.all(
      names.map((name) => fixture.manager('POST', '/endpoints', { name, agent: 'helper', default: true })),
    );
    expect(replies.map(({ status }) => status)).toEqual(names.map(() => 201));
    expect(await defaults()).toHaveLength(1);
  });
});

describe('endpoints.list and endpoints.get', () => {
  it('filters by name, kind and agent', async () => {
    await create('listed-alias', { agent: 'second' });
    const names = async (query: string) =>
      ((await fixture.viewer('GET', `/endpoints?${query}`)).body.data as { name: string }[]).map(({ name }) => name);
    expect(await names('name=listed-alias')).toEqual(['listed-alias']);
    expect(await names('agent=second')).toEqual(['listed-alias']);
    expect(await names('kind=raw_model&limit=100')).not.toContain('listed-alias');
    expect(await names('kind=raw_model&limit=100')).toContain('raw-all');
  });

  it.each(['?colour=red', '?kind=alias', '?default=maybe', '?limit=0', '?after=ep_absent'])(
    'refuses the query %s with 400',
    async (query) => {
      expect((await fixture.viewer('GET', `/endpoints${query}`)).status).toBe(400);
    },
  );

  it("answers another tenant's endpoint exactly like an absent one, on every route", async () => {
    const { id } = await create('private');
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { name: 'mine' }],
      ['DELETE', undefined],
    ] as const) {
      const replies = await Promise.all(
        [id, 'ep_absent', 'private'].map((name) => fixture.stranger(method, `/endpoints/${name}`, body)),
      );
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect((await fixture.viewer('GET', `/endpoints/${id}`)).status).toBe(200);
  });
});

describe('endpoints.update', () => {
  it('renames, and leads to another agent or model', async () => {
    const alias = await create('alias-1', { agent: 'helper' });
    const renamed = await fixture.manager('PATCH', `/endpoints/${alias.id}`, { name: 'alias-2', agent: 'second' });
    expect(renamed.body).toEqual({ ...alias, name: 'alias-2', agent: 'second', modalities: ['chat'] });
    expect(await fixture.lastAudit(alias.id)).toMatchObject({ action: 'update', changes: { name: 'alias-2', agent: 'second' } });
    const raw = await create('raw-1', { raw_model: { ...rawModel, modalities: ['embed'] } });
    const changed = await fixture.manager('PATCH', `/endpoints/${raw.id}`, {
      raw_model: { connection: 'main', model: 'big', modalities: ['chat'] },
    });
    expect(changed.body).toEqual({ ...raw, raw_model: { connection: 'main', model: 'big' }, modalities: ['chat'] });
  });

  it('records nothing when nothing changes', async () => {
    const { id } = await create('steady');
    await fixture.manager('PATCH', `/endpoints/${id}`, { name: 'steady', raw_model: rawModel });
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'create' });
  });

  it('keeps an alias an alias and a raw model a raw model, since keys allow them by separate lists', async () => {
    await create('kept-alias', { agent: 'helper' });
    await create('kept-raw');
    expect(refusal(await fixture.manager('PATCH', '/endpoints/kept-alias', { raw_model: rawModel }))).toEqual([
      400,
      'invalid_value',
      'raw_model',
    ]);
    expect(refusal(await fixture.manager('PATCH', '/endpoints/kept-raw', { agent: 'helper' }))).toEqual([
      400,
      'invalid_value',
      'agent',
    ]);
  });

  it('refuses bad values with 400, a taken name with 409, viewers with 403', async () => {
    await create('mine');
    await create('theirs');
    expect(refusal(await fixture.manager('PATCH', '/endpoints/mine', { name: 'default' }))).toEqual([
      400,
      'invalid_value',
      'name',
    ]);
    expect(refusal(await fixture.manager('PATCH', '/endpoints/mine', { kind: 'agent_alias' }))).toEqual([
      400,
      'unsupported_parameter',
      'kind',
    ]);
    expect(refusal(await fixture.manager('PATCH', '/endpoints/mine', { name: 'theirs' }))).toEqual([409, 'conflict', 'name']);
    expect(refusal(await fixture.viewer('PATCH', '/endpoints/mine', { name: 'new' }))).toEqual([403, 'insufficient_role', null]);
  });
});

describe('endpoints.delete', () => {
  it('removes the name, and refuses viewers', async () => {
    const { id } = await create('short-lived');
    expect(refusal(await fixture.viewer('DELETE', `/endpoints/${id}`))).toEqual([403, 'insufficient_role', null]);
    expect((await fixture.manager('DELETE', '/endpoints/short-lived')).body).toEqual({ id, object: 'endpoint', deleted: true });
    expect((await fixture.manager('GET', `/endpoints/${id}`)).status).toBe(404);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'delete', kind: 'endpoint', changes: { name: 'short-lived' } });
  });
});
