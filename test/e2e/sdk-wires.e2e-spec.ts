import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { adminUsageList } from '../../src/contracts/usage.js';
import type { Fields } from '../../src/kernel/fields.js';
import { startApp, type TestApp } from '../support/app.js';
import { openai, until } from '../support/relay.js';
import { refusing, saying, sdkToken, startSdkProvider, type SdkProvider, type SdkWire } from '../support/sdk-provider.js';
import { sayingWires } from '../support/sdk-sayings.js';

const awsKeys = 'AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const hello = [{ role: 'user' as const, content: 'Hello' }];
const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

const wires = Object.keys(sayingWires) as SdkWire[];
/** The name under which a model is published, by its wire. */
const nameOf = (wire: SdkWire): string => wire.replace(':', '-');

let app: TestApp;
let provider: SdkProvider;
let client: OpenAI;

const make = (path: string, body: object) => app.admin('POST', path, { tenant: 'acme', ...body });
const connect = (name: string, wire: SdkWire, further: object = {}) =>
  make('/connections', {
    name,
    wire,
    base_url: provider.baseUrl(wire),
    auth: { mode: 'header_token', token: sdkToken },
    ...further,
  });
const publish = (name: string, connection: string, model = 'gemini-3-flash') =>
  make('/endpoints', { name, raw_model: { connection, model } });

