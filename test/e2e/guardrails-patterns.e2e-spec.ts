import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { databaseText } from '../support/database-text.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { defaultAnswer, reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, user } from '../support/relay.js';
import { chunkEvent, openStream } from '../support/scripted-provider.js';

const employee = { name: 'EMPLOYEE_ID', pattern: '\\bEMP-\\d{6}\\b' };
const number = 'EMP-123456';
const mask = { module: 'pii', action: 'mask', patterns: [employee] };

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
const ask = (content: string): { model: string; messages: { role: 'user'; content: string }[] } => ({
  model: 'assistant',
  messages: [user(content)],
});
const asked = (): string => String(provider.bodies.at(-1)?.messages.at(-1)?.content);

describe("what a tenant's own patterns find", () => {
  it('reaches the model and the database as placeholders, beside personal data', async () => {
    const client = await clientWith(mask);
    const answer = await client.chat.completions.create({ ...ask(`${number}, alice@example.com, EMP-7654321`), store: true });
    expect(asked()).toMatch(/^\[EMPLOYEE_ID_\w{6}\], \[EMAIL_\w{6}\], EMP-7654321$/);
    expect(answer.choices[0]?.message.content).toBe(`Answer to ${asked()}`);
    await client.responses.create({ model: 'assistant', input: number });
    expect(`Answer to ${asked()}`).toMatch(/^Answer to \[EMPLOYEE_ID_\w{6}\]$/);
    expect(await databaseText(platform)).not.toContain(number);
  });

  it('is looked for alone where no kinds are wanted', async () => {
    const client = await clientWith({ ...mask, kinds: [] });
    await client.chat.completions.create(ask(`${number}, alice@example.com`));
    expect(asked()).toMatch(/^\[EMPLOYEE_ID_\w{6}\], alice@example\.com$/);
  });

  it('is put back, whole and in pieces, where JSON writes it without escapes', async () => {
    const client = await clientWith({ ...mask, restore: true, patterns: [employee, { name: 'QUOTE', pattern: '"[a-z]+"' }] });
    const plain = await client.chat.completions.create(ask(`${number} and "secret"`));
    expect(plain.choices[0]?.message.content).toMatch(/^Answer to EMP-123456 and \[QUOTE_\w{6}\]$/);
    provider.answerWith((body, response) => {
      openStream(response);
      for (const character of `To ${String(body.messages.at(-1)?.content)}.`) response.write(chunkEvent({ content: character }));
      response.write(chunkEvent({}, 'stop'));
      response.end('data: [DONE]\n\n');
    });
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...ask(number), stream: true }))
      text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(`To ${number}.`);
  });

  it('refuses a request where it is blocked, and does not say what it was', async () => {
    const client = await clientWith({ ...mask, action: 'block' });
    const refusal = client.chat.completions.create(ask(`Of ${number}`));
    await expect(refusal).rejects.toMatchObject({ status: 400, code: 'content_policy' });
    await expect(refusal).rejects.toThrow(/\(pii\): it holds a value of a form that is not allowed\.$/);
    await client.chat.completions.create(ask('EMP-12'));
    expect(asked()).toBe('EMP-12');
  });

  it('is masked in what the model says, whole and in pieces', async () => {
    const client = await clientWith({ ...mask, on: 'output' });
    provider.answerWith((body, response) => {
      if (body.stream !== true) return reply(response, body, { content: `It is ${number}.` });
      openStream(response);
      for (const piece of ['It is E', 'MP-12', '3456', '.']) response.write(chunkEvent({ content: piece }));
      response.write(chunkEvent({}, 'stop'));
      response.end('data: [DONE]\n\n');
    });
    const whole = await client.chat.completions.create(ask(number));
    expect(asked()).toBe(number);
    expect(whole.choices[0]?.message.content).toMatch(/^It is \[EMPLOYEE_ID_\w{6}\]\.$/);
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...ask(number), stream: true }))
      text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(whole.choices[0]?.message.content);
  });
});

describe('a pattern that cannot be used', () => {
  const module = 'prompt_policy.guardrails[0]';

  it.each([
    ['a look ahead', [{ name: 'A', pattern: '(?=a)b' }], `${module}.patterns[0].pattern`],
    ['a reference', [employee, { name: 'A', pattern: '(a)\\1' }], `${module}.patterns[1].pattern`],
    ['nothing', [{ name: 'A', pattern: 'a*' }], `${module}.patterns[0].pattern`],
    ['many repetitions', [{ name: 'A', pattern: '(?:abc){500}' }], `${module}.patterns[0].pattern`],
    ['a long text', [{ name: 'A', pattern: 'a'.repeat(513) }], `${module}.patterns[0].pattern`],
    ['another label', [{ name: 'a b', pattern: 'a' }], `${module}.patterns[0].name`],
    ['too many', Array.from({ length: 17 }, () => employee), `${module}.patterns`],
  ])('is refused when it is given: %s', async (_what, patterns, param) => {
    const body = { name: 'app', preset: 'openai-chat-client', prompt_policy: { guardrails: [{ ...mask, patterns }] } };
    const { status, body: answer } = await platform.app.admin('POST', '/keys', body);
    expect([status, answer.error.code, answer.error.param]).toEqual([400, 'invalid_value', param]);
  });

  it('is refused with many others', async () => {
    const guardrails = Array.from({ length: 2 }, () => ({ ...mask, patterns: Array.from({ length: 9 }, () => employee) }));
    const large = [{ ...mask, patterns: Array.from({ length: 3 }, () => ({ name: 'A', pattern: 'a'.repeat(200) })) }];
    for (const given of [guardrails, large, [{ module: 'pii', action: 'mask', kinds: [] }]]) {
      const body = { name: 'app', preset: 'openai-chat-client', prompt_policy: { guardrails: given } };
      const { status, body: answer } = await platform.app.admin('POST', '/keys', body);
      expect([status, answer.error.code, answer.error.param]).toEqual([
        400,
        'invalid_value',
        expect.stringMatching(/^prompt_policy\.guardrails/),
      ]);
    }
  });
});
