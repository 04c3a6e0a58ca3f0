import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { statsOf, until } from '../support/relay.js';
import { basePaths, runClient, type ClientResults } from './run-client.js';

let platform: TestPlatform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

const cases = basePaths.flatMap((basePath) => ['openai', 'compatible'].map((provider) => [provider, basePath] as const));

/** `@ai-sdk/openai` is asked for `.chat()`; its default speaks Responses (responses.e2e-spec.ts). */
describe.each(cases)("Vercel's AI SDK, provider %s, on %s", (provider, basePath) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'vercel', basePath, { provider })));

  it.each([
    ['chat', { text: 'You said: hello', total: true, model: 'assistant' }],
    ['stream', { text: 'You said: one two three', isChunked: true, finished: 'stop', total: true }],
    ['tools', { text: 'Tool said: sunny', calls: ['weather'] }],
    ['streamedTools', [['weather', 'string']]],
    ['object', { city: 'text' }],
    ['embeddings', { length: 256, same: true }],
    ['abort', { parts: true }],
  ])('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });

  it.each([
    ['wrongKey', 401, false],
    ['missingScope', 403, false],
    ['unknownModel', 404, false],
    ['rateLimit', 429, true],
    ['providerFault', 502, true],
  ])('%s is raised as an APICallError of %i', (step, status, isRetryable) => {
    const { error } = results[step] ?? {};
    expect([error?.name, error?.status, error?.isRetryable]).toEqual(['AI_APICallError', status, isRetryable]);
    expect(error?.message).not.toMatch(/failed|status code/i);
  });

  it('a stream that breaks is an error part and never a whole text', () => {
    expect(results['midStream']?.value).toMatchObject({
      errors: [{ type: 'upstream_error', code: 'upstream_error' }],
      finished: 'error',
    });
  });

  it('leaves no call at the provider', async () => {
    await until('all calls are over', async () => (await statsOf(platform.sandbox)).active === 0);
  });

  if (provider === 'openai') {
    it('speaks Responses, which is its default', () => {
      expect(results['responses']).toEqual({ value: 'You said: hi' });
      expect(results['responsesStream']?.value).toMatchObject({ text: expect.stringContaining('You said: hi'), reason: 'stop' });
    });
  }
});
