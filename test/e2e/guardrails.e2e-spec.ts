import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { defaultAnswer, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { keyedPost } from '../support/idempotency.js';
import { openai, post, until, user } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { databaseText } from '../support/database-text.js';

const mail = 'alice.liddell@example.com';
const office = 'office@example.org';
const phone = '+49 30 7654321';
const iban = 'DE89 3704 0044 0532 0130 00';
const card = '4111 1111 1111 1111';
const values = [mail, phone, iban, card];
const question = `Mail ${mail}, call ${phone}, pay to ${iban} with ${card}.`;
const masked = /^Mail \[EMAIL_\w{6}\], call \[PHONE_\w{6}\], pay to \[IBAN_\w{6}\] with \[CARD_\w{6}\]\.$/;
const mask = { module: 'pii', action: 'mask' };

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('guarded', provider.url, { instructions: `Write to ${office}.` });
  await platform.factory.wire(tenant, 'chat');
  key = await keyWith(mask);
  client = openai(platform.app.baseUrl, key);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(defaultAnswer));

const keyWith = (...guardrails: object[]): Promise<SeededKey> => platform.factory.key(tenant, { promptPolicy: { guardrails } });

/** What the model was asked last, without the agent's own instructions. */
const asked = (): string => JSON.stringify(provider.bodies.at(-1)?.messages.slice(1));

/** Nothing of the values has reached the provider, nor stands anywhere in the database. */
async function expectNowhere(): Promise<void> {
  const all = [...provider.bodies.map(({ messages }) => JSON.stringify(messages.slice(1))), await databaseText(platform)];
  for (const value of values) for (const text of all) expect(text).not.toContain(value);
}

describe('personal data that is masked', () => {
  it('reaches the model as placeholders, and its answer speaks of them', async () => {
    const answer = await client.chat.completions.create({ model: 'assistant', messages: [user(question)] });
    expect(String(provider.bodies.at(-1)?.messages.at(-1)?.content)).toMatch(masked);
    expect(answer.choices[0]?.message.content).toMatch(/^Answer to Mail \[EMAIL_/);
  });

  it('leaves all else of the body as it was written, and the instructions of the agent alone', async () => {
    const body = `{"model":"assistant", "top_p":1.0,"messages":[{"role":"user","content":"Hi ${mail}"}],"seed":12345678901234567890}`;
    await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body });
    const sent = provider.texts.at(-1) ?? '';
    expect(sent).toContain('"top_p":1.0,"messages":[');
    expect(sent).toContain('"seed":12345678901234567890}');
    expect(sent).toContain(`Write to ${office}.`);
    expect(asked()).toMatch(/Hi \[EMAIL_\w{6}\]/);
  });

  it('has the same placeholder in every call of a key, and another one under another key', async () => {
    const tag = async (through: OpenAI): Promise<string> => {
      await through.chat.completions.create({ model: 'assistant', messages: [user(mail)] });
      return String(provider.bodies.at(-1)?.messages.at(-1)?.content);
    };
    const first = await tag(client);
    expect(await tag(client)).toBe(first);
    expect(await tag(openai(platform.app.baseUrl, await keyWith(mask)))).not.toBe(first);
  });

  it('is kept nowhere: not with responses, their chains, conversations, stored completions and repeats', async () => {
    const first = await client.responses.create({ model: 'assistant', input: question, instructions: question });
    await client.responses.create({ model: 'assistant', input: 'And?', previous_response_id: first.id });
    expect(asked()).toContain('[EMAIL_');
    const items = await client.responses.inputItems.list(first.id);
    expect(JSON.stringify(items.data)).toContain('[EMAIL_');
    const { id } = await client.conversations.create({});
    await client.responses.create({ model: 'assistant', input: [{ role: 'user', content: question }], conversation: id });
    const headers = { 'x-gt-conversation-id': id };
    await client.chat.completions.create({ model: 'assistant', messages: [user(question)], store: true }, { headers });
    const body = { model: 'assistant', messages: [user(question)] };
    const repeatable = { url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body };
    expect((await keyedPost(repeatable)).status).toBe(200);
    await expectNowhere();
  });

  it('is masked in streams, sockets and compactions, and where nothing is sent', async () => {
    const stream = await client.responses.create({ model: 'assistant', input: question, stream: true });
    for await (const event of stream) expect(JSON.stringify(event)).not.toContain(mail);
    const socket = await openSocket(platform.app.baseUrl, key.secret);
    const events = await socket.ask({ input: question, store: false });
    const { id } = events.at(-1).response;
    await socket.ask({ input: `And ${mail}?`, previous_response_id: id, store: false });
    expect(asked()).toMatch(/And \[EMAIL_\w{6}\]\?/);
    socket.close();
    await client.responses.compact({ model: 'assistant', input: question });
    const counted = await client.responses.inputTokens.count({ model: 'assistant', input: question });
    expect(counted.input_tokens).toBeGreaterThan(0);
    await expectNowhere();
  });

  it('is masked in items that are put into a conversation, which a term keeps out', async () => {
    const item = { type: 'message' as const, role: 'user' as const, content: question };
    const { id } = await client.conversations.create({ items: [item] });
    await client.conversations.items.create(id, { items: [item] });
    await client.responses.create({ model: 'assistant', input: 'Who?', conversation: id });
    expect(asked().split('[EMAIL_')).toHaveLength(3);
    await expectNowhere();
    const blocking = openai(platform.app.baseUrl, await keyWith({ module: 'blocked_terms', terms: ['plum'] }));
    const plum = { ...item, content: 'a plum' };
    await expect(blocking.conversations.create({ items: [plum] })).rejects.toMatchObject({ code: 'content_policy' });
    const empty = await blocking.conversations.create({});
    await expect(blocking.conversations.items.create(empty.id, { items: [plum] })).rejects.toMatchObject({ status: 400 });
  });

  it('is masked before a first summary is made of it', async () => {
    const long = `${question} ${'plum pear fig '.repeat(400)}`;
    const input = [
      { role: 'user' as const, content: long },
      { role: 'assistant' as const, content: 'Noted.' },
      { role: 'user' as const, content: 'Go on.' },
    ];
    const before = provider.bodies.length;
    await client.responses.create({
      model: 'assistant',
      input,
      context_management: [{ type: 'compaction', compact_threshold: 1000 }],
    });
    expect(provider.bodies.length - before).toBe(2);
    await expectNowhere();
  });

  it('is masked in what a worker makes later', async () => {
    const made = await client.responses.create({ model: 'assistant', input: question, background: true });
    await until('the response has been taken in', async () => (await client.responses.retrieve(made.id)).status !== null);
    await expectNowhere();
  });
});

