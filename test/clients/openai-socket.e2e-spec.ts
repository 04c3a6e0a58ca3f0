import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runs, sampledRuns, startClientPlatform, type ClientPlatform } from './client-platform.js';
import { runClient, type ClientResults } from './run-client.js';

let platform: ClientPlatform;
beforeAll(async () => void (platform = await startClientPlatform()));
afterAll(() => platform.close());

const versions = [
  ...runs.map((run) => ({ package: 'openai-newest', ...run })),
  ...sampledRuns.map((run) => ({ package: 'openai', ...run })),
];

describe.each(versions)("OpenAI's socket client ($package) on $basePath, the provider $behind", (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'openai-socket', run, { package: run.package })));

  it.each([
    ['text', { first: 'response.created', streamed: 'You said: hello', text: 'You said: hello' }],
    ['chain', { prepared: [], text: 'You said: three' }],
    ['toolLoop', { name: 'weather', text: 'Tool said: sunny' }],
  ])('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });

  it('is told that the key is unknown', () => {
    expect(results['wrongKey']?.error?.message).toContain('401');
  });
});
