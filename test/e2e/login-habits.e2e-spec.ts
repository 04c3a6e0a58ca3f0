import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { signInAt } from '../support/login-provider.js';
import { openai, user } from '../support/relay.js';
import { strictResponses } from '../support/strict-responses.js';
import { until } from '../support/until.js';

let platform: LoginPlatform;
let client: OpenAI;
let id: string;

const habits = {
  instructions: 'You are a helpful assistant.',
  no_length: true,
  stream_only: true,
  no_store: true,
  claim_headers: [{ header: 'chatgpt-account-id', token: 'id_token', path: ['https://login.example/auth', 'account_id'] }],
  models: ['big', 'small'],
};

/** From the description of a provider to a login, as an operator does it. */
async function logInto(name: string, more: object): Promise<string> {
  const { provider, app } = platform;
  const auth = {
    grant: 'authorization_code',
    client_secret: null,
    authorization_endpoint: `${provider.url}/authorize`,
    scopes: ['openid', 'offline_access'],
  };
  const connection = await platform.connect(name, auth, more);
  const admin = (path: string, body: object) =>
    app.admin('POST', `/connections/${connection}${path}`, { tenant: 'acme', ...body });
  const begun = await admin('/login', {});
  const callback = await signInAt(begun.body.authorization_url as string);
  const done = await admin('/login/complete', { attempt: begun.body.attempt, callback_url: callback });
  expect(done.body.status).toBe('complete');
  return connection;
}

beforeAll(async () => {
  platform = await startLoginPlatform({}, strictResponses);
  const { provider, app } = platform;
  provider.rules.clientSecret = null;
  id = await logInto('strict', { base_url: `${provider.url}/backend-api/codex`, wire: 'responses', habits });
  client = openai(app.baseUrl, platform.key);
  await until('calls sign in', () => client.responses.create({ model: 'strict', input: 'hi' }));
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.provider.calls.length = 0;
});

const lastBody = () => JSON.parse(platform.provider.calls.at(-1)?.text ?? '{}') as Record<string, unknown>;

describe('a provider with habits of its own', () => {
  it('answers a response, plain', async () => {
    const response = await client.responses.create({ model: 'strict', input: 'hi', max_output_tokens: 50, store: true });
    expect([response.status, response.output_text]).toEqual(['completed', 'Told: You are a helpful assistant.']);
    expect([response.model, response.usage?.total_tokens]).toEqual(['strict', 12]);
    expect(lastBody()).toMatchObject({ store: false, stream: true, instructions: 'You are a helpful assistant.' });
  });

  it('answers a response, streamed', async () => {
    const stream = await client.responses.create({ model: 'strict', input: 'hi', instructions: ' \n', stream: true });
    let text = '';
    let last = '';
    for await (const event of stream) {
      last = event.type;
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect([text, last]).toEqual(['Told: You are a helpful assistant.', 'response.completed']);
  });

  it.each(['max_tokens', 'max_completion_tokens'])('answers a chat, plain, without %s', async (name) => {
    const chat = await client.chat.completions.create({ model: 'strict', messages: [user('hi')], [name]: 50 }).withResponse();
    expect(chat.data.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'Told: You are a helpful assistant.' },
    });
    expect(chat.data.usage?.total_tokens).toBe(12);
    expect(chat.response.headers.get('x-gt-parameters-left-out')).toContain(name);
  });

  it('answers a chat, streamed', async () => {
    const stream = await client.chat.completions.create({ model: 'strict', messages: [user('hi')], stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Told: You are a helpful assistant.');
  });

  it('is told the instructions of a caller who has some', async () => {
    const response = await client.responses.create({ model: 'strict', input: 'hi', instructions: 'Be brief.' });
    expect(response.output_text).toBe('Told: Be brief.');
  });

  it('goes on with its account after a renewal that gives no new id token', async () => {
    platform.provider.revokeAccess();
    const response = await client.responses.create({ model: 'strict', input: 'hi' });
    expect(response.output_text).toContain('helpful');
    expect(platform.provider.countOf('refresh_token')).toBe(1);
  });

  it('shows the models that were named for it, and is tried without a list', async () => {
    const models = await platform.app.admin('GET', `/connections/${id}/models?tenant=acme`);
    expect(models.body.data.map((model: { id: string }) => model.id)).toEqual(['big', 'small']);
    const tried = await platform.app.admin('POST', `/connections/${id}/test?tenant=acme`, {});
    expect(tried.body).toMatchObject({ ok: true, status: null, error: null });
    expect(platform.provider.calls).toHaveLength(0);
  });

  it('is shown as it was described', async () => {
    expect((await platform.shown(id)).habits).toEqual(habits);
    const changed = await platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', habits: { no_length: true } });
    expect(changed.body.habits).toEqual(habits);
  });
});

describe('a provider of chat that only streams', () => {
  it('answers a plain chat with its usage, and a response over chat', async () => {
    await logInto('chatty', { base_url: `${platform.provider.url}/streaming`, wire: 'chat', habits: { stream_only: true } });
    const chat = await until('calls sign in', () => client.chat.completions.create({ model: 'chatty', messages: [user('hi')] }));
    expect(chat).toMatchObject({
      object: 'chat.completion',
      model: 'chatty',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello there.' } }],
      usage: { total_tokens: 7 },
    });
    const response = await client.responses.create({ model: 'chatty', input: 'hi' });
    expect([response.output_text, response.usage?.total_tokens]).toEqual(['Hello there.', 7]);
    const stream = await client.chat.completions.create({ model: 'chatty', messages: [user('hi')], stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Hello there.');
  });
});
