import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { areAlike } from '../support/admin.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;
const models = { chat: { connection: 'main', model: 'big' } };

beforeAll(async () => {
  fixture = await startAdminFixture();
});
afterAll(() => fixture.close());

const create = (name: string, rest: object = {}) => expectCreated(fixture.manager('POST', '/agents', { name, models, ...rest }));

describe('agents.create', () => {
  it('answers 201 with the whole draft and records it', async () => {
    const body = await create('helper', { instructions: 'Answer shortly.', datasets: ['handbook'] });
    expect(body).toEqual({
      object: 'agent',
      id: expect.stringMatching(/^agt_/),
      name: 'helper',
      description: '',
      instructions: 'Answer shortly.',
      instructions_role: 'system',
      models,
      parameters: {},
      pinned: [],
      datasets: ['handbook'],
      sessions: false,
      context_tokens: 32_000,
      retry_after_max_seconds: 0,
      max_output_tokens: 4_096,
      hosted_tools: [],
      fallbacks: {},
      fetch_addresses: false,
      batches: 'platform',
      published_revision: null,
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
    });
    const audit = await fixture.lastAudit(body.id);
    expect(audit).toMatchObject({
      action: 'create',
      kind: 'agent',
      actor_role: 'manager',
      changes: { name: 'helper', instructions: 'Answer shortly.' },
    });
  });

  it.each([
    [{ models }, 'missing_required_parameter', 'name'],
    [{ name: 'x1' }, 'missing_required_parameter', 'models'],
    [{ name: 'x1', models: {} }, 'invalid_value', 'models'],
    [{ name: 'x1', models, colour: 'red' }, 'unsupported_parameter', 'colour'],
    [{ name: 'x1', models: { chat: { connection: 'absent', model: 'm' } } }, 'invalid_value', 'models.chat.connection'],
    [
      { name: 'x1', models: { ...models, embed: { connection: 'absent', model: 'm' } } },
      'invalid_value',
      'models.embed.connection',
    ],
    [{ name: 'x1', models, datasets: ['handbook', 'absent'] }, 'invalid_value', 'datasets[1]'],
    [{ name: 'x1', models, parameters: { model: 'other' } }, 'invalid_value', 'parameters'],
  ])('refuses %j with 400', async (input, code, param) => {
    expect(refusal(await fixture.manager('POST', '/agents', input))).toEqual([400, code, param]);
  });

  it('refuses a taken name with 409', async () => {
    await create('taken');
    expect(refusal(await fixture.manager('POST', '/agents', { name: 'taken', models }))).toEqual([409, 'conflict', 'name']);
  });

  it('needs a token, and the role manager', async () => {
    expect((await fixture.app.admin('POST', '/agents', { name: 'no', models }, '')).status).toBe(401);
    expect(refusal(await fixture.viewer('POST', '/agents', { name: 'no', models }))).toEqual([403, 'insufficient_role', null]);
  });

  it('lets an operator name the tenant, and refuses an operator who does not', async () => {
    expect((await fixture.app.admin('POST', '/agents', { tenant: 'acme', name: 'by-operator', models })).status).toBe(201);
    expect(refusal(await fixture.app.admin('POST', '/agents', { name: 'nobody', models }))).toEqual([
      400,
      'missing_required_parameter',
      'tenant',
    ]);
  });
});

describe('agents.list and agents.get', () => {
  it('finds an agent by id and by name, to a viewer too', async () => {
    const agent = await create('read me');
    expect((await fixture.viewer('GET', `/agents/${agent.id}`)).body).toEqual(agent);
    expect((await fixture.viewer('GET', '/agents/read%20me')).body).toEqual(agent);
    expect((await fixture.viewer('GET', '/agents?name=read%20me')).body).toMatchObject({
      object: 'list',
      data: [agent],
      has_more: false,
    });
  });

  it('pages without loss or double', async () => {
    const all = (await fixture.viewer('GET', '/agents?order=asc&limit=100')).body.data as { id: string }[];
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { body } = await fixture.viewer('GET', `/agents?order=asc&limit=2${after}`);
      seen.push(...(body.data as { id: string }[]).map(({ id }) => id));
      if (body.has_more !== true) break;
      after = `&after=${body.last_id}`;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it.each([
    ['?colour=red', 'colour'],
    ['?after=agt_absent', 'after'],
  ])('refuses the query %s with 400', async (query, param) => {
    const reply = await fixture.viewer('GET', `/agents${query}`);
    expect([reply.status, reply.body.error.param]).toEqual([400, param]);
  });

  it("answers another tenant's agent exactly like an absent one, on every route", async () => {
    const { id } = await create('private');
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'mine' }],
      ['DELETE', '', undefined],
      ['GET', '/revisions', undefined],
      ['POST', '/publish', {}],
    ] as const) {
      const replies = await Promise.all(
        [id, 'agt_absent', 'private'].map((name) => fixture.stranger(method, `/agents/${name}${rest}`, body)),
      );
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
    expect((await fixture.viewer('GET', `/agents/${id}`)).body.name).toBe('private');
  });
});

