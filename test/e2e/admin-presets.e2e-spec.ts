import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtInPresets } from '../../src/catalog/presets.js';
import { areAlike } from '../support/admin.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;
const noLimits = {
  requests_per_minute: null,
  tokens_per_minute: null,
  parallel_requests: null,
  uploads_per_day: null,
  stored_bytes: null,
};
const chat = { purpose: 'inference', scopes: ['inference:chat'] };

beforeAll(async () => {
  fixture = await startAdminFixture();
});
afterAll(() => fixture.close());

const create = (slug: string, rest: object = chat) =>
  expectCreated(fixture.manager('POST', '/presets', { slug, name: slug, ...rest }));
const slugs = async (query: string) =>
  ((await fixture.viewer('GET', `/presets?${query}`)).body.data as { slug: string }[]).map(({ slug }) => slug);

describe('presets.create', () => {
  it('answers 201 with the preset', async () => {
    const body = await create('support-bot', { ...chat, limits: { requests_per_minute: 60 } });
    expect(body).toEqual({
      object: 'preset',
      id: expect.stringMatching(/^pre_/),
      slug: 'support-bot',
      name: 'support-bot',
      ...chat,
      limits: { ...noLimits, requests_per_minute: 60 },
      links: null,
      built_in: false,
      created_at: expect.any(Number),
    });
    expect(await fixture.lastAudit(body.id)).toMatchObject({
      action: 'create',
      kind: 'preset',
      actor_role: 'manager',
      changes: { slug: 'support-bot' },
    });
  });

  it('takes links for the purpose conversation, to presets of the right purpose', async () => {
    const body = await create('talk', {
      purpose: 'conversation',
      scopes: ['conversations:read'],
      links: { inference: 'openai-chat-client', upload: null },
    });
    expect(body.links).toEqual({ inference: 'openai-chat-client', upload: null });
  });

  it.each([
    [{ name: 'x', ...chat }, 400, 'missing_required_parameter', 'slug'],
    [{ slug: 'x1', ...chat }, 400, 'missing_required_parameter', 'name'],
    [{ slug: 'x1', name: 'x', purpose: 'inference' }, 400, 'missing_required_parameter', 'scopes'],
    [{ slug: 'x1', name: 'x', purpose: 'inference', scopes: ['inference:smell'] }, 400, 'invalid_value', 'scopes[0]'],
    [{ slug: 'x1', name: 'x', purpose: 'magic', scopes: ['inference:chat'] }, 400, 'invalid_value', 'purpose'],
    [{ slug: 'x1', name: 'x', purpose: 'upload', scopes: ['inference:chat'] }, 400, 'invalid_value', 'scopes'],
    [{ slug: 'x1', name: 'x', purpose: 'conversation', scopes: ['datasets:write'] }, 400, 'invalid_value', 'scopes'],
    [{ slug: 'x1', name: 'x', ...chat, links: { inference: 'openai-chat-client' } }, 400, 'invalid_value', 'links'],
    [
      { slug: 'x1', name: 'x', purpose: 'conversation', scopes: ['conversations:read'], links: { inference: 'dataset-upload' } },
      400,
      'invalid_value',
      'links.inference',
    ],
    [
      {
        slug: 'x1',
        name: 'x',
        purpose: 'conversation',
        scopes: ['conversations:read'],
        links: { inference: 'openai-chat-client', upload: 'absent' },
      },
      400,
      'invalid_value',
      'links.upload',
    ],
    [{ slug: 'x1', name: 'x', ...chat, limits: { colour: 1 } }, 400, 'unsupported_parameter', 'limits.colour'],
    [{ slug: 'x1', name: 'x', ...chat, colour: 'red' }, 400, 'unsupported_parameter', 'colour'],
    [{ slug: 'openai-chat-client', name: 'x', ...chat }, 409, 'conflict', 'slug'],
  ])('refuses %j with %d %s', async (input, status, code, param) => {
    expect(refusal(await fixture.manager('POST', '/presets', input))).toEqual([status, code, param]);
  });

  it('refuses a taken slug with 409, viewers with 403, nobody with 401', async () => {
    await create('taken');
    expect(refusal(await fixture.manager('POST', '/presets', { slug: 'taken', name: 'x', ...chat }))).toEqual([
      409,
      'conflict',
      'slug',
    ]);
    expect(refusal(await fixture.viewer('POST', '/presets', { slug: 'no', name: 'x', ...chat }))).toEqual([
      403,
      'insufficient_role',
      null,
    ]);
    expect((await fixture.app.admin('POST', '/presets', { slug: 'no', name: 'x', ...chat }, '')).status).toBe(401);
  });

  it('lets only owners put inference:override into a preset', async () => {
    const input = { slug: 'overriding', name: 'x', purpose: 'inference', scopes: ['inference:chat', 'inference:override'] };
    expect(refusal(await fixture.manager('POST', '/presets', input))).toEqual([403, 'insufficient_role', null]);
    await expectCreated(fixture.owner('POST', '/presets', input));
    expect(refusal(await fixture.manager('PATCH', '/presets/overriding', { name: 'y' }))).toEqual([
      403,
      'insufficient_role',
      null,
    ]);
    await create('plain');
    expect(refusal(await fixture.manager('PATCH', '/presets/plain', { scopes: input.scopes }))).toEqual([
      403,
      'insufficient_role',
      null,
    ]);
  });
});

