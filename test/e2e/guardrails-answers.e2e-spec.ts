import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { databaseText } from '../support/database-text.js';
import { keyedPost, newKey } from '../support/idempotency.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import {
  defaultAnswer,
  reply,
  startRecordingProvider,
  type Answer,
  type RecordingProvider,
} from '../support/recording-provider.js';
import { dataLines, openai, post, user } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { chunkEvent, openStream } from '../support/scripted-provider.js';

const mail = 'alice.liddell@example.com';
const secret = 'nightjar';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('guarded', provider.url);
  await platform.factory.wire(tenant, 'chat');
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(defaultAnswer));

const keyWith = (...guardrails: object[]): Promise<SeededKey> => platform.factory.key(tenant, { promptPolicy: { guardrails } });
const clientWith = async (...guardrails: object[]): Promise<OpenAI> => openai(platform.app.baseUrl, await keyWith(...guardrails));

/** Says this, a few characters in each event. */
const inPieces =
  (text: (asked: string) => string, size = 3): Answer =>
  (body, response) => {
    const asked = String(body.messages.at(-1)?.content);
    if (body.stream !== true) return reply(response, body, { content: text(asked) });
    openStream(response);
    const said = text(asked);
    for (let at = 0; at < said.length; at += size) response.write(chunkEvent({ content: said.slice(at, at + size) }));
    response.write(chunkEvent({}, 'stop'));
    response.end('data: [DONE]\n\n');
  };

