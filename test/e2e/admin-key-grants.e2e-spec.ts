import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { areAlike } from '../support/admin.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;

beforeAll(async () => {
  fixture = await startAdminFixture();
});
afterAll(() => fixture.close());

const create = (name: string, rest: object = { preset: 'openai-chat-client' }) =>
  expectCreated(fixture.manager('POST', '/keys', { name, ...rest }));

describe('inference:override', () => {
  const override = { purpose: 'inference', scopes: ['inference:chat', 'inference:override'] };

  it('is granted by owners alone, in every way to grant it', async () => {
    const refused = [403, 'insufficient_role', null];
    expect(refusal(await fixture.manager('POST', '/keys', { name: 'o1', ...override }))).toEqual(refused);
    const held = await expectCreated(fixture.owner('POST', '/keys', { name: 'overriding', ...override }));
    const plain = await create('plain', { purpose: 'inference', scopes: ['inference:chat'] });
    expect(refusal(await fixture.manager('PATCH', `/keys/${plain.id}`, { scopes: override.scopes }))).toEqual(refused);
    expect(refusal(await fixture.manager('PATCH', `/keys/${held.id}`, { allowed_ips: [] }))).toEqual(refused);
    expect(refusal(await fixture.manager('POST', `/keys/${held.id}/rotate`))).toEqual(refused);
    expect(
      refusal(await fixture.manager('POST', '/keys', { name: 'o2', preset: 'conversation-app', links: { inference: held.id } })),
    ).toEqual(refused);
    expect((await fixture.owner('PATCH', `/keys/${plain.id}`, { scopes: override.scopes })).body.effective_scopes).toContain(
      'inference:override',
    );
  });

  it('may be taken away by managers, and given back by owners alone', async () => {
    const { id } = await expectCreated(fixture.owner('POST', '/keys', { name: 'stopped', ...override }));
    expect((await fixture.manager('POST', `/keys/${id}/disable`)).body.state).toBe('disabled');
    expect(refusal(await fixture.manager('POST', `/keys/${id}/enable`))).toEqual([403, 'insufficient_role', null]);
    expect((await fixture.owner('POST', `/keys/${id}/enable`)).body.state).toBe('active');
  });
});

describe('links of a conversation key', () => {
  let inference: { id: string };
  let upload: { id: string };

  beforeAll(async () => {
    inference = await create('link-inference', { preset: 'chat-plus-embeddings', agents: ['assistant'] });
    upload = await create('link-upload', { preset: 'dataset-upload', datasets: ['handbook'] });
  });

  it('give their scopes, and take them away when they die', async () => {
    const key = await create('conversation', {
      preset: 'conversation-app',
      links: { inference: 'link-inference', upload: upload.id },
    });
    expect(key.links).toEqual({ inference: inference.id, upload: upload.id });
    expect(key.effective_scopes).toEqual([
      'inference:chat',
      'inference:embed',
      'conversations:read',
      'conversations:write',
      'conversations:files',
      'datasets:write',
    ]);
    await fixture.manager('POST', `/keys/${upload.id}/disable`);
    expect((await fixture.viewer('GET', `/keys/${key.id}`)).body.effective_scopes).not.toContain('datasets:write');
    await fixture.manager('POST', `/keys/${upload.id}/enable`);
    expect((await fixture.viewer('GET', `/keys/${key.id}`)).body.effective_scopes).toContain('datasets:write');
  });

  it('may be changed, and stand in the way of a deletion but not of a revoke', async () => {
    const spare = await create('link-spare');
    const { id } = await create('relinked', { preset: 'conversation-app', links: { inference: inference.id } });
    const { body } = await fixture.manager('PATCH', `/keys/${id}`, { links: { inference: spare.id, upload: null } });
    expect([body.links, body.effective_scopes[0]]).toEqual([{ inference: spare.id, upload: null }, 'inference:chat']);
    const refused = await fixture.manager('DELETE', `/keys/${spare.id}`);
    expect(refusal(refused)).toEqual([409, 'conflict', null]);
    expect(refused.body.error.message).toContain('relinked');
    expect((await fixture.manager('POST', `/keys/${spare.id}/revoke`)).body.state).toBe('revoked');
    expect((await fixture.viewer('GET', `/keys/${id}`)).body.effective_scopes).toEqual([
      'conversations:read',
      'conversations:write',
      'conversations:files',
    ]);
    expect(
      refusal(
        await fixture.manager('POST', '/keys', { name: 'late', preset: 'conversation-app', links: { inference: spare.id } }),
      ),
    ).toEqual([400, 'invalid_value', 'links.inference']);
  });

  it('must be of this tenant and of the right purpose', async () => {
    const foreign = await expectCreated(fixture.stranger('POST', '/keys', { name: 'foreign', preset: 'openai-chat-client' }));
    const link = async (links: object | undefined) =>
      fixture.manager('POST', '/keys', { name: 'x', preset: 'conversation-app', links });
    const [absent, other, wrong] = [
      await link({ inference: 'key_absent' }),
      await link({ inference: foreign.id }),
      await link({ inference: upload.id }),
    ];
    expect(refusal(absent)).toEqual([400, 'invalid_value', 'links.inference']);
    expect(areAlike([absent, other, wrong])).toBe(true);
    expect(refusal(await link({ inference: inference.id, upload: inference.id }))).toEqual([
      400,
      'invalid_value',
      'links.upload',
    ]);
    expect(refusal(await link({}))).toEqual([400, 'missing_required_parameter', 'links.inference']);
    expect(refusal(await link(undefined))).toEqual([400, 'missing_required_parameter', 'links.inference']);
  });

  it('make own allowlists idle, which the reply says', async () => {
    const key = await create('idle-lists', { preset: 'conversation-app', agents: ['*'], links: { inference: inference.id } });
    expect(key.notices).toEqual([expect.stringContaining('have no effect')]);
  });
});
