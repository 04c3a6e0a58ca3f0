import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../../kernel/fields.js';
import { sdkDialects } from './sdk-dialects.js';

const hello = [{ role: 'user', content: 'Hello' }];
const tool = { type: 'function', function: { name: 'f', description: 'It does.', parameters: { type: 'object' }, strict: true } };

function requested(chat: Fields, wire = 'sdk:cohere') {
  const dialect = sdkDialects[wire];
  if (dialect === undefined) throw new Error(`There is no wire ${wire}.`);
  return dialect.chat.request({ model: 'm', messages: hello, ...chat }, { stream: false, kept: () => undefined });
}
const refusal = (chat: Fields): unknown => {
  try {
    requested(chat);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('the request of a model', () => {
  it('has all that a call can say', () => {
    const { body, leftOut } = requested({
      messages: [...hello, { role: 'developer', content: 'Be brief.' }],
      max_tokens: 10,
      max_completion_tokens: 20,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      presence_penalty: 1,
      frequency_penalty: -1,
      seed: 7,
      stop: ['a', 'b'],
      response_format: { type: 'json_schema', json_schema: { name: 'reply', schema: { type: 'object' } } },
      tools: [tool],
      tool_choice: { type: 'function', function: { name: 'f' } },
    });
    expect(body).toEqual({
      model: 'm',
      prompt: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      ],
      maxOutputTokens: 20,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      presencePenalty: 1,
      frequencyPenalty: -1,
      seed: 7,
      stopSequences: ['a', 'b'],
      responseFormat: { type: 'json', name: 'reply', schema: { type: 'object' } },
      tools: [{ type: 'function', name: 'f', description: 'It does.', inputSchema: { type: 'object' }, strict: true }],
      toolChoice: { type: 'tool', toolName: 'f' },
    });
    expect(leftOut).toEqual([]);
  });

  it.each([
    [{ n: 2 }, 'n'],
    [{ logprobs: true }, 'logprobs'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ logit_bias: { 1: 2 } }, 'logit_bias'],
    [{ prediction: { type: 'content', content: 'a' } }, 'prediction'],
    [{ audio: { voice: 'alloy' } }, 'audio'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] }, 'messages[0].content[0].file'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0]'],
  ])('cannot say %j', (chat, param) => {
    expect(refusal(chat)).toMatchObject({ code: 'unsupported_parameter', status: 400, param });
  });

  it.each([
    [{ temperature: 'hot' }, 'temperature'],
    [{ max_tokens: '10' }, 'max_completion_tokens'],
    [{ messages: [] }, 'messages'],
    [{ messages: [...hello, { role: 'tool', tool_call_id: 'c', content: 'a' }] }, 'messages'],
    [
      { messages: [...hello, { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{' } }] }] },
      'messages[1].tool_calls[0].function.arguments',
    ],
  ])('is not made of %j', (chat, param) => {
    expect(refusal(chat)).toMatchObject({ code: 'invalid_value', status: 400, param });
  });

  it('leaves out hints, and names them', () => {
    const { leftOut } = requested({
      user: 'u',
      metadata: {},
      service_tier: 'auto',
      parallel_tool_calls: false,
      store: true,
      verbosity: null,
    });
    expect(leftOut).toEqual(['parallel_tool_calls', 'user', 'metadata', 'service_tier']);
  });

  it('says instructions as the user where nobody else says anything', () => {
    expect(requested({ messages: [{ role: 'system', content: 'Begin.' }] }).body['prompt']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Begin.' }] },
    ]);
  });

  it('tells the name of the tool with what the tool said, and the signature with the call', () => {
    const signed = { extra_content: { google: { thought_signature: 'abc' } } };
    const messages = [
      ...hello,
      {
        role: 'assistant',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' }, ...signed }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'done' },
    ];
    const thoughtSignature = 'abc';
    expect((requested({ messages, tools: [tool] }).body['prompt'] as Fields[]).slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          {
            type: 'tool-call',
            toolCallId: 'c',
            toolName: 'f',
            input: { a: 1 },
            providerOptions: { google: { thoughtSignature }, vertex: { thoughtSignature } },
          },
        ],
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'f', output: { type: 'text', value: 'done' } }],
      },
    ]);
  });

  it('says what one package alone takes in its own options', () => {
    const own = (wire: string, chat: Fields) => {
      const { body, leftOut } = requested({ tools: [tool], ...chat }, wire);
      return { options: body['providerOptions'], leftOut };
    };
    expect(own('sdk:mistral', { parallel_tool_calls: false, reasoning_effort: 'low' })).toEqual({
      options: { mistral: { parallelToolCalls: false, reasoningEffort: 'high' } },
      leftOut: [],
    });
    expect(own('sdk:cohere', { reasoning_effort: 'none' })).toEqual({
      options: { cohere: { thinking: { type: 'disabled' } } },
      leftOut: [],
    });
    expect(own('sdk:bedrock', { reasoning_effort: 'low' })).toEqual({ options: undefined, leftOut: ['reasoning_effort'] });
    expect(own('sdk:vertex', { model: 'gemini-3-pro', reasoning_effort: 'low' }).options).toMatchObject({
      vertex: { thinkingConfig: { thinkingLevel: 'low' } },
    });
    expect(own('sdk:vertex', { model: 'llama', reasoning_effort: 'low' }).leftOut).toEqual(['reasoning_effort']);
  });
});

