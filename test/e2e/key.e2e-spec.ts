import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call } from '../support/app.js';
import { expectCreated, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;

beforeAll(async () => {
  fixture = await startAdminFixture();
  const models = { chat: { connection: 'main', model: 'big' } };
  await expectCreated(fixture.manager('POST', '/agents', { name: 'helper', models }));
  await expectCreated(fixture.manager('POST', '/endpoints', { name: 'assistant', agent: 'helper' }));
  await expectCreated(
    fixture.manager('POST', '/endpoints', {
      name: 'vectors',
      raw_model: { connection: 'main', model: 'm', modalities: ['embed'] },
    }),
  );
});
afterAll(() => fixture.close());

const own = (secret: string | undefined, path = '/key') => call(fixture.app.baseUrl + path, 'GET', secret);

describe('key.get', () => {
  it('shows a key to itself, without links and addresses, with its routes and models', async () => {
    const given = {
      preset: 'openai-chat-client',
      agents: ['*'],
      raw_models: ['*'],
      allowed_ips: ['127.0.0.1'],
      prompt_policy: { instructions: 'A secret policy.' },
    };
    const {
      secret,
      links: _links,
      allowed_ips: _ips,
      prompt_policy: _policy,
      ...key
    } = await expectCreated(fixture.manager('POST', '/keys', { name: 'self', ...given }));
    const { status, body } = await own(secret);
    const { routes, models, held_routes: held, limit_states: limits, budgets, ...rest } = body;
    expect([status, rest]).toEqual([200, { ...key, last_used_at: rest.last_used_at }]);
    expect(models).toEqual(['assistant']);
    expect([held, limits, budgets]).toEqual([[], [], []]);
    expect(routes).toEqual(expect.arrayContaining(['chat.completions.create', 'models.list', 'key.get']));
    expect(routes).not.toContain('embeddings.create');
    expect(JSON.stringify(body)).not.toContain('A secret policy.');
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('names the same models as the model list', async () => {
    const { secret } = await expectCreated(
      fixture.manager('POST', '/keys', {
        name: 'listing',
        preset: 'chat-plus-embeddings',
        agents: ['assistant'],
        raw_models: ['vectors'],
      }),
    );
    const listed = ((await own(secret, '/models')).body.data as { id: string }[]).map(({ id }) => id);
    expect(listed).toEqual(['assistant', 'vectors']);
    expect((await own(secret)).body.models).toEqual(listed);
  });

  it('shows a conversation key what it has through its links', async () => {
    const inference = await expectCreated(
      fixture.manager('POST', '/keys', { name: 'linked', preset: 'openai-chat-client', agents: ['assistant'] }),
    );
    const { secret } = await expectCreated(
      fixture.manager('POST', '/keys', { name: 'talking', preset: 'conversation-app', links: { inference: inference.id } }),
    );
    const { body } = await own(secret);
    expect([body.models, body.effective_scopes]).toEqual([
      ['assistant'],
      ['inference:chat', 'conversations:read', 'conversations:write', 'conversations:files'],
    ]);
    expect(body).not.toHaveProperty('links');
  });

  it('is answered 401 without a key, and 403 from an address that is not allowed', async () => {
    expect((await own(undefined)).status).toBe(401);
    const { secret } = await expectCreated(
      fixture.manager('POST', '/keys', { name: 'elsewhere', preset: 'openai-chat-client', allowed_ips: ['192.0.2.0/24'] }),
    );
    const { status, body } = await own(secret);
    expect([status, body.error.code]).toEqual([403, 'ip_not_allowed']);
  });
});
