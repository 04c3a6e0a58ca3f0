import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../../test/support/sandbox-client.js';

useSandbox();

type Event = OpenAI.Responses.ResponseStreamEvent;

const bodyOf = (input: string, body: object) => ({ model: 'm', input, ...body });
const rawStream = (input: string, body: object = {}) =>
  fetch(`${sandbox.url}/v1/responses`, { method: 'POST', body: JSON.stringify(bodyOf(input, { stream: true, ...body })) });

/** The events of a stream as text, each checked to be an `event:` line that repeats the `type` of its `data:` line. */
function parsed(text: string): Event[] {
  return text
    .split(/\r?\n\r?\n/)
    .slice(0, -1)
    .map((block) => {
      const [, name, data = ''] = /^event: (.*)\r?\ndata: (.*)$/.exec(block) ?? [];
      const event = JSON.parse(data) as Event;
      expect(event.type).toBe(name?.trimEnd());
      return event;
    });
}

async function eventsOf(input: string, body: object = {}): Promise<Event[]> {
  return parsed(await (await rawStream(input, body)).text());
}

const typesOf = (events: Event[]) => events.map((event) => event.type.replace('response.', ''));
const textIn = (events: Event[]) =>
  events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
const tools = ['a', 'b'].map((name) => ({
  type: 'function',
  name,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}));

describe('a Responses stream', () => {
  it('has each event in its order, numbered from 0, and no [DONE]', async () => {
    const events = await eventsOf('hi');
    expect(typesOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events[0]).toMatchObject({ response: { status: 'in_progress', output: [], usage: null } });
    expect(events[4]).toMatchObject({ output_index: 0, content_index: 0, delta: 'You', logprobs: [] });
    const item = events[2]?.type === 'response.output_item.added' ? events[2].item : undefined;
    expect(events.slice(3, 9).every((event) => 'item_id' in event && event.item_id === item?.id)).toBe(true);
    const last = events.at(-1);
    expect(last).toMatchObject({
      response: { status: 'completed', output: [{ id: item?.id, content: [{ text: 'You said: hi' }] }] },
    });
  });

  it('ends with what the plain answer is', async () => {
    const body = { tools, instructions: 'x', include: ['reasoning.encrypted_content'] };
    const plain = await client.responses.create({ ...bodyOf('hi [[reasoning:3]]', body), stream: false } as never);
    const last = (await eventsOf('hi [[reasoning:3]]', body)).at(-1);
    const response = last?.type === 'response.completed' ? last.response : undefined;
    const withoutIds = (value: unknown) =>
      JSON.stringify(value)
        .replace(/_sandbox[A-Za-z0-9]+/g, '')
        .replace(/"(created|completed)_at":\d+/g, '');
    expect(withoutIds(response)).toBe(withoutIds({ ...(plain as object), output_text: undefined }));
  });

  it('is understood by the helper of the openai client', async () => {
    const final = await client.responses.stream({ model: 'm', input: 'hello [[reasoning:4]] [[chunks:20]]' }).finalResponse();
    expect(final.output.map((item) => item.type)).toEqual(['reasoning', 'message']);
    expect(final.output[1]).toMatchObject({ content: [{ text: expect.stringMatching(/^You said: hello 4 5/) }] });
    expect(final.usage?.output_tokens_details.reasoning_tokens).toBe(4);
  });

  it('streams the summary of reasoning, and what is included of it at the end of its item', async () => {
    const events = await eventsOf('hi [[reasoning:3]]', { include: ['reasoning.encrypted_content'] });
    const ofReasoning = events.filter((event) => 'output_index' in event && event.output_index === 0);
    expect([...new Set(typesOf(ofReasoning))]).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
    ]);
    expect(ofReasoning.at(-1)).toMatchObject({ item: { type: 'reasoning', encrypted_content: expect.any(String) } });
  });

  it('streams calls one after the other, each with its own place', async () => {
    const events = await eventsOf('[[tools:2]]', { tools });
    const places = events.flatMap((event) => ('output_index' in event ? event.output_index : []));
    expect(places).toEqual([...places].sort());
    expect(new Set(places)).toEqual(new Set([0, 1]));
    const done = events.filter((event) => event.type === 'response.function_call_arguments.done');
    expect(done).toMatchObject([
      { name: 'a', arguments: '{"city":"text"}' },
      { name: 'b', arguments: '{"city":"text"}' },
    ]);
    const added = events.filter((event) => event.type === 'response.output_item.added');
    expect(added).toMatchObject([{ item: { arguments: '', status: 'in_progress' } }, { item: { arguments: '' } }]);
  });

  it('streams the input of a custom tool', async () => {
    const events = await eventsOf('[[tool]]', { tools: [{ type: 'custom', name: 'shell' }] });
    expect(typesOf(events)).toContain('custom_tool_call_input.delta');
    expect(events.find((event) => event.type === 'response.custom_tool_call_input.done')).toMatchObject({
      input: 'sandbox input',
    });
  });

  it('ends as incomplete at the token limit', async () => {
    const events = await eventsOf('one two', { max_output_tokens: 4 });
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' } },
    });
    expect(textIn(events)).toBe('You said: one');
  });

  it('has log probabilities in its deltas where they are included', async () => {
    const events = await eventsOf('hi', { include: ['message.output_text.logprobs'] });
    const tokens = events.flatMap((event) => (event.type === 'response.output_text.delta' ? event.logprobs : []));
    expect(tokens.map((entry) => entry.token).join('')).toBe('You said: hi');
  });

  it('leaves a response behind that can be continued as soon as it is complete', async () => {
    const last = (await eventsOf('hi')).at(-1);
    const id = last?.type === 'response.completed' ? last.response.id : '';
    expect(await client.responses.create({ model: 'm', input: 'on', previous_response_id: id })).toMatchObject({
      status: 'completed',
    });
  });
});