async function streamed(client: OpenAI, content: string): Promise<string> {
  const stream = await client.chat.completions.create({ model: 'assistant', messages: [user(content)], stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

describe('values that are put back', () => {
  const restore = { module: 'pii', action: 'mask', restore: true };

  it('stand in what the client gets, whole and in deltas of any size, and nowhere else', async () => {
    const client = await clientWith(restore);
    const request = { model: 'assistant', messages: [user(`Mail ${mail}!`)] };
    const plain = await client.chat.completions.create({ ...request, store: true });
    expect(plain.choices[0]?.message.content).toBe(`Answer to Mail ${mail}!`);
    for (const size of [1, 2, 5, 50]) {
      provider.answerWith(inPieces((asked) => `To ${asked} [not one] [EMA`, size));
      expect(await streamed(client, `Mail ${mail}!`)).toBe(`To Mail ${mail}! [not one] [EMA`);
    }
    expect(JSON.stringify(provider.bodies)).not.toContain(mail);
    expect(await databaseText(platform)).not.toContain(mail);
    expect((await client.chat.completions.retrieve(plain.id)).choices[0]?.message.content).toMatch(/^Answer to Mail \[EMAIL_/);
  });

  it('stand in responses, over HTTP and a socket, and are not kept with them', async () => {
    const key = await keyWith(restore);
    const client = openai(platform.app.baseUrl, key);
    provider.answerWith(inPieces((asked) => `To ${asked}`));
    const made = await client.responses.create({ model: 'assistant', input: `Mail ${mail}!`, instructions: `For ${mail}` });
    expect([made.output_text, made.instructions]).toEqual([`To Mail ${mail}!`, `For ${mail}`]);
    let text = '';
    let numbers: number[] = [];
    for await (const event of await client.responses.create({ model: 'assistant', input: `Mail ${mail}!`, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed')
        expect(event.response.output_text ?? JSON.stringify(event.response.output)).toContain(mail);
      numbers = [...numbers, event.sequence_number];
    }
    expect(text).toBe(`To Mail ${mail}!`);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const socket = await openSocket(platform.app.baseUrl, key.secret);
    expect(JSON.stringify((await socket.ask({ input: `Mail ${mail}!`, store: false })).at(-1))).toContain(`To Mail ${mail}!`);
    socket.close();
    expect((await client.responses.retrieve(made.id)).output_text).toMatch(/^To Mail \[EMAIL_/);
    expect(await databaseText(platform)).not.toContain(mail);
  });

  it('stand in arguments of tool calls', async () => {
    const client = await clientWith(restore);
    provider.answerWith((body, response) => {
      const [, placeholder = ''] = /(\[EMAIL_\w+\])/.exec(JSON.stringify(body.messages)) ?? [];
      const args = JSON.stringify({ to: placeholder });
      openStream(response);
      const call = (further: object) => chunkEvent({ tool_calls: [{ index: 0, ...further }] });
      response.write(call({ id: 'call_1', type: 'function', function: { name: 'send', arguments: '' } }));
      for (const character of args) response.write(call({ function: { arguments: character } }));
      response.write(chunkEvent({}, 'tool_calls'));
      response.end('data: [DONE]\n\n');
    });
    const request = { model: 'assistant', messages: [user(mail)], stream: true as const };
    let args = '';
    for await (const chunk of await client.chat.completions.create(request))
      args += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    expect(JSON.parse(args)).toEqual({ to: mail });
  });

  it('are not written down for repeats', async () => {
    const key = await keyWith(restore);
    for (const stream of [false, true]) {
      const body = { model: 'assistant', messages: [user(`Mail ${mail}!`)], stream };
      const call = { url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, key: newKey(), body };
      expect((await keyedPost(call)).text).toContain(mail);
      const again = await keyedPost(call);
      expect([again.replayed, again.text.includes('[EMAIL_'), again.text.includes(mail)]).toEqual([true, true, false]);
    }
    expect(await databaseText(platform)).not.toContain(mail);
  });
});

describe('what the model says', () => {
  it('is masked before it is kept and sent, whole and in pieces', async () => {
    const client = await clientWith({ module: 'pii', action: 'mask', on: 'output' });
    provider.answerWith(inPieces(() => `Write to ${mail}, or not.`));
    const whole = await client.chat.completions.create({
      model: 'assistant',
      messages: [user('hi')],
      store: true,
      logprobs: true,
    });
    expect(whole.choices[0]?.message.content).toMatch(/^Write to \[EMAIL_\w{6}\], or not\.$/);
    expect(await streamed(client, 'hi')).toBe(whole.choices[0]?.message.content);
    const made = await client.responses.create({ model: 'assistant', input: 'hi' });
    expect(made.output_text).toBe(whole.choices[0]?.message.content);
    expect(await databaseText(platform)).not.toContain(mail);
    expect(provider.bodies.at(-1)?.messages.at(-1)?.content).toBe('hi');
  });

  it('is refused for a term, and nothing of it is kept', async () => {
    const client = await clientWith({ module: 'blocked_terms', terms: [secret], on: 'output' });
    provider.answerWith(inPieces(() => `It is called ${secret}.`));
    const request = { model: 'assistant', messages: [user(secret)] };
    const refusal = { code: 'content_policy', status: 400, message: expect.stringContaining('The answer was refused') };
    await expect(client.chat.completions.create({ ...request, store: true })).rejects.toMatchObject(refusal);
    await expect(client.responses.create({ model: 'assistant', input: secret })).rejects.toMatchObject(refusal);
    expect((await client.chat.completions.list()).data).toEqual([]);
  });

  it('is streamed until a term comes, and ends with the refusal before any of the term is out', async () => {
    const key = await keyWith({ module: 'blocked_terms', terms: [secret], on: 'both' });
    const before = 'a long and harmless beginning '.repeat(20);
    provider.answerWith(inPieces(() => `${before}${secret} and more`, 7));
    const body = { model: 'assistant', messages: [user('hi')], stream: true };
    const answer = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body });
    const lines = dataLines(await answer.text()).map((line) => JSON.parse(line));
    const text = lines.map((line) => line.choices?.[0]?.delta?.content ?? '').join('');
    expect(before.startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(before.length - 250);
    expect(lines.at(-1)).toMatchObject({ error: { code: 'content_policy' } });
    const socket = await openSocket(platform.app.baseUrl, key.secret);
    const events = await socket.ask({ input: 'hi', store: false });
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { error: { message: expect.stringContaining('content policy') } },
    });
    expect(JSON.stringify(events)).not.toContain(secret);
    socket.close();
  });

  it('passes unchanged where nothing is found, to the last character', async () => {
    const client = await clientWith(
      { module: 'pii', action: 'block', on: 'output' },
      { module: 'blocked_terms', terms: [secret], on: 'output' },
    );
    for (const text of ['x', 'short answer', 'A longer answer, in many words. '.repeat(30)]) {
      provider.answerWith(inPieces(() => text, 5));
      expect(await streamed(client, 'hi')).toBe(text);
      expect((await client.responses.create({ model: 'assistant', input: 'hi' })).output_text).toBe(text);
      let deltas = '';
      for await (const event of await client.responses.create({ model: 'assistant', input: 'hi', stream: true }))
        if (event.type === 'response.output_text.delta') deltas += event.delta;
      expect(deltas).toBe(text);
    }
  });
});