beforeAll(async () => {
  provider = await startSdkProvider();
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  for (const wire of wires) {
    await connect(nameOf(wire), wire);
    await publish(nameOf(wire), nameOf(wire));
    await publish(`${nameOf(wire)}-vectors`, nameOf(wire), 'amazon.titan-embed-text-v2:0');
  }
  const { body } = await make('/keys', { name: 'client', preset: 'platform-automation', raw_models: ['*'], agents: ['*'] });
  client = openai(app.baseUrl, body as { secret: string });
});
afterAll(async () => {
  await app.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(saying({ words: ['Hello ', 'there.'] })));

/** The chunks of a stream, until it ends or breaks. */
async function chunksOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function joined(chunks: readonly OpenAI.ChatCompletionChunk[], member: 'content' | 'reasoning_content'): string {
  return chunks.flatMap(({ choices }) => choices.map(({ delta }) => (delta as Fields)[member] ?? '')).join('');
}

describe.each(wires)('a connection of %s', (wire) => {
  const model = nameOf(wire);
  const ask = (further: object = {}) => client.chat.completions.create({ model, messages: hello, ...further });
  const stream = (further: object = {}) =>
    client.chat.completions.create({ model, messages: hello, stream: true, stream_options: { include_usage: true }, ...further });

  it('answers a chat, thoughts and usage too', async () => {
    provider.answerWith(saying({ thought: 'Hm.', words: ['Hello ', 'there.'] }));
    const { choices, model: told, usage: used } = await ask({ messages: [{ role: 'system', content: 'Be brief.' }, ...hello] });
    expect(choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'Hello there.', reasoning_content: 'Hm.' },
    });
    expect([told, used]).toMatchObject([model, usage]);
    const { headers, body } = provider.asked.at(-1) as SdkProvider['asked'][number];
    expect(headers).toMatchObject({ authorization: `Bearer ${sdkToken}`, 'user-agent': 'gt-api' });
    expect(headers['x-request-id']).toBeDefined();
    expect(JSON.stringify(body)).toMatch(/Be brief\..*Hello|Hello.*Be brief\./);
  });

  it('streams a chat', async () => {
    provider.answerWith(saying({ thought: 'Hm.', words: ['Hello ', 'there.'] }));
    const chunks = await chunksOf(await stream());
    expect([joined(chunks, 'reasoning_content'), joined(chunks, 'content')]).toEqual(['Hm.', 'Hello there.']);
    expect(chunks.filter(({ choices }) => choices[0]?.finish_reason === 'stop')).toHaveLength(1);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage, model });
  });

  it.each([false, true])('runs a loop of two tools, streamed: %s', async (streamed) => {
    const calls = [
      { id: 'callaaaaa', name: 'weather', input: { city: 'Ulm' } },
      { id: 'callbbbbb', name: 'weather', input: { city: 'Köln' } },
    ];
    provider.answerWith(saying({ calls }));
    const messages: OpenAI.ChatCompletionMessageParam[] = [...hello];
    const runner = streamed
      ? await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
      : await ask({ tools });
    const [choice] = runner.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    const made = choice?.message.tool_calls ?? [];
    expect(made.map((call) => (call.type === 'function' ? JSON.parse(call.function.arguments) : call))).toEqual(
      calls.map(({ input }) => input),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(2);
    if (wire !== 'sdk:vertex') expect(made.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
    messages.push(choice?.message as OpenAI.ChatCompletionMessage);
    for (const { id } of made) messages.push({ role: 'tool', tool_call_id: id, content: `sunny at ${id}` });
    provider.answerWith(saying({ words: ['It is sunny.'] }));
    expect((await ask({ messages, tools })).choices[0]?.message.content).toBe('It is sunny.');
    const told = JSON.stringify(provider.asked.at(-1)?.body);
    for (const { id } of made) expect(told).toContain(`sunny at ${id}`);
    expect(told).toContain('Ulm');
  });

  it('answers responses, streamed too', async () => {
    const response = await client.responses.create({ model, input: 'Hello', instructions: 'Be brief.' });
    expect([response.status, response.output_text]).toEqual(['completed', 'Hello there.']);
    const events: string[] = [];
    let text = '';
    for await (const event of await client.responses.create({ model, input: 'Hello', stream: true })) {
      events.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect([events[0], events.at(-1), text]).toEqual(['response.created', 'response.completed', 'Hello there.']);
  });

  it('gives vectors of texts', async () => {
    const input = wire === 'sdk:bedrock' ? 'a' : ['a', 'b'];
    const { data, usage: used } = await client.embeddings.create({ model: `${model}-vectors`, input });
    expect(data.map(({ embedding }) => embedding)).toEqual([...input].map(() => [0.5, -1]));
    expect(used.prompt_tokens).toBeGreaterThan(0);
  });

  it.each([
    [400, 400],
    [401, 502],
    [403, 502],
    [404, 502],
    [500, 502],
    [503, 502],
  ])('tells a provider’s %i as %i', async (status, told) => {
    provider.answerWith(refusing(status, 'The model gemini-3-flash at https://host.example has failed.'));
    for (const streamed of [false, true]) {
      const error: unknown = await (streamed ? stream() : ask()).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ status: told });
      const message = (error as Error).message;
      expect(message).not.toContain('host.example');
      if (status === 400) expect(message).toContain(`The model ${model} at [removed]`);
    }
  });

  it('passes on a limit of the provider with the time to wait', async () => {
    provider.answerWith(refusing(429, 'Too fast.', { 'retry-after': '7' }));
    const error: unknown = await ask().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(error instanceof OpenAI.APIError && (error.headers as Headers).get('retry-after')).toBe('7');
  });

  it.each(['ends', 'breaks'])('fails a stream that %s before the answer is whole', async (how) => {
    provider.answerWith((_asked, response) => {
      const { streamType, events } = sayingWires[wire];
      response.writeHead(200, { 'content-type': streamType });
      for (const event of events({ words: ['Hello ', 'there.'] }).said) response.write(event);
      if (how === 'ends') response.end();
      else response.write('', () => response.destroy());
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const reading = async (): Promise<void> => {
      for await (const chunk of await stream()) chunks.push(chunk);
    };
    await expect(reading()).rejects.toThrow(/model provider/);
    expect(chunks.every(({ choices }) => choices.every(({ finish_reason: reason }) => reason === null))).toBe(true);
  });

  it('stops the provider when the client leaves', async () => {
    let closed = false;
    provider.answerWith((_asked, response) => {
      const { streamType, events } = sayingWires[wire];
      response.on('close', () => (closed = true)).writeHead(200, { 'content-type': streamType });
      for (const event of events({ words: ['Hello ', 'there.'] }).said) response.write(event);
    });
    for await (const chunk of await stream()) if (chunk.choices[0]?.delta.content !== undefined) break;
    await until('the provider is left', () => closed);
  });

  it('refuses what it cannot say, and names what it has left out', async () => {
    await expect(ask({ n: 2 })).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'n' });
    const image = { type: 'image_url', image_url: { url: 'http://images.example/a.png' } };
    if (wire !== 'sdk:vertex' && wire !== 'sdk:cohere')
      await expect(ask({ messages: [{ role: 'user', content: [image] }] })).rejects.toMatchObject({
        status: 400,
        code: 'unsupported_parameter',
        param: 'messages',
      });
    const { response } = await client.chat.completions
      .create({ model, messages: hello, user: 'u', seed: 1, presence_penalty: 1, store: false, ...{ top_k: 3 } })
      .withResponse();
    const leftOut = (response.headers.get('x-gt-parameters-left-out') ?? '').split(', ');
    expect(leftOut).toContain('user');
    if (wire === 'sdk:bedrock') expect(leftOut).toEqual(['user', 'presence_penalty', 'seed']);
    if (wire === 'sdk:mistral') expect(leftOut).toEqual(['user', 'top_k']);
  });
});