describe('agents.update', () => {
  it('allows hosted tools, and an empty list leaves nothing that the release before would refuse', async () => {
    const agent = await create('hosting', { hosted_tools: ['web_search'] });
    expect(agent.hosted_tools).toEqual(['web_search']);
    const change = (hosted_tools: unknown) => fixture.manager('PATCH', `/agents/${agent.id}`, { hosted_tools });
    expect((await change(['mcp', 'image_generation', 'mcp'])).body.hosted_tools).toEqual(['image_generation', 'mcp']);
    expect(refusal(await change(['file_search']))).toEqual([400, 'invalid_value', 'hosted_tools[0]']);
    expect((await change([])).body.hosted_tools).toEqual([]);
    const database = new pg.Client({ connectionString: fixture.app.databaseUrl });
    await database.connect();
    const { rows } = await database.query('select spec from agents where id = $1', [agent.id]);
    await database.end();
    expect(rows[0].spec).toHaveProperty('models');
    expect(rows[0].spec).not.toHaveProperty('hosted_tools');
  });

  it('lets addresses be fetched, and false leaves nothing that the release before would refuse', async () => {
    const agent = await create('fetching', { fetch_addresses: true });
    expect(agent.fetch_addresses).toBe(true);
    const change = (fetch_addresses: unknown) => fixture.manager('PATCH', `/agents/${agent.id}`, { fetch_addresses });
    expect(refusal(await change('yes'))).toEqual([400, 'invalid_value', 'fetch_addresses']);
    expect((await change(false)).body.fetch_addresses).toBe(false);
    const database = new pg.Client({ connectionString: fixture.app.databaseUrl });
    await database.connect();
    const { rows } = await database.query('select spec from agents where id = $1', [agent.id]);
    await database.end();
    expect(rows[0].spec).not.toHaveProperty('fetch_addresses');
  });

  it('has its batches made by the provider where that has some, and platform leaves nothing behind', async () => {
    const agent = await create('nightly', { batches: 'provider' });
    expect(agent.batches).toBe('provider');
    const change = (body: object) => fixture.manager('PATCH', `/agents/${agent.id}`, body);
    expect(refusal(await change({ batches: 'never' }))).toEqual([400, 'invalid_value', 'batches']);
    const chats = { name: 'chats-only', base_url: 'http://127.0.0.1:1/v1', wire: 'chat', auth: { mode: 'none' } };
    expect((await fixture.manager('POST', '/connections', chats)).status).toBe(201);
    const elsewhere = { chat: { connection: 'chats-only', model: 'm' } };
    expect(refusal(await change({ models: elsewhere }))).toEqual([400, 'invalid_value', 'batches']);
    expect((await change({ models: elsewhere, batches: 'platform' })).body.batches).toBe('platform');
    expect(refusal(await change({ batches: 'provider' }))).toEqual([400, 'invalid_value', 'batches']);
    const database = new pg.Client({ connectionString: fixture.app.databaseUrl });
    await database.connect();
    const { rows } = await database.query('select spec from agents where id = $1', [agent.id]);
    await database.end();
    expect(rows[0].spec).not.toHaveProperty('batches');
  });

  it('changes only what is given', async () => {
    const agent = await create('editable', { description: 'old', pinned: ['temperature'] });
    const { status, body } = await fixture.manager('PATCH', `/agents/${agent.id}`, { description: 'new' });
    expect([status, body]).toEqual([200, { ...agent, description: 'new', updated_at: expect.any(Number) }]);
    expect(await fixture.lastAudit(agent.id)).toMatchObject({ action: 'update', changes: { description: 'new' } });
  });

  it('records nothing when nothing changes', async () => {
    const agent = await create('steady');
    await fixture.manager('PATCH', `/agents/${agent.id}`, { models });
    expect(await fixture.lastAudit(agent.id)).toMatchObject({ action: 'create' });
  });

  it('refuses bad values with 400, a taken name with 409, viewers with 403', async () => {
    const { id } = await create('guarded');
    await create('neighbour');
    expect(
      refusal(await fixture.manager('PATCH', `/agents/${id}`, { models: { chat: { connection: 'absent', model: 'm' } } })),
    ).toEqual([400, 'invalid_value', 'models.chat.connection']);
    expect(refusal(await fixture.manager('PATCH', `/agents/${id}`, { id: 'agt_x' }))).toEqual([
      400,
      'unsupported_parameter',
      'id',
    ]);
    expect(refusal(await fixture.manager('PATCH', `/agents/${id}`, { name: 'neighbour' }))).toEqual([409, 'conflict', 'name']);
    expect(refusal(await fixture.viewer('PATCH', `/agents/${id}`, { description: 'x' }))).toEqual([
      403,
      'insufficient_role',
      null,
    ]);
  });
});

