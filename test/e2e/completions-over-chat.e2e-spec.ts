import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startSandbox } from '../../src/sandbox/server.js';
import { faultsOf } from '../support/openai-schema.js';
import { sandboxToken, startPlatform, type Sandbox, type SeededKey, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post } from '../support/relay.js';
import { answerOf, message, providerResponse } from '../support/responses-provider.js';

const wires = ['chat', 'responses'] as const;
type Wire = (typeof wires)[number];

interface Behind {
  readonly sandbox: Sandbox;
  readonly client: OpenAI;
  readonly recorded: SeededKey;
}

let platform: TestPlatform;
let provider: RecordingProvider;
const behind = {} as Record<Wire, Behind>;

/** For each wire a tenant whose provider has nothing else, and one whose provider remembers what it was asked. */
beforeAll(async () => {
  platform = await startPlatform();
  provider = await startRecordingProvider();
  const { factory, app } = platform;
  for (const wire of wires) {
    const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken, only: [wire] });
    const tenant = await factory.tenant(`only-${wire}`, `${sandbox.url}/v1`);
    await factory.wire(tenant, wire);
    const recording = await factory.tenant(`recorded-${wire}`, provider.url, { instructions: 'Be kind.' });
    await factory.wire(recording, wire);
    await factory.alias(recording, 'unmeasured', { pinned: ['max_tokens'] });
    behind[wire] = {
      sandbox,
      client: openai(app.baseUrl, await factory.key(tenant)),
      recorded: await factory.key(recording),
    };
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
  for (const wire of wires) await behind[wire].sandbox.close();
});

const ask = async (wire: Wire, body: object) => {
  const answer = await post({
    url: `${platform.app.baseUrl}/completions`,
    secret: behind[wire].recorded.secret,
    body: { model: 'assistant', prompt: 'Hi', ...body },
  });
  const text = await answer.text();
  return { status: answer.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
};
const sent = () => provider.bodies.at(-1) as unknown as Record<string, unknown>;

/** Declared are whole answers only: in an event, OpenAI sends null for an end that has not come and a usage that is not told. */
function asDeclared({ usage, choices, ...event }: OpenAI.Completion): unknown {
  const ended = choices.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? 'stop' }));
  return JSON.parse(JSON.stringify({ ...event, ...(usage ? { usage } : {}), choices: ended }));
}

describe.each(wires)('a legacy completion of a provider that speaks only %s', (wire) => {
  it('is answered whole', async () => {
    const { client } = behind[wire];
    const whole = await client.completions.create({ model: 'assistant', prompt: ['hello'], echo: true });
    expect(faultsOf('CreateCompletionResponse', JSON.parse(JSON.stringify(whole)))).toEqual([]);
    expect(whole).toMatchObject({
      id: expect.stringMatching(/^cmpl-/),
      object: 'text_completion',
      model: 'assistant',
      choices: [{ index: 0, text: 'helloYou said: hello', finish_reason: 'stop', logprobs: null }],
    });
    expect(whole.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('is streamed, with usage where it is asked for', async () => {
    const { client } = behind[wire];
    for (const usage of [true, false]) {
      const chunks: OpenAI.Completion[] = [];
      const prompt = '[[chunks:4]] hello';
      const options = usage ? { stream_options: { include_usage: true } } : {};
      for await (const chunk of await client.completions.create({ model: 'assistant', prompt, stream: true, ...options }))
        chunks.push(chunk);
      for (const chunk of chunks) expect(faultsOf('CreateCompletionResponse', asDeclared(chunk))).toEqual([]);
      const choices = chunks.flatMap((chunk) => chunk.choices);
      expect(choices.map(({ text }) => text).join('')).toContain('You said:');
      expect(choices.length).toBeGreaterThan(2);
      expect(choices.at(-1)?.finish_reason).toBe('stop');
      expect(new Set(chunks.map(({ id, object, model }) => `${id.slice(0, 5)} ${object} ${model}`))).toEqual(
        new Set(['cmpl- text_completion assistant']),
      );
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      expect((chunks.at(-1)?.usage?.total_tokens ?? 0) > 0).toBe(usage);
    }
  });

  it('ends after 16 tokens where nothing is said of its length', async () => {
    const { client } = behind[wire];
    const prompt = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen';
    const [usual, longer] = await Promise.all([
      client.completions.create({ model: 'assistant', prompt }),
      client.completions.create({ model: 'assistant', prompt, max_tokens: 200 }),
    ]);
    expect([usual.choices[0]?.finish_reason, longer.choices[0]?.finish_reason]).toEqual(['length', 'stop']);
  });

  it('tells log probabilities in the legacy form', async () => {
    const whole = await behind[wire].client.completions.create({ model: 'assistant', prompt: 'hello', logprobs: 2 });
    const { logprobs, text } = whole.choices[0] ?? {};
    expect(logprobs?.tokens?.join('')).toBe(text);
    expect(logprobs?.text_offset?.[0]).toBe(0);
    expect(Object.keys(logprobs?.top_logprobs?.[0] ?? {})).toHaveLength(2);
  });

  it.each([
    [{ prompt: ['a', 'b'] }, 'prompt'],
    [{ prompt: [1, 2] }, 'prompt'],
    [{ prompt: [[1, 2]] }, 'prompt'],
    [{ suffix: 'x' }, 'suffix'],
    [{ best_of: 2 }, 'best_of'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ messages: [{ role: 'user', content: 'other' }] }, 'messages'],
    [{ tools: [{ type: 'mcp', server_label: 'x', server_url: 'https://x.example' }] }, 'tools'],
    [{ web_search_options: { search_context_size: 'low' } }, 'web_search_options'],
  ])('%j, which a chat cannot say, is 400', async (body, param) => {
    const refused = await ask(wire, body);
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([400, 'unsupported_parameter', param]);
  });

  it.each([
    [{ prompt: [] }, 'prompt'],
    [{ logprobs: 'two' }, 'logprobs'],
    [{ max_tokens: 'many' }, 'max_tokens'],
  ])('%j is 400', async (body, param) => {
    const refused = await ask(wire, body);
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([400, 'invalid_value', param]);
  });

  it('is 502 where the provider tells an error, and says nothing of the provider', async () => {
    provider.answerWith((_body, response) =>
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"at host.internal"}}'),
    );
    const failed = await ask(wire, {});
    expect([failed.status, failed.text.includes('host.internal')]).toEqual([502, false]);
  });
});

