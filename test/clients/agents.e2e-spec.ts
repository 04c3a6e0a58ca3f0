import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everyRun, startClientPlatform, type ClientPlatform } from './client-platform.js';
import { runClient, type ClientResults } from './run-client.js';

let platform: ClientPlatform;
beforeAll(async () => void (platform = await startClientPlatform()));
afterAll(() => platform.close());

const loop = ['tool_call_item', 'tool_call_output_item', 'message_output_item'];
const told = 'Tool said: sunny in a string';
const steps: [string, unknown][] = [
  ['text', 'You said: hello'],
  ['toolLoop', { text: told, items: loop }],
  ['streamedLoop', { text: told, finalOutput: told }],
  ['object', { city: 'text' }],
  ['history', 'You said: thanks'],
];

describe.each(everyRun)("OpenAI's Agents SDK on $basePath, the provider $behind", (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'agents', run)));

  describe.each(['responses', 'chat'])('over %s', (wire) => {
    it.each(steps)('%s works', (step, value) => {
      expect(results[`${wire}.${step}`]).toEqual({ value });
    });

    it.each([
      ['wrongKey', 'AuthenticationError', 401, 'invalid_api_key'],
      ['providerFault', 'InternalServerError', 502, 'upstream_error'],
    ])('%s is raised as %s', (step, type, status, code) => {
      const { error } = results[`${wire}.${step}`] ?? {};
      expect([error?.class, error?.status, error?.code]).toEqual([type, status, code]);
    });
  });

  it('continues a response, and a conversation with the calls of its tools', () => {
    expect(results['responses.chain']).toEqual({ value: { text: expect.stringContaining('again'), isKept: true } });
    expect(results['responses.conversation']).toEqual({
      value: { text: told, types: ['message', 'function_call', 'function_call_output', 'message'] },
    });
  });
});
