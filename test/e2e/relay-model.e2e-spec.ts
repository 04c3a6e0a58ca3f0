import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { refusalOf, startRelay, type Relay } from '../support/relay-fixture.js';
import { post, statsOf, user } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

let relay: Relay;
beforeAll(async () => void (relay = await startRelay()));
afterAll(() => relay.platform.close());

describe('the model of a request', () => {
  it.each([
    'assistant',
    'default',
    'openclaw',
    'openclaw/default',
    'openclaw/assistant',
    'openclaw:assistant',
    'agent:assistant',
  ])('may be spelled %s', async (model) => {
    const answer = await relay.client.chat.completions.create({ model, messages: [user('hi')] });
    expect(answer.model).toBe('assistant');
  });

  it('gives way to x-openclaw-agent-id', async () => {
    for (const model of ['assistant', 'no-such', undefined]) {
      const reply = await relay.chat({ model, messages: [user('hi')] }, { 'x-openclaw-agent-id': 'raw-chat' });
      expect([reply.status, ((await reply.json()) as { model: string }).model]).toEqual([200, 'raw-chat']);
    }
  });

  it.each([
    ['a body', { model: 'assistant' }, {}],
    ['a spelling', { model: 'openclaw' }, {}],
    ['the header', { model: 'raw-chat' }, { 'x-openclaw-agent-id': 'assistant' }],
  ])('goes through the allowlist when it stands in %s', async (_where, body, headers) => {
    const narrow = await relay.platform.factory.key(relay.platform.acme, { agents: [] });
    expect(await refusalOf(relay.chat({ ...body, messages: [user('hi')] }, headers, narrow.secret))).toEqual([
      404,
      'model_not_found',
      'model',
    ]);
  });

  it('that is unknown, or not allowed, or without a scope of the key gets one answer', async () => {
    const narrow = await relay.platform.factory.key(relay.platform.acme, { agents: [], rawModels: [] });
    const answers = await Promise.all(
      [['x1'], ['assistant', narrow.secret]].map(async ([model, secret]) => {
        const reply = await relay.chat({ model, messages: [user('hi')] }, {}, secret);
        return [reply.status, (await reply.text()).replaceAll(model ?? '', 'NAME')];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[1]).toContain('The model `NAME` does not exist or you do not have access to it.');
  });

  it('must be there, as a string', async () => {
    expect(await refusalOf(relay.chat({ messages: [user('hi')] }))).toEqual([400, 'missing_required_parameter', 'model']);
    expect(await refusalOf(relay.chat({ model: null, messages: [user('hi')] }))).toEqual([
      400,
      'missing_required_parameter',
      'model',
    ]);
    expect(await refusalOf(relay.chat({ model: ['assistant'], messages: [user('hi')] }))).toEqual([
      400,
      'invalid_value',
      'model',
    ]);
  });

  it('that does not serve the use is unsupported_modality', async () => {
    const reply = post({
      url: `${relay.platform.app.baseUrl}/embeddings`,
      secret: relay.key.secret,
      body: { model: 'chat-only', input: 'x' },
    });
    expect(await refusalOf(reply)).toEqual([400, 'unsupported_modality', 'model']);
  });

  it.each([
    ['no messages', {}, 'missing_required_parameter'],
    ['an empty list', { messages: [] }, 'invalid_value'],
    ['a text', { messages: 'hi' }, 'invalid_value'],
  ])('is not enough: %s is refused before the provider', async (_what, body, code) => {
    expect(await refusalOf(relay.chat({ model: 'assistant', ...body }))).toEqual([400, code, 'messages']);
  });
});

describe('naming another backend model', () => {
  const withOverride = ['inference:chat', 'inference:embed', 'inference:override'] as const;

  it('is refused with 403 to a key without inference:override, whatever it names', async () => {
    for (const header of ['X-GT-Model', 'x-openclaw-model']) {
      expect(await refusalOf(relay.chat({ model: 'assistant', messages: [user('hi')] }, { [header]: 'other' }))).toEqual([
        403,
        'insufficient_scope',
        null,
      ]);
    }
  });

  it('reaches the named model on the connection of the agent, under its name', async () => {
    const privileged = await relay.platform.factory.key(relay.platform.acme, { scopes: withOverride });
    for (const header of ['X-GT-Model', 'x-openclaw-model']) {
      const reply = await relay.chat(
        { model: 'assistant', messages: [user('[[show-request]]')] },
        { [header]: 'vendor/other' },
        privileged.secret,
      );
      const answer = (await reply.json()) as { model: string; choices: { message: { content: string } }[] };
      const body = JSON.parse(answer.choices[0]?.message.content ?? '') as { model: string; messages: unknown[] };
      expect([answer.model, body.model, body.messages.length]).toEqual(['vendor/other', 'vendor/other', 2]);
    }
  });

  it('reaches another connection of the tenant, and only through a name that the key may use', async () => {
    const other = await startSandbox({ port: 0, host: '127.0.0.1' });
    try {
      const { acme, factory } = relay.platform;
      await publishOn(relay.platform, `${other.url}/v1`, 'second');
      const privileged = await factory.key(acme, { scopes: withOverride, agents: [] });
      const override = { 'x-gt-model': 'to-second/deep/model' };
      const reply = await relay.chat({ model: 'raw-chat', messages: [user('[[show-request]]')] }, override, privileged.secret);
      const answer = (await reply.json()) as { choices: { message: { content: string } }[] };
      expect(JSON.parse(answer.choices[0]?.message.content ?? '').model).toBe('deep/model');
      expect((await statsOf(other)).total).toBe(1);
      expect(await refusalOf(relay.chat({ model: 'assistant', messages: [user('hi')] }, override, privileged.secret))).toEqual([
        404,
        'model_not_found',
        'model',
      ]);
    } finally {
      await other.close();
    }
  });
});