describe('a policy', () => {
  it('is obeyed as it is when the call goes out', async () => {
    const changing = await keyWith({ module: 'blocked_terms', terms: ['plum'] });
    const say = async (text: string): Promise<number> => {
      const body = { model: 'assistant', messages: [user(text)] };
      return (await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: changing.secret, body })).status;
    };
    expect([await say('a plum'), await say('a pear')]).toEqual([400, 200]);
    const promptPolicy = { guardrails: [{ module: 'blocked_terms', terms: ['pear'] }] };
    await platform.factory.run((tx) => tx.key.updateMany({ where: { id: changing.id }, data: { promptPolicy } }));
    await until('the change is heard', async () => (await say('a plum')) === 200);
    expect(await say('a pear')).toBe(400);
  });

  it('counts tokens where there may be too many of them', async () => {
    const limited = openai(platform.app.baseUrl, await keyWith({ module: 'max_input_tokens', tokens: 50 }));
    const words = (count: number) => ({ model: 'assistant', messages: [user('plum '.repeat(count))] });
    await limited.chat.completions.create(words(40));
    await expect(limited.chat.completions.create(words(60))).rejects.toMatchObject({ code: 'content_policy' });
    const ids = { model: 'assistant', input: Array.from({ length: 51 }, (_none, at) => at) };
    await expect(limited.embeddings.create(ids)).rejects.toMatchObject({ code: 'content_policy' });
  });

  it('is told as an event on a socket, which stays open', async () => {
    const blocking = await keyWith({ module: 'blocked_terms', terms: ['plum'] });
    const socket = await openSocket(platform.app.baseUrl, blocking.secret);
    expect(await socket.ask({ input: 'a plum' })).toMatchObject([{ type: 'error', error: { code: 'content_policy' } }]);
    expect((await socket.ask({ input: 'a pear' })).at(-1)).toMatchObject({ type: 'response.completed' });
    socket.close();
  });
});
