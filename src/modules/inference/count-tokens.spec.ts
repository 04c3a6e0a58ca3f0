import { describe, expect, it } from '@jest/globals';
import { countUsage, outputText, streamText } from './count-tokens.js';

const inputOf = async (request: object) => (await countUsage(Buffer.from(JSON.stringify(request)), '')).inputTokens;

describe('tokens that a provider did not tell', () => {
  it('are counted from the texts of both sides, and summed', async () => {
    const usage = await countUsage(Buffer.from(JSON.stringify({ prompt: 'hello world' })), 'good morning to you');
    expect(usage).toEqual({ inputTokens: 2, outputTokens: 4, cachedInputTokens: 0, reasoningTokens: 0, totalTokens: 6 });
  });

  it('of a request that holds them as numbers are those numbers', async () => {
    expect(await inputOf({ input: [11, 12, 13] })).toBe(3);
    expect(await inputOf({ prompt: [[1, 2], [3]] })).toBe(3);
  });

  it('leave out the bytes of images, sounds and files', async () => {
    const data = 'iVBORw0KGgo'.repeat(500);
    const parts = [
      { type: 'text', text: 'look' },
      { type: 'image_url', image_url: { url: data } },
      { type: 'input_audio', input_audio: { data, format: 'wav' } },
      { type: 'file', file: { file_data: data } },
    ];
    expect(await inputOf({ messages: [{ role: 'user', content: parts }] })).toBeLessThan(10);
  });

  it('count the tools that the model is told of', async () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const tools = [{ type: 'function', function: { name: 'weather', parameters: {} } }];
    expect(await inputOf({ messages, tools })).toBeGreaterThan((await inputOf({ messages })) + 5);
  });

  it('of a huge text are told at once, from its length', async () => {
    expect(await inputOf({ prompt: 'word '.repeat(100_000) })).toBe(125_000);
  });

  it.each(['', 'no json', '[]', 'null', '{"messages":7,"prompt":{"a":null},"input":[[null]]}', '{"prompt":"<|endoftext|>"}'])(
    'never fail, whatever the request was: %s',
    async (request) => {
      expect((await countUsage(Buffer.from(request), '')).inputTokens).toBeGreaterThanOrEqual(0);
    },
  );
});

describe('what a provider said', () => {
  it('is its content, reasoning, refusal and calls, of all choices', () => {
    const message = {
      content: 'a',
      reasoning_content: 'b',
      refusal: 'c',
      tool_calls: [{ function: { name: 'd', arguments: 'e' } }],
    };
    expect(outputText({ choices: [{ message }, { text: 'f' }, null, { delta: { content: 'g' } }] })).toBe('abcdefg');
  });

  it('in a stream is what its events said together', () => {
    const event = (content: string) => Buffer.from(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
    expect(streamText([event('a '), Buffer.from(': ping\ndata: broken\n\n'), event('b'), Buffer.from('data: [DONE]\n\n')])).toBe(
      'a b',
    );
  });
});