describe('embeddings', () => {
  const embeddings = (body: Fields, wire = 'sdk:cohere') => sdkDialects[wire]?.embeddings.request({ model: 'm', ...body }, {});

  it('are asked of texts, with the length that their package can ask for', () => {
    expect(embeddings({ input: 'a', encoding_format: 'base64', user: 'u' })).toEqual({
      path: '/embed',
      body: { model: 'm', values: ['a'] },
      leftOut: ['user'],
    });
    expect(embeddings({ input: ['a', 'b'], dimensions: 256 })?.body).toEqual({
      model: 'm',
      values: ['a', 'b'],
      providerOptions: { cohere: { outputDimension: 256 } },
    });
  });

  it('are not asked of tokens, nor of a length that their package cannot ask for', () => {
    expect(() => embeddings({ input: [1, 2] })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'input' }),
    );
    expect(() => embeddings({ input: 'a', dimensions: 8 }, 'sdk:mistral')).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'dimensions' }),
    );
  });

  it('come in their order, with what they took', () => {
    const whole = (given: Fields) => sdkDialects['sdk:cohere']?.embeddings.whole(given);
    expect(whole({ embeddings: [[1], [2]], usage: { tokens: 3 } })).toEqual({
      data: [
        { object: 'embedding', index: 0, embedding: [1] },
        { object: 'embedding', index: 1, embedding: [2] },
      ],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    expect(whole({})).toEqual({});
  });
});

describe('what Gemini wants back with its calls', () => {
  const signature = (text: string) => ({ extra_content: { google: { thought_signature: text } } });
  const asked = (call: Fields, wire: string): unknown => {
    const messages = [...hello, { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', ...call }] }];
    const kept = (id: string) => (id === 'call_1' ? signature('kept') : undefined);
    const { body } = sdkDialects[wire]?.chat.request({ model: 'm', messages }, { stream: false, kept }) ?? {};
    return (body?.['prompt'] as Fields[]).at(-1)?.['content'];
  };
  const made = { function: { name: 'f', arguments: '{}' } };

  it('is what the message brings, else what is kept of the call', () => {
    const options = (thoughtSignature: string) => ({ google: { thoughtSignature }, vertex: { thoughtSignature } });
    expect(asked(made, 'sdk:vertex')).toMatchObject([{ toolCallId: 'call_1', providerOptions: options('kept') }]);
    expect(asked({ ...made, ...signature('own') }, 'sdk:vertex')).toMatchObject([{ providerOptions: options('own') }]);
  });

  it('is looked up for messages alone that bring no signature', () => {
    const call = { id: 'call_1', type: 'function', ...made };
    const isSigned = (message: Fields) => sdkDialects['sdk:vertex']?.chat.isSigned(message);
    expect(isSigned({ tool_calls: [call] })).toBe(false);
    expect(isSigned({ tool_calls: [{ ...call, ...signature('own') }] })).toBe(true);
    expect(sdkDialects['sdk:cohere']?.chat.isSigned({ tool_calls: [call] })).toBe(true);
  });
});
