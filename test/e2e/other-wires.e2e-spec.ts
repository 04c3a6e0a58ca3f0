import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startAnthropicProvider, type AnthropicProvider } from '../support/anthropic-provider.js';
import { startApp, type TestApp } from '../support/app.js';
import { startGeminiProvider, type GeminiProvider } from '../support/gemini-provider.js';
import { openai } from '../support/relay.js';

/** Connections of wires that are not OpenAI's, as an admin makes them and a client uses them. */
let app: TestApp;
let anthropic: AnthropicProvider;
let gemini: GeminiProvider;
let client: OpenAI;

const auth = { mode: 'header_token', token: 'provider-key' };
const make = (path: string, body: object) => app.admin('POST', path, { tenant: 'acme', ...body });

beforeAll(async () => {
  anthropic = await startAnthropicProvider();
  gemini = await startGeminiProvider();
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  for (const [name, url, model] of [
    ['anthropic', anthropic.url, 'claude'],
    ['gemini', gemini.url, 'gemini-2.5-flash'],
  ] as const) {
    await make('/connections', { name, base_url: url, wire: name, auth });
    await make('/endpoints', { name: `raw-${name}`, raw_model: { connection: name, model } });
  }
  const { body } = await make('/keys', { name: 'client', preset: 'platform-automation', raw_models: ['*'] });
  client = openai(app.baseUrl, body as { secret: string });
});
afterAll(async () => {
  await app.close();
  await anthropic.close();
  await gemini.close();
});

const hello = [{ role: 'user' as const, content: 'Hello' }];

describe.each(['anthropic', 'gemini'])('a provider that speaks %s', (wire) => {
  const model = `raw-${wire}`;

  it('answers a chat, streamed and in one piece', async () => {
    const whole = await client.chat.completions.create({ model, messages: hello });
    expect(whole).toMatchObject({ object: 'chat.completion', model, choices: [{ message: { content: 'Hello.' } }] });
    expect(whole.usage?.total_tokens).toBeGreaterThan(0);
    const stream = await client.chat.completions.create({ model, messages: hello, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Hello.');
  });

  it('answers a response that goes on from another', async () => {
    const first = await client.responses.create({ model, input: 'Hello' });
    const next = await client.responses.create({ model, input: 'And again', previous_response_id: first.id });
    expect([first.output_text, next.output_text]).toEqual(['Hello.', 'Hello.']);
  });

  it('answers a legacy completion', async () => {
    const { choices } = await client.completions.create({ model, prompt: 'Hello' });
    expect(choices[0]?.text).toBe('Hello.');
  });

  it('is not asked for what its wire cannot say, and hints are named', async () => {
    await expect(client.chat.completions.create({ model, messages: hello, n: 2 })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'n',
    });
    const { response } = await client.chat.completions.create({ model, messages: hello, service_tier: 'flex' }).withResponse();
    expect(response.headers.get('x-gt-parameters-left-out')).toBe('service_tier');
  });

  it('is shown with the header of its wire, and serves no more than that', async () => {
    const { body } = await app.admin('GET', `/connections?tenant=acme&name=${wire}`);
    const [connection] = (body as { data: { auth: object }[] }).data;
    expect(connection?.auth).toEqual({
      mode: 'header_token',
      header: wire === 'gemini' ? 'x-goog-api-key' : 'x-api-key',
      prefix: '',
      secret_set: true,
      tokens: 1,
    });
    const image = { image: { connection: wire, model: 'x' } };
    expect(await make('/agents', { name: `painter-${wire}`, models: image })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_value', param: 'models.image.connection' } },
    });
    const raw = { connection: wire, model: 'x', modalities: ['speech'] };
    expect(await make('/endpoints', { name: `speaker-${wire}`, raw_model: raw })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_value', param: 'raw_model.connection' } },
    });
  });
});

it('embeds texts over Gemini, and nothing over Anthropic', async () => {
  const dataset = { alias: 'books', embedding: { connection: 'anthropic', model: 'x' } };
  expect(await make('/datasets', dataset)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_value', param: 'embedding.connection' } },
  });
  gemini.answerWith((asked, response) => {
    const requests = asked.body['requests'] as object[];
    const embeddings = requests.map((_one, at) => ({ values: [at, 0.5] }));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ embeddings }));
  });
  const { data } = await client.embeddings.create({
    model: 'raw-gemini',
    input: ['one', 'two'],
    encoding_format: 'float',
  });
  expect(data.map(({ embedding }) => embedding)).toEqual([
    [0, 0.5],
    [1, 0.5],
  ]);
  await expect(client.embeddings.create({ model: 'raw-anthropic', input: 'one' })).rejects.toMatchObject({
    status: 400,
    code: 'unsupported_modality',
  });
});
