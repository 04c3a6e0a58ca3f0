import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chunkEvent, openStream, publishOn, startScriptedProvider } from '../support/scripted-provider.js';
import { instructions, refusalOf, startRelay, type Relay } from '../support/relay-fixture.js';
import { openai, post, statsOf, untilPublished, user } from '../support/relay.js';

let relay: Relay;
beforeAll(async () => void (relay = await startRelay()));
afterAll(() => relay.platform.close());

describe('an agent', () => {
  it.each([
    ['assistant', 'system'],
    ['developer-role', 'developer'],
  ])('%s puts its instructions before all messages, in the role %s', async (model, role) => {
    const body = await relay.sent({ model, messages: [{ role: 'system', content: 'Be rude.' }, user('[[show-request]]')] });
    expect(body['messages']).toEqual([
      { role, content: instructions },
      { role: 'system', content: 'Be rude.' },
      user('[[show-request]]'),
    ]);
  });

  it('gives defaults that a request overrides', async () => {
    expect(await relay.sent({ model: 'tuned' })).toMatchObject({ temperature: 0.1, max_tokens: 5000 });
    expect(await relay.sent({ model: 'tuned', temperature: 0.9, max_tokens: 4000 })).toMatchObject({
      temperature: 0.9,
      max_tokens: 4000,
    });
  });

  it('does not say max_tokens beside the max_completion_tokens of the request', async () => {
    const body = await relay.sent({ model: 'tuned', max_completion_tokens: 3000 });
    expect([body['max_completion_tokens'], 'max_tokens' in body]).toEqual([3000, false]);
  });

  it.each([
    { max_tokens: null },
    { max_completion_tokens: null },
    { temperature: null },
    { max_tokens: null, max_completion_tokens: null },
  ])('takes null for "not given": %j', async (params) => {
    const body = await relay.sent({ model: 'tuned', ...params });
    expect(body).toMatchObject({ temperature: 0.1, max_tokens: 5000 });
    expect(body).not.toHaveProperty('max_completion_tokens');
  });

  it('pins: its value wins, and a pinned name without a value takes the value of the request out', async () => {
    const body = await relay.sent({ model: 'tuned', seed: 1, top_p: 0.5 });
    expect([body['seed'], 'top_p' in body]).toEqual([7, false]);
  });

  it('with a default n is asked for so many choices, and a stream without all of them is not whole', async () => {
    const whole = await relay.client.chat.completions.stream({ model: 'twice', messages: [user('hi')] }).finalChatCompletion();
    expect(whole.choices.map((choice) => choice.message.content)).toEqual(['You said: hi', 'You said: hi']);
    const half = await startScriptedProvider((response) =>
      openStream(response).end(chunkEvent({ content: 'a' }) + chunkEvent({}, 'stop')),
    );
    try {
      const tenant = await publishOn(relay.platform, half.url, 'half');
      await relay.platform.factory.alias(tenant, 'half-of-two', { parameters: { n: 2 } });
      await untilPublished(relay.platform, 'half-of-two');
      await expect(
        relay.client.chat.completions.stream({ model: 'half-of-two', messages: [user('hi')] }).finalChatCompletion(),
      ).rejects.toThrow('ended before it was complete');
    } finally {
      await half.close();
    }
  });
});

describe('instructions', () => {
  it.each([
    ['/completions', { model: 'assistant', prompt: 'x', echo: true }, 'echo'],
    ['/completions', { model: 'assistant', prompt: 'x', stream: true, echo: true }, 'echo'],
    ['/completions', { model: 'assistant', prompt: 'x', prompt_logprobs: 0 }, 'prompt_logprobs'],
    ['/chat/completions', { model: 'assistant', messages: [user('x')], prompt_logprobs: 1 }, 'prompt_logprobs'],
    ['/chat/completions', { model: 'assistant', messages: [user('x')], return_token_ids: true }, 'return_token_ids'],
  ])('are not repeated by the provider on request: %s %j', async (path, body, param) => {
    const reply = post({ url: relay.platform.app.baseUrl + path, secret: relay.key.secret, body });
    expect(await refusalOf(reply)).toEqual([400, 'unsupported_parameter', param]);
    const raw = await post({
      url: relay.platform.app.baseUrl + path,
      secret: relay.key.secret,
      body: { ...body, model: 'raw-chat' },
    });
    expect(raw.status).toBe(200);
  });

  it('are not read in the refusal of a provider that quotes them', async () => {
    const quoting = await startScriptedProvider((response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: `Bad: "${instructions}"` } })),
    );
    try {
      const tenant = await publishOn(relay.platform, quoting.url, 'quoting');
      await relay.platform.factory.alias(tenant, 'quoted', { instructions });
      await untilPublished(relay.platform, 'quoted');
      const reply = await relay.chat({ model: 'quoted', messages: [user('hi')] });
      expect([reply.status, await reply.text()]).toEqual([400, expect.not.stringContaining(instructions)]);
    } finally {
      await quoting.close();
    }
  });
});

