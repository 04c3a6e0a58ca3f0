import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { sandboxToken, startPlatform, type Sandbox, type TestPlatform } from '../support/platform.js';
import { basePaths, runClient, type ClientResults } from './run-client.js';

const [, basePath] = basePaths;
let platform: TestPlatform;
let small: Sandbox;
beforeAll(async () => {
  platform = await startPlatform();
  small = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken, only: ['chat', 'embeddings'] });
});
afterAll(async () => {
  await platform.close();
  await small.close();
});

/** The same clients over a provider with all of OpenAI's API, and over one that has only chat: they cannot tell. */
describe.each(['openai', 'chat'])('clients of Responses over a provider that speaks %s', (wire) => {
  let results: ClientResults;
  beforeAll(async () => {
    if (wire === 'chat') {
      await platform.factory.wire(platform.acme, 'chat', `${small.url}/v1`);
    }
    results = await runClient(platform, 'responses', basePath);
  });

  it.each<[string, unknown]>([
    ['create', { text: 'You said: hello', status: 'completed', object: 'response' }],
    ['chain', { text: 'You said: two', kept: 'You said: two', items: 1, gone: 404 }],
    ['toolLoop', { names: ['weather', 'time'], text: 'Tool said: sunny; sunny' }],
    ['conversation', { text: 'You said: two', roles: ['user', 'assistant', 'user', 'assistant'] }],
    ['inputTokens', true],
    ['cut', 'response.failed'],
    ['vercelText', 'You said: hello'],
    ['vercelTools', { text: 'Tool said: sunny', calls: ['weather'] }],
    ['vercelStreamedTools', { text: 'Tool said: sunny', finished: 'stop' }],
    ['vercelObject', { city: 'text' }],
  ])('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });

  it('a stream has the typed events in their order', () => {
    expect(results['stream']?.value).toEqual({
      types: [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
        'response.output_text.delta',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.completed',
      ],
      status: 'completed',
      text: expect.stringContaining('hello'),
    });
  });

  it('an unknown previous response is a BadRequestError', () => {
    const { error } = results['unknownPrevious'] ?? {};
    expect([error?.class, error?.status, error?.code, error?.param]).toEqual([
      'BadRequestError',
      400,
      'previous_response_not_found',
      'previous_response_id',
    ]);
  });
});
