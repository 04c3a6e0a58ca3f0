import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { message, providerResponse } from '../support/responses-provider.js';
import { post } from '../support/relay.js';
import { until } from '../support/until.js';

const items = 10_000;
const input = Array.from({ length: items }, (_none, at) => ({
  role: at % 2 === 0 ? 'user' : 'assistant',
  content: `Item ${at}.`,
}));

let platform: TestPlatform;
let provider: RecordingProvider;
let key: SeededKey;
let otherKey: SeededKey;
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  key = await platform.factory.key(await platform.factory.tenant('talkative', provider.url));
  otherKey = await platform.factory.key(await platform.factory.tenant('other', provider.url));
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const whole = JSON.stringify(providerResponse([message('Done.')]));
const answer = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(whole);

async function ask(secret: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  const url = `${platform.app.baseUrl}/responses`;
  const reply = await post({ url, secret, body: { model: 'assistant', ...body }, headers });
  expect([reply.status, await reply.text()]).toEqual([200, expect.any(String)]);
}

describe(`${items} items of one request`, () => {
  it.each([
    ['kept with their response', {}],
    ['put into a conversation', { 'x-gt-conversation-id': 'a-long-one' }],
  ])("are written while another tenant's calls are answered, %s", async (_how, headers) => {
    let held: ServerResponse | undefined;
    provider.answerWith((_body, response) => void (held = response));
    let isOver = false;
    const long = ask(key.secret, { input }, headers).finally(() => (isOver = true));
    await until('the provider was asked', () => held !== undefined);
    provider.answerWith((_body, response) => answer(response));
    // From here on nothing is left but to keep the answer.
    answer(held as unknown as ServerResponse);
    let answered = 0;
    while (!isOver) {
      await ask(otherKey.secret, { input: 'Hello.', store: false });
      answered += 1;
    }
    await long;
    expect(answered).toBeGreaterThan(5);
  });

  it('reach a provider of chat as messages, and what cannot be said in chat is refused', async () => {
    const tenant = await platform.factory.tenant('chatting', provider.url);
    await platform.factory.wire(tenant, 'chat');
    const { secret } = await platform.factory.key(tenant);
    const said = { role: 'assistant', content: 'Done.' };
    const choices = [{ index: 0, message: said, finish_reason: 'stop' }];
    const reply = JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices });
    provider.answerWith((_body, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(reply));
    await ask(secret, { input, store: false });
    const messages = provider.bodies.at(-1)?.['messages'] as { readonly role: string }[];
    expect(messages.filter(({ role }) => role !== 'system')).toEqual(input);
    const uncalled = [...input, { type: 'function_call_output', call_id: 'none', output: '1' }];
    const url = `${platform.app.baseUrl}/responses`;
    const refused = await post({ url, secret, body: { model: 'assistant', input: uncalled, store: false } });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'invalid_value', param: 'input' } }]);
  });

  it('that the platform cannot read reach a provider of Responses like few of them, where nothing is kept', async () => {
    provider.answerWith((_body, response) => answer(response));
    const unknown = { type: 'made_up_item', words: 'Hello.' };
    for (const count of [1, items]) {
      await ask(key.secret, { input: Array.from({ length: count }, () => unknown), store: false });
      expect(provider.bodies.at(-1)?.['input']).toEqual(Array.from({ length: count }, () => unknown));
    }
  });
});