describe('a connection over a package', () => {
  it('signs the calls of AWS, and never sends what signs them', async () => {
    await connect('signed', 'sdk:bedrock', { auth: { mode: 'header_token', token: awsKeys } });
    await publish('signed', 'signed', 'amazon.nova-lite-v1:0');
    const answer = await client.chat.completions.create({ model: 'signed', messages: hello });
    expect(answer.choices[0]?.message.content).toBe('Hello there.');
    const { headers } = provider.asked.at(-1) as SdkProvider['asked'][number];
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request, /,
    );
    expect(JSON.stringify(headers)).not.toContain('wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY');
  });

  it.each([false, true])('tells and records what was read from a cache and written to it, streamed: %s', async (streamed) => {
    const { body } = await make('/keys', { name: `of-cache-${streamed}`, preset: 'platform-automation', raw_models: ['*'] });
    const key = body as { readonly id: string; readonly secret: string };
    const { completions } = openai(app.baseUrl, key).chat;
    const asked = { model: 'sdk-bedrock', messages: hello };
    const told = streamed
      ? (await chunksOf(await completions.create({ ...asked, stream: true, stream_options: { include_usage: true } }))).at(-1)
      : await completions.create(asked);
    expect(told?.usage).toMatchObject({ ...usage, prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 3 } });
    const records = await until('the call is visible', async () => {
      const reply = await app.admin('GET', `/usage?tenant=acme&key=${key.id}`);
      const { data } = adminUsageList.parse(reply.body);
      return data.length > 0 && data;
    });
    expect(records).toMatchObject([{ input_tokens: 11, cached_input_tokens: 2, cache_write_tokens: 3, output_tokens: 7 }]);
  });

  it('takes the token of the connection alone, and none of the environment', async () => {
    const names = ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_SESSION_TOKEN', 'MISTRAL_API_KEY', 'COHERE_API_KEY', 'GOOGLE_VERTEX_API_KEY'];
    const before = names.map((name) => process.env[name]);
    try {
      for (const name of names) process.env[name] = 'of-the-operator';
      for (const model of [...wires.map(nameOf), 'signed']) await client.chat.completions.create({ model, messages: hello });
      const sent = provider.asked.slice(-wires.length - 1).map(({ headers }) => JSON.stringify(headers));
      expect(sent.filter((headers) => headers.includes('of-the-operator'))).toEqual([]);
    } finally {
      for (const [at, name] of names.entries()) {
        if (before[at] === undefined) delete process.env[name];
        else process.env[name] = before[at];
      }
    }
  });

  it('signs in with an API key of Google where it names that header', async () => {
    const auth = { mode: 'header_token', token: 'AIza-key', header: 'x-goog-api-key', prefix: '' };
    await connect('express', 'sdk:vertex', { auth });
    await publish('express', 'express');
    await client.chat.completions.create({ model: 'express', messages: hello });
    const { headers } = provider.asked.at(-1) as SdkProvider['asked'][number];
    expect([headers['x-goog-api-key'], headers.authorization]).toEqual(['AIza-key', undefined]);
    provider.answerWith(refusing(400, 'API key not valid. Please pass a valid API key.'));
    await expect(client.chat.completions.create({ model: 'express', messages: hello })).rejects.toMatchObject({ status: 502 });
  });

  it.each([
    [{ base_url: 'http://10.0.0.1/v1' }, 'base_url'],
    [{ base_url: 'http://169.254.169.254/latest' }, 'base_url'],
    [{ base_url: 'http://[::1]:8080/v1' }, 'base_url'],
    [{ auth: { mode: 'none' } }, 'auth'],
    [{ paths: { chat: '/other' } }, 'paths'],
  ])('is not saved with %j', async (further, param) => {
    const { status, body } = await connect('wrong', 'sdk:mistral', further);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  it('is tried by its list of models, where it has one', async () => {
    const test = async (name: string) => {
      const { body } = await app.admin('GET', `/connections?tenant=acme&name=${name}`);
      return (await app.admin('POST', `/connections/${body.data[0].id}/test?tenant=acme`, { tenant: 'acme' })).body;
    };
    expect(await test('sdk-mistral')).toMatchObject({ ok: true, status: 200 });
    const asked = provider.asked.length;
    expect(await test('signed')).toMatchObject({ ok: false, status: null, error: { code: 'unsupported_modality' } });
    expect(provider.asked).toHaveLength(asked);
  });

  it('serves nothing but chats and vectors', async () => {
    const { status, body } = await make('/endpoints', {
      name: 'speaker',
      raw_model: { connection: 'sdk-mistral', model: 'm', modalities: ['speech'] },
    });
    expect([status, body.error.code]).toEqual([400, 'invalid_value']);
  });
});

describe('a connection that was saved before its address became private', () => {
  it('is not called', async () => {
    const strict = await startApp({
      databaseUrl: app.databaseUrl,
      settings: { GT_ALLOW_PRIVATE_UPSTREAMS: 'false' },
    });
    try {
      const { body } = await make('/keys', { name: 'other', preset: 'platform-automation', raw_models: ['*'] });
      const asked = provider.asked.length;
      const other = openai(strict.baseUrl, body as { secret: string });
      for (const wire of wires)
        await expect(other.chat.completions.create({ model: nameOf(wire), messages: hello })).rejects.toMatchObject({
          status: 502,
          code: 'upstream_unavailable',
        });
      expect(provider.asked).toHaveLength(asked);
    } finally {
      await strict.close();
    }
  });
});
