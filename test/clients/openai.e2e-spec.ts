import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { statsOf, until } from '../support/relay.js';
import { basePaths, runClient, type ClientResults } from './run-client.js';

let platform: TestPlatform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

describe.each(basePaths)("OpenAI's client on %s", (basePath) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'openai', basePath)));

  it.each([
    ['chat', { content: 'You said: hello', model: 'assistant', requestId: true }],
    ['stream', { content: 'You said: one two three', finished: 'stop', isChunked: true }],
    ['streamUsage', { content: 'You said: hi', total: expect.any(Number) }],
    ['tools', { name: 'weather', city: 'string', content: 'Tool said: sunny' }],
    ['runTools', 'Tool said: rainy'],
    ['embeddings', { same: true, length: 256, base64: 'string', model: 'assistant' }],
    ['responses', { first: 'You said: hi', told: 'You said: there', same: true, status: 'completed' }],
    ['models', { ids: ['assistant', 'raw-chat'], one: 'assistant' }],
    ['completions', 'You said: hi'],
    ['moderations', { model: 'raw-chat', flagged: [false, true] }],
    ['images', 'PNG'],
    ['imageStream', ['image_generation.partial_image', 'image_generation.completed']],
    ['speech', 'RIFF'],
    ['abort', { chunks: true }],
  ])('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });

  it.each([
    ['wrongKey', 'AuthenticationError', 401, 'invalid_api_key'],
    ['missingScope', 'PermissionDeniedError', 403, 'insufficient_scope'],
    ['unknownModel', 'NotFoundError', 404, 'model_not_found'],
    ['unknownRoute', 'NotFoundError', 404, 'unknown_url'],
    ['badRequest', 'BadRequestError', 400, 'missing_required_parameter'],
    ['rateLimit', 'RateLimitError', 429, 'rate_limit_exceeded'],
    ['providerFault', 'InternalServerError', 502, 'upstream_error'],
    // Until /batches is built.
    ['notBuilt', 'InternalServerError', 501, 'not_implemented'],
    ['midStream', 'APIError', undefined, 'upstream_error'],
    ['abortBefore', 'APIUserAbortError', undefined, undefined],
  ])('%s is raised as %s', (step, type, status, code) => {
    const { error } = results[step] ?? {};
    expect([error?.class, error?.status, error?.code]).toEqual([type, status, code]);
  });

  it('leaves no call at the provider', async () => {
    await until('all calls are over', async () => (await statsOf(platform.sandbox)).active === 0);
  });
});
