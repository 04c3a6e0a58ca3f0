import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runs, startClientPlatform, type ClientPlatform } from './client-platform.js';
import { runClient, type ClientResults } from './run-client.js';

let platform: ClientPlatform;
beforeAll(async () => void (platform = await startClientPlatform()));
afterAll(() => platform.close());

describe.each(runs)("OpenAI's socket client on $basePath, the provider $behind", (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'openai-socket', run)));

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