describe('presets.list and presets.get', () => {
  it('shows the built-in presets and the own ones, built-in ones as the oldest', async () => {
    await create('listed');
    const all = await slugs('order=asc&limit=100');
    expect(all.slice(0, builtInPresets.length)).toEqual(builtInPresets.map(({ slug }) => slug));
    expect(all).toContain('listed');
    expect(await slugs('limit=100')).toEqual(all.toReversed());
    expect(await slugs('built_in=true&limit=100')).toHaveLength(builtInPresets.length);
    expect(await slugs('purpose=upload')).toEqual(['dataset-upload']);
    expect(await slugs('slug=listed')).toEqual(['listed']);
  });

  it('pages without loss or double', async () => {
    const all = await slugs('order=asc&limit=100');
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { body } = await fixture.viewer('GET', `/presets?order=asc&limit=3${after}`);
      seen.push(...(body.data as { slug: string }[]).map(({ slug }) => slug));
      if (body.has_more !== true) break;
      after = `&after=${body.last_id}`;
    }
    expect(seen).toEqual(all);
  });

  it('shows one by slug, a built-in one too', async () => {
    expect((await fixture.viewer('GET', '/presets/conversation-app')).body).toEqual({
      object: 'preset',
      id: 'conversation-app',
      slug: 'conversation-app',
      name: 'Conversation app with uploads',
      purpose: 'conversation',
      scopes: ['conversations:read', 'conversations:write', 'conversations:files'],
      limits: noLimits,
      links: { inference: 'chat-plus-embeddings', upload: 'dataset-upload' },
      built_in: true,
      created_at: null,
    });
    const own = await create('by-slug');
    expect((await fixture.viewer('GET', '/presets/by-slug')).body).toEqual(own);
    expect((await fixture.viewer('GET', `/presets/${own.id}`)).body).toEqual(own);
  });

  it.each(['?colour=red', '?after=absent', '?built_in=maybe', '?after=dataset-upload&before=dataset-upload'])(
    'refuses the query %s with 400',
    async (query) => {
      expect((await fixture.viewer('GET', `/presets${query}`)).status).toBe(400);
    },
  );

  it("answers another tenant's preset exactly like an absent one, on every route", async () => {
    const { id } = await create('private');
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { name: 'mine' }],
      ['DELETE', undefined],
    ] as const) {
      const replies = await Promise.all(
        [id, 'pre_absent', 'private'].map((name) => fixture.stranger(method, `/presets/${name}`, body)),
      );
      expect(replies[0]?.status).toBe(404);
      expect(areAlike(replies)).toBe(true);
    }
  });
});

describe('presets.update', () => {
  it('changes what is given, and the keys of the preset follow at once', async () => {
    const preset = await create('shrinking', { purpose: 'inference', scopes: ['inference:chat', 'inference:embed'] });
    const key = await expectCreated(fixture.manager('POST', '/keys', { name: 'follower', preset: 'shrinking' }));
    expect(key.effective_scopes).toEqual(['inference:chat', 'inference:embed']);
    const { status, body } = await fixture.manager('PATCH', `/presets/${preset.id}`, {
      scopes: ['inference:embed'],
      limits: { tokens_per_minute: 5_000 },
    });
    expect([status, body]).toEqual([
      200,
      {
        ...preset,
        scopes: ['inference:embed'],
        limits: { ...noLimits, tokens_per_minute: 5_000 },
      },
    ]);
    const after = (await fixture.viewer('GET', `/keys/${key.id}`)).body;
    expect([after.scopes, after.effective_scopes]).toEqual([['inference:chat', 'inference:embed'], ['inference:embed']]);
    expect(await fixture.lastAudit(preset.id)).toMatchObject({ action: 'update', changes: { scopes: ['inference:embed'] } });
  });

  it('refuses what does not change, what does not fit and viewers', async () => {
    await create('fixed');
    expect(refusal(await fixture.manager('PATCH', '/presets/fixed', { slug: 'other' }))).toEqual([
      400,
      'unsupported_parameter',
      'slug',
    ]);
    expect(refusal(await fixture.manager('PATCH', '/presets/fixed', { links: { inference: 'openai-chat-client' } }))).toEqual([
      400,
      'invalid_value',
      'links',
    ]);
    expect(refusal(await fixture.manager('PATCH', '/presets/dataset-upload', { name: 'mine' }))).toEqual([409, 'conflict', null]);
    expect(refusal(await fixture.viewer('PATCH', '/presets/fixed', { name: 'x' }))).toEqual([403, 'insufficient_role', null]);
  });
});

describe('presets.delete', () => {
  it('removes a preset that nobody uses', async () => {
    const { id } = await create('short-lived');
    expect((await fixture.manager('DELETE', '/presets/short-lived')).body).toEqual({ id, object: 'preset', deleted: true });
    expect((await fixture.viewer('GET', '/presets/short-lived')).status).toBe(404);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'delete', kind: 'preset' });
  });

  it('refuses with 409 while keys or presets name it, for built-in ones always, and viewers with 403', async () => {
    await create('in-use');
    await expectCreated(fixture.manager('POST', '/keys', { name: 'user-of-it', preset: 'in-use' }));
    const used = await fixture.manager('DELETE', '/presets/in-use');
    expect(refusal(used)).toEqual([409, 'conflict', null]);
    expect(used.body.error.message).toContain('user-of-it');
    await create('linked');
    await create('linking', { purpose: 'conversation', scopes: ['conversations:read'], links: { inference: 'linked' } });
    expect(refusal(await fixture.manager('DELETE', '/presets/linked'))).toEqual([409, 'conflict', null]);
    expect(refusal(await fixture.manager('DELETE', '/presets/dataset-upload'))).toEqual([409, 'conflict', null]);
    expect(refusal(await fixture.viewer('DELETE', '/presets/in-use'))).toEqual([403, 'insufficient_role', null]);
  });
});
