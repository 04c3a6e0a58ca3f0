import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectCreated, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;

beforeAll(async () => {
  fixture = await startAdminFixture();
  await expectCreated(
    fixture.manager('POST', '/endpoints', { name: 'big', raw_model: { connection: 'main', model: 'big' }, default: true }),
  );
});
afterAll(() => fixture.close());

const none = (field: string): string => `${field} is 0: no call is let through.`;
const limits = { requests_per_minute: 2, tokens_per_minute: 9, uploads_per_day: 5, stored_bytes: 7 };
const ofLimits = expect.stringMatching(
  /^limits.tokens_per_minute is below the 4096 tokens that an answer is taken to have .*: such a call takes all of it.$/,
);

describe('notices', () => {
  it('say of a key which limits are below what one call needs, and not a word on those that are not', async () => {
    const policy = { instructions: 'Be kind.', guardrails: [{ module: 'moderation' }] };
    const given = { name: 'limited', preset: 'openai-chat-client', limits, prompt_policy: policy };
    const key = await expectCreated(fixture.manager('POST', '/keys', given));
    expect(key.notices).toEqual([ofLimits]);
    const patch = (body: object) => fixture.manager('PATCH', `/keys/${key.id}`, body);
    expect(
      (await patch({ limits: { parallel_requests: 0, requests_per_minute: null, tokens_per_minute: null } })).body,
    ).toMatchObject({
      notices: [none('limits.parallel_requests')],
    });
    expect((await patch({ limits: { parallel_requests: null } })).body).not.toHaveProperty('notices');
    const enforced = { guardrails: [{ module: 'pii', action: 'mask' }] };
    expect((await patch({ prompt_policy: enforced })).body).not.toHaveProperty('notices');
  });

  it('say what moderation means for raw models', async () => {
    const given = (further: object = {}) => ({ guardrails: [{ module: 'moderation', ...further }] });
    const body = { name: 'moderated', preset: 'openai-chat-client', raw_models: ['big'], prompt_policy: given() };
    const key = await expectCreated(fixture.manager('POST', '/keys', body));
    const said = (what: string): string => `prompt_policy.guardrails: raw models have no moderation model, so ${what}.`;
    expect(key.notices).toEqual([said('their calls are refused')]);
    const changed = await fixture.manager('PATCH', `/keys/${key.id}`, { prompt_policy: given({ on_failure: 'allow' }) });
    expect(changed.body.notices).toEqual([said('inputs pass them unjudged')]);
  });

  it('name what an allowlist names in vain', async () => {
    const key = await expectCreated(
      fixture.manager('POST', '/keys', {
        name: 'hopeful',
        preset: 'platform-automation',
        agents: ['big', '*'],
        raw_models: ['big', 'small', 'tiny'],
        datasets: ['handbook', 'ds_absent'],
      }),
    );
    expect(key.notices).toEqual([
      'agents: nothing has the name "big" yet.',
      'raw_models: nothing has the name "small" or "tiny" yet.',
      'datasets: nothing has the name "ds_absent" yet.',
    ]);
    const { body } = await fixture.manager('PATCH', `/keys/${key.id}`, { raw_models: ['big'] });
    expect(body).not.toHaveProperty('notices');
  });

  it('stand in the replies for presets and tenants too', async () => {
    const preset = { slug: 'small', name: 'Small', purpose: 'inference', scopes: ['inference:chat'], limits };
    expect((await expectCreated(fixture.manager('POST', '/presets', preset))).notices).toEqual([ofLimits]);
    const changed = await fixture.manager('PATCH', '/presets/small', { limits: { stored_bytes: 1 } });
    expect(changed.body).not.toHaveProperty('notices');
    const { id } = (await fixture.app.admin('GET', '/tenants?slug=acme')).body.data[0];
    const reply = await fixture.owner('PATCH', `/tenants/${id}`, { limits: { stored_bytes: 5, parallel_requests: 0 } });
    expect(reply.body.notices).toEqual([none('limits.parallel_requests')]);
    expect((await fixture.owner('GET', `/tenants/${id}`)).body).not.toHaveProperty('notices');
  });

  it('come with what apply made or changed, and once', async () => {
    const file = {
      tenants: [
        {
          slug: 'acme',
          limits,
          keys: [{ name: 'filed', preset: 'openai-chat-client', agents: ['nobody'], limits: { requests_per_minute: 0 } }],
        },
      ],
    };
    const apply = async (): Promise<Record<string, string[]>> => {
      const { body } = await fixture.app.admin('POST', '/apply', { file });
      const results = body.results as { kind: string; notices?: string[] }[];
      return Object.fromEntries(results.flatMap(({ kind, notices }) => (notices === undefined ? [] : [[kind, notices]])));
    };
    expect(await apply()).toEqual({
      tenant: [ofLimits],
      key: [none('limits.requests_per_minute'), 'agents: nothing has the name "nobody" yet.'],
    });
    expect(await apply()).toEqual({});
  });
});
