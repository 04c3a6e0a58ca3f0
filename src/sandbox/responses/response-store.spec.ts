import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../../test/support/sandbox-client.js';

useSandbox();

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const ask = (input: Body['input'], body: Body = {}) => client.responses.create({ model: 'm', input, ...body });

const post = (path: string, body: unknown) =>
  fetch(`${sandbox.url}/v1${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const weather = { type: 'function', name: 'weather', parameters, strict: true } as const;

describe('stored responses', () => {
  it('can be read and deleted', async () => {
    const made = await ask('hi');
    expect(await client.responses.retrieve(made.id)).toMatchObject({ id: made.id, output: made.output, usage: made.usage });
    await client.responses.delete(made.id);
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('are continued, without their instructions', async () => {
    const first = await ask('weather? [[tool]]', { tools: [weather], instructions: 'one' });
    const call_id = first.output[0]?.type === 'function_call' ? first.output[0].call_id : '';
    const second = await ask([{ type: 'function_call_output', call_id, output: 'rain' }], { previous_response_id: first.id });
    expect(second).toMatchObject({ output_text: 'Tool said: rain', previous_response_id: first.id });
    const third = await ask('[[show-system]]', { previous_response_id: second.id, instructions: 'two', tool_choice: 'none' });
    expect(JSON.parse(third.output_text)).toEqual([{ role: 'system', content: 'two' }]);
    expect(third.usage?.input_tokens).toBeGreaterThan(second.usage?.input_tokens ?? 0);
  });

  it('give their items to references', async () => {
    const { output } = await ask('hi');
    const reference = { type: 'item_reference', id: output[0]?.id ?? '' } as const;
    expect((await ask([reference, { role: 'user', content: 'more' }])).output_text).toBe('You said: more');
    await expect(ask([{ ...reference, id: 'msg_unknown' }])).rejects.toMatchObject({ status: 404, param: 'input' });
  });

  it.each([
    ['unknown', async () => 'resp_unknown'],
    ['not stored', async () => (await ask('hi', { store: false })).id],
    ['broken off', async () => (await ask('a b [[cut:1]]')).id],
  ])('are not continued when they are %s', async (_why, made) => {
    await expect(ask('hi', { previous_response_id: await made() })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
  });
});

describe('input tokens and compaction', () => {
  it('are counted as the response counts them', async () => {
    const counted = await post('/responses/input_tokens', {
      model: 'm',
      input: 'hello there',
      tools: [weather],
      instructions: 'be kind',
    });
    const { usage } = await ask('hello there', { tools: [weather], instructions: 'be kind' });
    expect(await counted.json()).toEqual({ object: 'response.input_tokens', input_tokens: usage?.input_tokens });
    expect((await post('/responses/input_tokens', {})).status).toBe(200);
  });

  const history = [
    { role: 'user', content: 'the word is apple' },
    { role: 'assistant', content: 'noted' },
  ] as const;

  it('keeps the messages of the user and seals the rest, which can go on as input', async () => {
    const answer = await post('/responses/compact', { model: 'm', input: history });
    const compacted = (await answer.json()) as { object: string; output: OpenAI.Responses.ResponseInputItem[]; usage: object };
    expect(compacted).toMatchObject({
      object: 'response.compaction',
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'the word is apple' }] },
        { type: 'compaction', id: expect.stringMatching(/^cmp_/), encrypted_content: expect.any(String) },
      ],
      usage: { input_tokens: expect.any(Number) },
    });
    const shown = await ask([...compacted.output, { role: 'user', content: '[[show-system]] which word?' }]);
    expect(JSON.parse(shown.output_text)).toMatchObject([{ type: 'compaction' }]);
    const foreign = { type: 'compaction', encrypted_content: 'Zm9yZWlnbg==' } as const;
    await expect(ask([foreign, { role: 'user', content: 'x' }])).rejects.toMatchObject({ code: 'invalid_encrypted_content' });
  });

  it('is the whole answer behind a trigger, and the first item above a threshold', async () => {
    const trigger = { type: 'compaction_trigger' } as never;
    expect((await ask([...history, trigger])).output).toMatchObject([{ type: 'compaction' }]);
    await expect(ask([trigger, ...history])).rejects.toMatchObject({ status: 400, param: 'input' });
    const rules = { context_management: [{ type: 'compaction', compact_threshold: 1000 }] };
    const long = await ask('word '.repeat(1000), rules);
    expect(long.output.map((item) => item.type)).toEqual(['compaction', 'message']);
    expect((await ask('word', rules)).output.map((item) => item.type)).toEqual(['message']);
  });
});
