import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, useSandbox } from '../../../test/support/sandbox-client.js';

useSandbox();

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const ask = (input: Body['input'], body: Body = {}) => client.responses.create({ model: 'm', input, ...body });

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const weather = { type: 'function', name: 'weather', parameters, strict: true } as const;

const clock = { ...weather, name: 'clock' };

describe('tools of a response', () => {
  const custom = { type: 'custom', name: 'shell' } as const;
  const namespace = { type: 'namespace', name: 'mail', description: 'Mail', tools: [{ type: 'function', name: 'send' }] };

  it.each<[string, Body, object[]]>([
    ['[[tool]]', { tools: [weather] }, [{ type: 'function_call', name: 'weather', arguments: '{"city":"text"}' }]],
    ['[[tool:clock]]', { tools: [weather, clock] }, [{ type: 'function_call', name: 'clock' }]],
    ['[[tools:2]]', { tools: [weather, clock] }, [{ name: 'weather' }, { name: 'clock' }]],
    ['[[tools:2]]', { tools: [weather, clock], parallel_tool_calls: false }, [{ name: 'weather' }]],
    ['hi', { tools: [weather], tool_choice: 'required' }, [{ name: 'weather' }]],
    ['hi', { tools: [weather, clock], tool_choice: { type: 'function', name: 'clock' } }, [{ name: 'clock' }]],
    [
      '[[tool]]',
      { tools: [weather, clock], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ name: 'clock' }] } },
      [{ name: 'clock' }],
    ],
    [
      '[[tool]]',
      { tools: [{ type: 'web_search' }, custom] },
      [{ type: 'custom_tool_call', name: 'shell', input: 'sandbox input' }],
    ],
    ['[[tool:send]]', { tools: [namespace as never] }, [{ type: 'function_call', name: 'send', namespace: 'mail' }]],
    ['[[tool]]', { tools: [weather], tool_choice: 'none' }, [{ type: 'message' }]],
    ['[[tool]]', { tools: [{ type: 'web_search' }] }, [{ type: 'message' }]],
  ])('%s with %j', async (prompt, body, output) => {
    const response = await ask(prompt, body);
    expect(response.output).toMatchObject(output);
    expect(response.output).toHaveLength(output.length);
    for (const item of response.output) if ('call_id' in item) expect(item.call_id).toMatch(/^call_/);
  });

  it.each(['sunny', [{ type: 'input_text' as const, text: 'sunny' }]])('says what the tool said: %j', async (output) => {
    const answer = await ask(
      [
        { role: 'user', content: '[[tool]] weather?' },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output },
      ],
      { tools: [weather] },
    );
    expect(answer.output_text).toBe('Tool said: sunny');
  });

  it('takes the output of a custom tool', async () => {
    const answer = await ask([
      { role: 'user', content: 'run' },
      { type: 'custom_tool_call', call_id: 'call_1', name: 'shell', input: 'ls' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: 'files' },
    ]);
    expect(answer.output_text).toBe('Tool said: files');
  });

  it('refuses an output without its call, and a call without its output', async () => {
    await expect(ask([{ type: 'function_call_output', call_id: 'call_1', output: 'x' }])).rejects.toMatchObject({
      status: 400,
      param: 'input',
      message: expect.stringContaining('call_1'),
    });
    await expect(
      ask([
        { role: 'user', content: 'x' },
        { type: 'function_call', call_id: 'call_2', name: 'a', arguments: '{}' },
      ]),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('call_2') });
  });
});

describe('reasoning', () => {
  it('is an item before the message, with a summary', async () => {
    const { output } = await ask('hi [[reasoning:5]]');
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'The sandbox thought for 5 tokens.' }] },
      { type: 'message' },
    ]);
    expect(output[0]).not.toHaveProperty('encrypted_content');
  });

  it('has the same opaque content each time it is included, and takes it back', async () => {
    const body: Body = { include: ['reasoning.encrypted_content'], store: false };
    const [first, second] = [await ask('[[reasoning:5]]', body), await ask('[[reasoning:5]]', body)];
    const secretOf = (response: OpenAI.Responses.Response) =>
      response.output.flatMap((item) => (item.type === 'reasoning' ? (item.encrypted_content ?? []) : []));
    expect(secretOf(first)).toEqual([expect.stringMatching(/^[A-Za-z0-9+/]{60,}=*$/)]);
    expect(secretOf(second)).toEqual(secretOf(first));
    const items = first.output as OpenAI.Responses.ResponseInputItem[];
    expect((await ask([...items, { role: 'user', content: 'go on' }])).output_text).toBe('You said: go on');
  });

  it.each(['Zm9yZWlnbg==', 'not base64 at all', Buffer.alloc(80, 7).toString('base64')])(
    'of another provider is refused: %s',
    async (encrypted_content) => {
      const items: Body['input'] = [
        { type: 'reasoning', id: 'rs_x', summary: [], encrypted_content },
        { role: 'user', content: 'x' },
      ];
      await expect(ask(items)).rejects.toMatchObject({ status: 400, code: 'invalid_encrypted_content' });
    },
  );
});
