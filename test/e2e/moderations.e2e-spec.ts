import { describe, expect, it } from '@jest/globals';
import type { ModerationCreateParams } from 'openai/resources/moderations';
import { faultsOf } from '../support/openai-schema.js';
import { bench, client, provider, useMedia } from '../support/media-bench.js';
import { jsonAnswer } from '../support/media-provider.js';
import { untilPublished } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

const categories = [
  ['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent', 'self-harm'],
  ['self-harm/instructions', 'self-harm/intent', 'sexual', 'sexual/minors', 'violence', 'violence/graphic'],
].flat();
const of = <T>(value: T): Record<string, T> => Object.fromEntries(categories.map((name) => [name, value]));

/** What a provider says of as many inputs. */
const judged = (count: number): object => ({
  id: 'modr-1',
  model: 'provider-judge',
  results: Array.from({ length: count }, () => ({
    flagged: false,
    categories: of(false),
    category_scores: of(0.1),
    category_applied_input_types: of(['text']),
  })),
});

useMedia(async () => {
  const { platform } = bench;
  const tenant = await publishOn(platform, provider.url, 'judge');
  await platform.factory.alias(tenant, 'guard', {
    models: { moderate: { connection: tenant.connectionId, model: 'provider-judge' } },
  });
  const on = (model: string) => ({ connection: tenant.connectionId, model });
  await platform.factory.alias(tenant, 'talker', {
    models: { chat: on('big'), embed: on('vectors'), speech: on('voice'), image: on('painter'), moderate: on('judge') },
    parameters: { temperature: 0.5, response_format: { type: 'json_object' }, include: ['logprobs'], user: 'agent' },
    pinned: ['temperature', 'response_format', 'include', 'speed'],
  });
  await untilPublished(platform, 'guard');
  await untilPublished(platform, 'talker');
});

describe('POST /moderations', () => {
  it.each<[string, ModerationCreateParams['input'], number]>([
    ['a text', 'hello', 1],
    ['texts', ['hello', 'world'], 2],
    [
      'parts with images',
      [
        { type: 'text', text: 'hello' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      ],
      1,
    ],
  ])('judges %s under the published name', async (_what, input, count) => {
    provider.answerWith(jsonAnswer(judged(count)));
    const reply = await client.moderations.create({ model: 'guard', input });
    expect(faultsOf('CreateModerationResponse', reply)).toEqual([]);
    expect(reply).toMatchObject({ model: 'guard', results: { length: count } });
    expect(provider.last()).toMatchObject({
      path: '/v1/moderations',
      body: { model: 'provider-judge', input },
      headers: { accept: 'application/json' },
    });
  });

  it('books the call with the tokens that were sent', async () => {
    provider.answerWith(jsonAnswer(judged(1)));
    const key = await bench.newKey();
    expect((await bench.send(key, '/moderations', { model: 'guard', input: 'hello world' })).status).toBe(200);
    expect(await bench.onlyRecord(key)).toMatchObject({
      route: 'moderations.create',
      endpoint: 'guard',
      state: 'completed',
      source: 'counted',
      input_tokens: 2,
      output_tokens: 0,
    });
  });

  it('passes a very long reply on', async () => {
    provider.answerWith(jsonAnswer(judged(2_000)));
    const reply = await client.moderations.create({ model: 'guard', input: Array.from({ length: 2_000 }, () => 'a') });
    expect([reply.model, reply.results.length]).toEqual(['guard', 2_000]);
  });

  it.each([
    ['no input', { model: 'guard' }, 400, 'missing_required_parameter', 'input'],
    ['a number', { model: 'guard', input: 1 }, 400, 'invalid_value', 'input'],
    ['an endpoint without the modality', { model: 'assistant', input: 'hello' }, 400, 'unsupported_modality', 'model'],
    ["no model, where the tenant's default has none", { input: 'hello' }, 400, 'unsupported_modality', 'model'],
    ['an unknown name', { model: 'nobody', input: 'hello' }, 404, 'model_not_found', 'model'],
  ])('refuses %s', async (_what, body, status, code, param) => {
    const asked = provider.asked.length;
    const reply = await bench.send(await bench.newKey(), '/moderations', body);
    const { error } = JSON.parse(reply.text) as { error: object };
    expect([reply.status, error]).toMatchObject([status, { code, param }]);
    expect(provider.asked).toHaveLength(asked);
  });

  it.each([
    ['an error', { error: { message: 'no at https://gpu7.internal.example' } }],
    ['no results', { id: 'modr-1', model: 'm', results: [] }],
    ['a list', []],
  ])('answers 502 for %s with status 200', async (_what, body) => {
    provider.answerWith(jsonAnswer(body));
    const key = await bench.newKey();
    const reply = await bench.send(key, '/moderations', { model: 'guard', input: 'hello' });
    expect([reply.status, reply.text]).toEqual([502, expect.not.stringContaining('gpu7')]);
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status: 502 });
  });
});

describe('what an agent says of its chat', () => {
  it.each([
    ['/moderations', { input: 'a' }, { model: 'judge', input: 'a' }],
    ['/embeddings', { input: 'a' }, { model: 'vectors', input: 'a' }],
    ['/audio/speech', { input: 'a', speed: 2 }, { model: 'voice', input: 'a', speed: 2 }],
    ['/images/generations', { prompt: 'a' }, { model: 'painter', prompt: 'a', response_format: 'b64_json' }],
  ])('stays there: %s goes without it', async (path, own, sent) => {
    provider.answerWith(jsonAnswer({}));
    await bench.send(await bench.newKey(), path, { model: 'talker', ...own });
    expect(provider.last().body).toEqual(sent);
  });
});
