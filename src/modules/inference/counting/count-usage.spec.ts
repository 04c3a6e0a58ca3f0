import { describe, expect, it } from '@jest/globals';
import { countUsage, type Said } from './count-usage.js';

const nothing: Said = { form: 'json', bytes: [] };
const usageOf = (request: object, said = nothing) => countUsage('ten_1', Buffer.from(JSON.stringify(request)), said);
const inputOf = async (request: object) => (await usageOf(request)).inputTokens;
const outputOf = async (said: Said) => (await usageOf({}, said)).outputTokens;
const reply = (content: unknown) => Buffer.from(JSON.stringify({ choices: [{ message: { content } }] }));

describe('tokens that a provider did not tell', () => {
  it('are counted from the texts of both sides, and summed', async () => {
    const usage = await usageOf({ prompt: 'hello world' }, { form: 'json', bytes: [reply('good morning to you')] });
    expect(usage).toEqual({
      ...{ inputTokens: 2, cachedInputTokens: 0, cacheWriteTokens: 0 },
      ...{ outputTokens: 4, reasoningTokens: 0, totalTokens: 6 },
    });
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

  it('are those of the bytes at the time of the call: their memory may be used again at once', async () => {
    const request = Buffer.from(JSON.stringify({ prompt: 'hello world' }));
    const counting = countUsage('ten_1', request, nothing);
    request.fill(0);
    expect((await counting).inputTokens).toBe(2);
  });

  it('of a long text are exact, and of a huge one taken from its length at the rate of its beginning', async () => {
    expect(await inputOf({ prompt: 'word '.repeat(100_000) })).toBe(100_001);
    const huge = await inputOf({ prompt: 'word '.repeat(2_000_000) });
    expect(Math.abs(huge - 2_000_000)).toBeLessThan(20_000);
  });

  it('of one word without end come soon, and those of another tenant before a third of its kind', async () => {
    const order: string[] = [];
    const of = async (tenantId: string, prompt: string) => {
      await countUsage(tenantId, Buffer.from(JSON.stringify({ prompt })), nothing);
      order.push(tenantId);
    };
    const word = 'abcdefghij'.repeat(400_000);
    await Promise.all([of('large', word), of('large', word), of('large', word), of('small', 'hello')]);
    expect(order).toEqual(['large', 'large', 'small', 'large']);
  });

  it.each(['', 'no json', '[]', 'null', '{"messages":7,"prompt":{"a":null},"input":[[null]]}', '{"prompt":"<|endoftext|>"}'])(
    'never fail, whatever the request was: %s',
    async (request) => {
      expect((await countUsage('ten_1', Buffer.from(request), nothing)).inputTokens).toBeGreaterThanOrEqual(0);
    },
  );

  it.each([
    ['brackets', '[],'.repeat(2_000_000)],
    ['nesting', '['.repeat(4_000_000)],
    ['members', '"a":{},'.repeat(1_000_000)],
  ])('need little memory for a request of nothing but %s', async (_what, value) => {
    const body = Buffer.from(`{"messages":[${value}],"prompt":"hello world"}`);
    expect((await countUsage('ten_1', body, nothing)).inputTokens).toBeGreaterThanOrEqual(0);
    expect(await inputOf({ prompt: 'hello world' })).toBe(2);
  });
});

describe('what a provider said', () => {
  it('is its content, reasoning, refusal and calls, of all choices', async () => {
    const message = {
      role: 'assistant',
      content: ' one',
      reasoning_content: ' two',
      refusal: ' three',
      tool_calls: [{ id: 'call_1', function: { name: ' four', arguments: ' five' } }],
    };
    const bytes = Buffer.from(
      JSON.stringify({
        id: 'x',
        choices: [{ message }, { text: ' six' }, null, { delta: { content: [{ type: 'text', text: ' seven' }] } }],
      }),
    );
    expect(await outputOf({ form: 'json', bytes: [bytes.subarray(0, 20), bytes.subarray(20)] })).toBe(7);
  });

  it('in a stream is what its events said together', async () => {
    const event = (content: string) => Buffer.from(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\r\n\r\n`);
    const bytes = [
      event('good mor'),
      Buffer.from(': ping\ndata: broken\n\n'),
      event('ning to you'),
      Buffer.from('data: [DONE]\n\n'),
    ];
    expect(await outputOf({ form: 'events', bytes })).toBe(4);
  });

  it('in what was heard is its text, said once', async () => {
    const heard = { task: 'transcribe', text: 'good morning to you', segments: [{ text: 'good morning to you' }] };
    expect(await outputOf({ form: 'json', bytes: [Buffer.from(JSON.stringify(heard))] })).toBe(4);
    expect(await outputOf({ form: 'text', bytes: [Buffer.from('good mor'), Buffer.from('ning to you')] })).toBe(4);
    const subtitles = 'WEBVTT\r\n\r\n1\r\n00:01.000 --> 00:02.500\r\ngood morning to you';
    expect(await outputOf({ form: 'text', bytes: [Buffer.from(subtitles)] })).toBe(4);
    const events = [
      '{"type":"transcript.text.delta","delta":"good morning"}',
      '{"type":"transcript.text.done","text":"good morning"}',
    ];
    expect(await outputOf({ form: 'events', bytes: events.map((event) => Buffer.from(`data: ${event}\n\n`)) })).toBe(2);
  });

  it('in a reply that was cut is what came', async () => {
    const whole = reply('good morning to you');
    expect(await outputOf({ form: 'json', bytes: [whole.subarray(0, whole.length - 5)] })).toBe(4);
  });
});