describe('commands in a Responses stream', () => {
  it.each([1, 2, 50])('has exactly %d content chunks', async (count) => {
    const events = await eventsOf(`hello there [[chunks:${count}]]`);
    expect(events.filter((event) => event.type === 'response.output_text.delta')).toHaveLength(count);
  });

  it.each(['[[crlf]]', '[[spaced]]', '[[split:1]]', '[[split:7]] [[crlf]] [[spaced]]', '[[multibyte]] [[split:3]]'])(
    'means the same in every byte form: %s',
    async (form) => {
      const plain = await client.responses.create({ model: 'm', input: form.includes('multibyte') ? 'hi [[multibyte]]' : 'hi' });
      const events = await eventsOf(`hi ${form}`);
      expect(textIn(events)).toBe(plain.output_text);
      expect(events.at(-1)?.type).toBe('response.completed');
    },
  );

  it('breaks off after so many chunks, without a last event: the connection, or cleanly', async () => {
    await expect((await rawStream('a b c [[cut:2]]')).text()).rejects.toThrow();
    const events = await eventsOf('a b c [[cut-clean:2]]');
    expect(textIn(events)).toBe('You said:');
    expect(typesOf(events).at(-1)).toBe('output_text.delta');
  });

  it('ends in an error event and a failed response', async () => {
    const events = await eventsOf('a b c [[error-event:2]]');
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'server_error', message: expect.stringContaining('broke off'), param: null },
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' } } },
    ]);
    expect(events.at(-1)?.sequence_number).toBe(events.length - 1);
  });

  it('paces its chunks', async () => {
    const begin = performance.now();
    await eventsOf('[[chunks:5]] [[pace:20]]');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(4 * 19);
  });

  it('may have one huge event, and no usage', async () => {
    const events = await eventsOf('[[huge:3000000]] [[no-usage]]');
    expect(textIn(events)).toHaveLength(3_000_000);
    const last = events.at(-1);
    expect(last?.type === 'response.completed' && last.response).not.toHaveProperty('usage');
  });
});
