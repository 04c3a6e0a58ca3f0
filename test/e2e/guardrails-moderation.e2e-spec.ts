import { beforeEach, describe, expect, it } from '@jest/globals';
import { usageList } from '../../src/contracts/usage.js';
import type { SeededKey } from '../support/platform.js';
import { bench, provider, useMedia } from '../support/media-bench.js';
import { jsonAnswer } from '../support/media-provider.js';
import { until, untilPublished, user } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

const mail = 'alice@example.com';

useMedia(async () => {
  const { platform } = bench;
  const tenant = await publishOn(platform, provider.url, 'raw');
  const on = (model: string) => ({ connection: tenant.connectionId, model });
  await platform.factory.alias(tenant, 'guarded', { models: { chat: on('big'), embed: on('vectors'), moderate: on('judge') } });
  await untilPublished(platform, 'guarded');
});

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'big',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Fine.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

/** What the moderation model says: flags by a word, or whatever the test wants. */
let moderates: (input: string | readonly string[]) => { readonly status: number; readonly body: unknown };
beforeEach(() => {
  moderates = (input) => ({
    status: 200,
    body: { id: 'modr-1', model: 'judge', results: [input].flat().map((text) => ({ flagged: text.includes('knife') })) },
  });
  provider.answerWith((asked, response) => {
    if (asked.path !== '/v1/moderations') return jsonAnswer(completion)(asked, response);
    const { status, body } = moderates(asked.body['input'] as string);
    jsonAnswer(body, status)(asked, response);
  });
});

const keyWith = (...guardrails: object[]): Promise<SeededKey> => bench.newKey({ promptPolicy: { guardrails } });
const moderation = { module: 'moderation' };
const chat = (key: SeededKey, text: string, model = 'guarded') =>
  bench.send(key, '/chat/completions', { model, messages: [user(text)] });
const paths = (from: number): string[] => provider.asked.slice(from).map(({ path }) => path);

describe('moderation', () => {
  it("asks the agent's moderation model first, of the masked texts, and books it", async () => {
    const key = await keyWith(moderation, { module: 'pii', action: 'mask' });
    const from = provider.asked.length;
    expect((await chat(key, `a spoon for ${mail}`)).status).toBe(200);
    expect(paths(from)).toEqual(['/v1/moderations', '/v1/chat/completions']);
    expect(provider.asked[from]?.body).toEqual({
      model: 'judge',
      input: [expect.stringMatching(/^a spoon for \[EMAIL_\w{6}\]$/)],
    });
    const usage = await until('both are booked', async () => {
      const list = usageList.parse(await bench.usageOf(key));
      return list.data.length === 2 && list.data;
    });
    expect(usage.map(({ route }) => route).sort()).toEqual(['chat.completions.create', 'moderations.create']);
  });

  it('refuses what is flagged, and asks the model nothing', async () => {
    const key = await keyWith(moderation);
    const from = provider.asked.length;
    const { status, text } = await chat(key, 'a knife');
    expect([status, JSON.parse(text).error]).toMatchObject([
      400,
      { code: 'content_policy', message: expect.stringContaining('(moderation)') },
    ]);
    expect((await bench.send(key, '/embeddings', { model: 'guarded', input: ['a spoon', 'a knife'] })).status).toBe(400);
    expect(paths(from)).toEqual(['/v1/moderations', '/v1/moderations']);
  });

  it.each<[string, () => ReturnType<typeof moderates>]>([
    ['fails', () => ({ status: 500, body: { error: { message: 'no' } } })],
    ['has too much to do', () => ({ status: 429, body: { error: { message: 'no' } } })],
    ['says nothing that can be read', () => ({ status: 200, body: { results: [{ flagged: 'yes' }] } })],
  ])('that %s is 502, unless the policy lets inputs pass', async (_what, answer) => {
    moderates = answer;
    const { status, text } = await chat(await keyWith(moderation), 'a spoon');
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'upstream_error']);
    expect((await chat(await keyWith({ ...moderation, on_failure: 'allow' }), 'a spoon')).status).toBe(200);
  });

  it('cannot be had of a raw model: its calls are refused, unless the policy lets inputs pass', async () => {
    const { status, text } = await chat(await keyWith(moderation), 'a spoon', 'raw');
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'content_policy']);
    expect((await chat(await keyWith({ ...moderation, on_failure: 'allow' }), 'a spoon', 'raw')).status).toBe(200);
  });

  it('judges long inputs in parts', async () => {
    const key = await keyWith(moderation);
    const from = provider.asked.length;
    expect((await chat(key, `${'a spoon '.repeat(10_000)} a knife`)).status).toBe(400);
    expect((provider.asked[from]?.body['input'] as string[]).length).toBeGreaterThan(4);
    expect((await chat(key, 'a spoon '.repeat(200_000))).status).toBe(400);
  });

  it('is not asked for a request for a moderation, nor for one that is only counted', async () => {
    const key = await keyWith(moderation);
    const from = provider.asked.length;
    await bench.send(key, '/moderations', { model: 'guarded', input: 'a knife' });
    await bench.send(key, '/responses/input_tokens', { model: 'guarded', input: 'a knife' });
    expect(provider.asked.slice(from).map(({ body }) => body['input'])).toEqual(['a knife']);
  });
});