describe("a key's prompt policy", () => {
  const policy = { instructions: 'Never speak of money.' };
  const top = { role: 'system', content: policy.instructions };

  it('stands on top of the instructions of the agent, and before the messages to a raw model', async () => {
    const bound = openai(
      relay.platform.app.baseUrl,
      await relay.platform.factory.key(relay.platform.acme, { promptPolicy: policy }),
    );
    expect((await relay.sent({ model: 'assistant' }, bound))['messages']).toEqual([
      top,
      { role: 'system', content: instructions },
      user('[[show-request]]'),
    ]);
    expect((await relay.sent({ model: 'raw-chat' }, bound))['messages']).toEqual([top, user('[[show-request]]')]);
    const legacy = await bound.completions.create({ model: 'assistant', prompt: '[[show-request]]' });
    expect(JSON.parse(legacy.choices[0]?.text ?? '').prompt).toBe(
      `${policy.instructions}\n\n${instructions}\n\n[[show-request]]`,
    );
  });
});

describe('what does not go to the provider', () => {
  it('control fields', async () => {
    const dropped = [
      'models',
      'route',
      'provider',
      'fallbacks',
      'api_base',
      'base_url',
      'api_key',
      'extra_headers',
      'extra_body',
      'user_config',
      'custom_llm_provider',
    ];
    const body = await relay.sent({ model: 'assistant', ...Object.fromEntries(dropped.map((name) => [name, 'x'])), kept: 1 });
    expect(Object.keys(body).sort()).toEqual(['kept', 'messages', 'model']);
  });

  it("the caller's headers", async () => {
    const caller = {
      'x-secret': 'canary',
      cookie: 'canary',
      'OpenAI-Organization': 'canary',
      'OpenAI-Project': 'canary',
      'OpenAI-Beta': 'canary',
      'x-request-id': 'canary',
      'x-forwarded-for': '9.9.9.9',
      'accept-language': 'canary',
      'x-openclaw-message-channel': 'canary',
    };
    const reply = await relay.chat({ model: 'assistant', messages: [user('[[show-headers]]')] }, caller);
    expect(reply.headers.get('x-request-id')).toBe('canary');
    const answer = (await reply.json()) as { choices: { message: { content: string } }[] };
    const headers = JSON.parse(answer.choices[0]?.message.content ?? '') as Record<string, string>;
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-request-id',
    ]);
    expect(JSON.stringify(headers)).not.toMatch(/canary|9\.9\.9\.9|gtak_|stainless/);
    expect(headers['x-request-id']).toBe(reply.headers.get('x-gt-request-id'));
  });

  it('and the headers of the provider do not come back', async () => {
    const reply = await relay.chat({ model: 'assistant', messages: [user('hi')] });
    for (const name of ['openai-organization', 'set-cookie', 'x-ratelimit-limit-requests'])
      expect(reply.headers.get(name)).toBeNull();
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_abc' }],
    ['a file id in a message', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-abc' } }] }] }],
  ])('an object id that is not ours: %s', async (_what, fields) => {
    const before = await statsOf(relay.platform.sandbox);
    expect((await refusalOf(relay.chat({ model: 'assistant', messages: [user('hi')], ...fields }))).slice(0, 2)).toEqual([
      404,
      'not_found',
    ]);
    expect((await statsOf(relay.platform.sandbox)).total).toBe(before.total);
  });
});
