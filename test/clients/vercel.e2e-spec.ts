import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runs, sampledRuns, startClientPlatform, type ClientPlatform } from './client-platform.js';
import { runClient, type ClientResults } from './run-client.js';

let platform: ClientPlatform;
beforeAll(async () => void (platform = await startClientPlatform()));
afterAll(() => platform.close());

/** Vercel's default provider for OpenAI speaks Responses; the others speak chat. */
const cases = [
  ...runs.map((run) => ({ provider: 'openai', ...run })),
  ...sampledRuns.map((run) => ({ provider: 'openai.chat', ...run })),
  ...sampledRuns.map((run) => ({ provider: 'compatible', ...run })),
];

describe.each(cases)("Vercel's AI SDK, provider $provider, on $basePath, the provider $behind", (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'vercel', run, { provider: run.provider })));

  it.each([
    ['chat', { text: 'You said: hello', total: true, model: 'assistant' }],
    ['stream', { text: 'You said: one two three', isChunked: true, finished: 'stop', total: true }],
    ['tools', { text: 'Tool said: sunny', calls: ['weather'] }],
    ['streamedLoop', { text: 'Tool said: sunny', finished: 'stop' }],
    ['streamedTools', [['weather', 'string']]],
    ['object', { city: 'text' }],
    ['abort', { parts: true }],
  ])('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });

  it('embeddings work where the provider has them', () => {
    const { value, error } = results['embeddings'] ?? {};
    if (run.behind === 'anthropic') expect([error?.name, error?.status]).toEqual(['AI_APICallError', 400]);
    else expect(value).toEqual({ length: 256, same: true });
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
    // The last event of Responses has a code of its own for this.
    const fault =
      run.provider === 'openai'
        ? { type: 'response.failed', code: 'server_error' }
        : { type: 'upstream_error', code: 'upstream_error' };
    expect(results['midStream']?.value).toMatchObject({ errors: [fault], finished: 'error' });
  });

  it('leaves no call at the provider', () => platform.untilIdle());

  if (run.provider === 'openai') {
    it.each<[string, unknown]>([
      ['image', 'PNG'],
      ['speech', 'RIFF'],
      ['transcription', { text: 'Heard 9000 bytes of audio.wav', segments: 2, seconds: true }],
    ])('%s works where the agent has a model for it', (step, value) => {
      const { error, ...told } = results[step] ?? {};
      if (run.behind === 'whole') expect({ ...told, error }).toEqual({ value });
      else expect([error?.name, error?.status, error?.message]).toEqual(['AI_APICallError', 400, expect.stringMatching(/serve/)]);
    });
  }
});
