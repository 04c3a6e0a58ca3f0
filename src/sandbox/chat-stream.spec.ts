import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../test/support/sandbox-client.js';

useSandbox();

type Body = Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'model' | 'messages' | 'stream'>;

const withUsage = { stream_options: { include_usage: true } };
const bodyOf = (content: string, body: object) => ({ model: 'm', messages: [{ role: 'user' as const, content }], ...body });

async function chunksOf(content: string, body: Body = {}): Promise<OpenAI.ChatCompletionChunk[]> {
  const stream = await client.chat.completions.create({ ...bodyOf(content, body), stream: true });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function rawStream(content: string, body: object = {}): Promise<Response> {
  return fetch(`${sandbox.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(bodyOf(content, { stream: true, ...body })),
  });
}

const contentOf = (chunks: OpenAI.ChatCompletionChunk[]) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
const finishOf = (chunks: OpenAI.ChatCompletionChunk[]) =>
  chunks.flatMap((chunk) => chunk.choices.flatMap((choice) => choice.finish_reason ?? []));

describe('a chat stream', () => {
  it('has the role first, one word a chunk, finish_reason last, no usage unless asked, and [DONE]', async () => {
    const events = (await (await rawStream('hello world')).text()).split('\n\n');
    expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
    const chunks = events.slice(0, -2).map((event) => JSON.parse(event.slice('data: '.length)) as OpenAI.ChatCompletionChunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content)).toEqual(['', 'You', ' said:', ' hello', ' world', undefined]);
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(
      chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && chunk.model === 'm-2026-01-01' && !('usage' in chunk)),
    ).toBe(true);
  });

  it('holds the usage of the plain answer, in a chunk of its own without choices, null in the others', async () => {
    const content = 'hello [[reasoning:5]] world';
    const plain = await client.chat.completions.create(bodyOf(content, { n: 2 }));
    const chunks = await chunksOf(content, { n: 2, ...withUsage });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: plain.usage });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(true);
    expect(finishOf(chunks)).toEqual(['stop', 'stop']);
  });

  it('sends its usage with the finish_reason, or none, on command', async () => {
    const last = (await chunksOf('hi [[usage-in-last]]', withUsage)).at(-1);
    expect(last).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: { completion_tokens: 4 } });
    expect((await chunksOf('hi [[no-usage]]', withUsage)).every((chunk) => !('usage' in chunk))).toBe(true);
  });

  it('sends tool calls as a name and fragments, each with its index', async () => {
    const tools: OpenAI.ChatCompletionTool[] = ['a', 'b'].map((name) => ({
      type: 'function',
      function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
    }));
    const runner = client.chat.completions.stream(bodyOf('[[tool]] [[tools:2]]', { tools }));
    const choice = (await runner.finalChatCompletion()).choices[0];
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(
      choice?.message.tool_calls?.map((call) => call.type === 'function' && [call.function.name, call.function.arguments]),
    ).toEqual([
      ['a', '{"city":"text"}'],
      ['b', '{"city":"text"}'],
    ]);
  });

  it('has log probabilities whose tokens are those of the plain answer', async () => {
    const body = { logprobs: true, top_logprobs: 1 };
    const plain = await client.chat.completions.create(bodyOf('one, two', body));
    const streamed = (await chunksOf('one, two', body)).flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []);
    expect(streamed).toEqual(plain.choices[0]?.logprobs?.content);
  });

  it.each([1, 2, 50])('has exactly %d content chunks on command, with the text of the plain answer', async (count) => {
    const content = `hello there [[chunks:${count}]]`;
    const chunks = await chunksOf(content);
    expect(chunks).toHaveLength(count + 2);
    expect(contentOf(chunks)).toBe((await client.chat.completions.create(bodyOf(content, {}))).choices[0]?.message.content);
  });

  it.each([
    '[[crlf]]',
    '[[spaced]]',
    '[[split:1]]',
    '[[split:7]] [[crlf]] [[spaced]]',
    '[[split:4096]]',
    '[[multibyte]] [[split:1]]',
    '[[multibyte]] [[split:3]]',
  ])('means the same in every byte form: %s', async (form) => {
    const plainForm = form.includes('multibyte') ? 'hi [[multibyte]]' : 'hi';
    const plain = (await client.chat.completions.create(bodyOf(plainForm, {}))).choices[0]?.message.content;
    const chunks = await chunksOf(`hi ${form}`, withUsage);
    expect(contentOf(chunks)).toBe(plain);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('has the line ends and the spacing that were asked for', async () => {
    expect(await (await rawStream('hi [[crlf]]')).text()).toMatch(/^data: \{"id":"[^\n]*\}\r\n\r\ndata: /);
    expect(await (await rawStream('hi [[spaced]]')).text()).toMatch(/^data: \{"id": "[^\n]*\}\n\ndata: /);
  });

  it('paces its chunks and stalls in the middle', async () => {
    const begin = performance.now();
    await chunksOf('[[chunks:5]] [[pace:20]]');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(4 * 19);
    const stalled = performance.now();
    await chunksOf('hi [[stall:80]]');
    expect(performance.now() - stalled).toBeGreaterThanOrEqual(79);
  });

  it('breaks off without finish_reason: the connection, or cleanly', async () => {
    await expect((await rawStream('a b c [[cut:2]]')).text()).rejects.toThrow();
    const clean = await (await rawStream('a b c [[cut-clean:2]]')).text();
    expect(clean.match(/^data: /gm)).toHaveLength(3);
    expect(clean).toContain('" said:"');
    expect(clean).not.toMatch(/"finish_reason":"|\[DONE\]/);
  });

  it('delivers all chunks before the cut', async () => {
    const reader = (await rawStream('a b c [[cut:3]]')).body?.getReader();
    let text = '';
    const read = async () => {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
        text += Buffer.from(part.value).toString();
    };
    await expect(read()).rejects.toThrow();
    expect(text.match(/^data: /gm)).toHaveLength(4);
  });

  it('forgets [DONE] on command', async () => {
    const text = await (await rawStream('hi [[no-done]]')).text();
    expect(text).toContain('"finish_reason":"stop"');
    expect(text).not.toContain('[DONE]');
  });

  it('ends in an error event on command', async () => {
    const events = (await (await rawStream('a b c [[error-event:2]]')).text()).trimEnd().split('\n\n');
    expect(events).toHaveLength(4);
    expect(JSON.parse(events.at(-1)?.slice(6) ?? '')).toMatchObject({ error: { type: 'server_error', param: null } });
    await expect(chunksOf('a b c [[error-event:2]]')).rejects.toThrow(/broke off/);
  });

  it('may be one huge event', async () => {
    const chunks = await chunksOf('[[huge:3000000]]');
    expect(chunks).toHaveLength(3);
    expect(chunks[1]?.choices[0]?.delta.content).toHaveLength(3_000_000);
  });
});
