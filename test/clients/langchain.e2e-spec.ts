import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runs, startClientPlatform, type ClientPlatform } from './client-platform.js';
import { runClient, type ClientResults } from './run-client.js';

let platform: ClientPlatform;
beforeAll(async () => void (platform = await startClientPlatform()));
afterAll(() => platform.close());

const steps: [string, unknown][] = [
  ['chat', { text: 'You said: hello', total: true, model: 'assistant' }],
  ['stream', { text: 'You said: one two three', isChunked: true, total: true }],
  ['tools', { name: 'weather', city: 'string', text: 'Tool said: sunny' }],
  ['streamedTools', [['weather', 'string']]],
  ['structured', { city: 'text' }],
];

describe.each(runs)('LangChain on $basePath, the provider $behind', (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'langchain', run)));

  it.each<[string, unknown]>([...steps, ...steps.map(([step, value]): [string, unknown] => [`responses.${step}`, value])])(
    '%s works',
    (step, value) => {
      expect(results[step]).toEqual({ value });
    },
  );

  it('embeddings work where the provider has them', () => {
    const { value, error } = results['embeddings'] ?? {};
    if (run.behind === 'anthropic') expect([error?.class, error?.status]).toEqual(['BadRequestError', 400]);
    else expect(value).toEqual({ lengths: [256, 17], same: true, other: true });
  });

  it.each([
    ['wrongKey', 'AuthenticationError', 401, 'invalid_api_key'],
    ['missingScope', 'PermissionDeniedError', 403, 'insufficient_scope'],
    ['unknownModel', 'NotFoundError', 404, 'model_not_found'],
    ['rateLimit', 'RateLimitError', 429, 'rate_limit_exceeded'],
    ['providerFault', 'InternalServerError', 502, 'upstream_error'],
    ['midStream', 'APIError', undefined, 'upstream_error'],
  ])('%s is raised as %s', (step, type, status, code) => {
    const { error } = results[step] ?? {};
    expect([error?.class, error?.status, error?.code]).toEqual([type, status, code]);
  });

  it('an abort is raised, and leaves no call at the provider', async () => {
    expect(results['abort']?.error?.name).toBe('AbortError');
    await platform.untilIdle();
  });
});