describe('what a provider is sent for a legacy completion', () => {
  const asked = { temperature: 0.5, best_of: 1, suffix: '', echo: null, max_tokens: 20, user: 'u', store: true };

  it('is a chat with the instructions in front', async () => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }];
    provider.answerWith((_body, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'chat.completion', choices })),
    );
    const answer = await ask('chat', { ...asked, stop: ['x'], logit_bias: { 1: 1 } });
    expect(answer.body.choices).toEqual([{ text: 'Hello.', index: 0, logprobs: null, finish_reason: 'stop' }]);
    expect(sent()).toEqual({
      model: expect.any(String),
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      temperature: 0.5,
      max_completion_tokens: 20,
      user: 'u',
      stop: ['x'],
      logit_bias: { 1: 1 },
    });
  });

  it('is a request for a response where it speaks only that', async () => {
    const told = providerResponse([message('Hello.')]);
    provider.answerWith((_body, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(told)));
    const answer = await ask('responses', asked);
    expect(answer.body.choices).toEqual([{ text: 'Hello.', index: 0, logprobs: null, finish_reason: 'stop' }]);
    expect(sent()).toMatchObject({
      store: false,
      max_output_tokens: 20,
      temperature: 0.5,
      input: [{ role: 'system' }, { role: 'user', content: 'Hi' }],
    });
    const refused = await ask('responses', { n: 2 });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'n']);
  });

  it.each(wires)('says nothing of its length over %s where the agent leaves that to the provider', async (wire) => {
    provider.answerWith((body, response) => {
      if ('input' in body) answerOf(message('Hello.'))(body, response);
      else reply(response, body, { content: 'Hello.' });
    });
    for (const length of [{}, { max_tokens: 20 }]) {
      expect((await ask(wire, { model: 'unmeasured', ...length })).status).toBe(200);
      for (const name of ['max_tokens', 'max_completion_tokens', 'max_output_tokens']) expect(sent()).not.toHaveProperty(name);
    }
    expect((await ask(wire, { max_tokens: 1 })).status).toBe(200);
    expect(sent()[wire === 'chat' ? 'max_completion_tokens' : 'max_output_tokens']).toBe(wire === 'chat' ? 1 : 16);
  });

  it('repeats no prompt beyond a mebibyte in all its choices', async () => {
    const asked = { model: 'assistant', prompt: 'x'.repeat(600_000), echo: true };
    const refused = behind.chat.client.completions.create({ ...asked, n: 2 });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'invalid_value', param: 'echo' });
    expect((await behind.chat.client.completions.create(asked)).choices[0]?.text.startsWith('xxx')).toBe(true);
  });

  it.each([null, ''])('has ended where its provider tells the end as %j', async (reason) => {
    const choices = [{ index: 0, message: { role: 'assistant', content: null }, finish_reason: reason }];
    provider.answerWith((_body, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'chat.completion', choices })),
    );
    expect((await ask('chat', {})).body.choices).toEqual([{ text: '', index: 0, logprobs: null, finish_reason: 'stop' }]);
  });

  it('makes as many choices as are asked for', async () => {
    const whole = await behind.chat.client.completions.create({ model: 'assistant', prompt: 'hello', n: 2 });
    expect(whole.choices.map(({ index }) => index)).toEqual([0, 1]);
    let finished = 0;
    for await (const { choices } of await behind.chat.client.completions.create({
      model: 'assistant',
      prompt: 'hi',
      n: 2,
      stream: true,
    }))
      finished += choices.filter(({ finish_reason: reason }) => reason !== null).length;
    expect(finished).toBe(2);
  });
});