describe('agents.publish and agents.revisions', () => {
  it('freezes the draft with connections by id, once for each state of it', async () => {
    const agent = await create('publishable', { instructions: 'one' });
    const connection = (await fixture.viewer('GET', '/connections?name=main')).body.data[0].id as string;
    const first = await fixture.manager('POST', `/agents/${agent.id}/publish`, {});
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      object: 'agent_revision',
      id: expect.stringMatching(/^rev_/),
      agent: 'publishable',
      number: 1,
      instructions: 'one',
    });
    expect(first.body.models).toEqual({ chat: { connection, model: 'big' } });
    expect((await fixture.manager('POST', `/agents/${agent.id}/publish`)).body).toEqual(first.body);
    await fixture.manager('PATCH', `/agents/${agent.id}`, { instructions: 'two' });
    expect((await fixture.manager('POST', '/agents/publishable/publish', {})).body).toMatchObject({
      number: 2,
      instructions: 'two',
    });
    const revisions = (await fixture.viewer('GET', `/agents/${agent.id}/revisions`)).body;
    expect(
      revisions.data.map(({ number, instructions }: { number: number; instructions: string }) => [number, instructions]),
    ).toEqual([
      [2, 'two'],
      [1, 'one'],
    ]);
    expect((await fixture.viewer('GET', `/agents/${agent.id}`)).body.published_revision).toBe(2);
    expect(await fixture.lastAudit(agent.id)).toMatchObject({ action: 'publish', changes: { revision: 2 } });
  });

  it('brings all endpoints of the agent to the new revision, and makes the one that is named', async () => {
    const agent = await create('moving');
    for (const name of ['moving-a', 'moving-b'])
      await expectCreated(fixture.manager('POST', '/endpoints', { name, agent: 'moving' }));
    await fixture.manager('PATCH', `/agents/${agent.id}`, { description: 'changed' });
    await fixture.manager('POST', `/agents/${agent.id}/publish`, { endpoint: 'moving-c' });
    const endpoints = (await fixture.viewer('GET', '/endpoints?agent=moving&order=asc')).body.data as {
      name: string;
      revision: number;
    }[];
    expect(endpoints.map(({ name, revision }) => [name, revision])).toEqual([
      ['moving-a', 2],
      ['moving-b', 2],
      ['moving-c', 2],
    ]);
  });

  it('makes one revision of twenty publications at once', async () => {
    const { id } = await create('crowded');
    const replies = await Promise.all(Array.from({ length: 20 }, () => fixture.manager('POST', `/agents/${id}/publish`, {})));
    expect(areAlike(replies)).toBe(true);
    expect((await fixture.viewer('GET', `/agents/${id}/revisions`)).body.data).toHaveLength(1);
  });

  it('refuses a name that leads elsewhere with 409 and publishes nothing then', async () => {
    await create('first-user');
    await fixture.manager('POST', '/agents/first-user/publish', { endpoint: 'occupied' });
    const { id } = await create('second-user');
    expect(refusal(await fixture.manager('POST', `/agents/${id}/publish`, { endpoint: 'occupied' }))).toEqual([
      409,
      'conflict',
      'endpoint',
    ]);
    expect((await fixture.viewer('GET', `/agents/${id}`)).body.published_revision).toBeNull();
  });

  it('refuses reserved names with 400 and viewers with 403', async () => {
    const { id } = await create('reserved');
    expect(refusal(await fixture.manager('POST', `/agents/${id}/publish`, { endpoint: 'openclaw-x' }))).toEqual([
      400,
      'invalid_value',
      'endpoint',
    ]);
    expect(refusal(await fixture.viewer('POST', `/agents/${id}/publish`, {}))).toEqual([403, 'insufficient_role', null]);
  });
});

describe('agents.delete', () => {
  it('removes an agent with its revisions', async () => {
    const { id } = await create('short-lived');
    await fixture.manager('POST', `/agents/${id}/publish`, {});
    expect((await fixture.manager('DELETE', `/agents/${id}`)).body).toEqual({ id, object: 'agent', deleted: true });
    expect((await fixture.manager('GET', `/agents/${id}`)).status).toBe(404);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'delete', kind: 'agent' });
  });

  it('refuses with 409 while endpoints lead to it, and viewers with 403', async () => {
    const { id } = await create('needed');
    await fixture.manager('POST', `/agents/${id}/publish`, { endpoint: 'needed-name' });
    const reply = await fixture.manager('DELETE', `/agents/${id}`);
    expect(refusal(reply)).toEqual([409, 'conflict', null]);
    expect(reply.body.error.message).toContain('needed-name');
    expect(refusal(await fixture.viewer('DELETE', `/agents/${id}`))).toEqual([403, 'insufficient_role', null]);
  });
});
