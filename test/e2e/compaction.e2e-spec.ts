import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, reply, type RecordedMessage, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post, until } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';

type Item = Record<string, unknown>;
type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let stranger: SeededKey;
let whole: OpenAI;
let chat: OpenAI;

/** One tenant on the whole API of the sandbox, two on a provider that speaks chat alone and remembers what it was asked. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform({ agent: { instructions: 'Never name the harbour.' } });
  whole = openai(platform.app.baseUrl, await platform.factory.key(platform.acme));
  tenant = await platform.factory.tenant('summarising', provider.url, { instructions: 'Never name the harbour.' });
  const other = await platform.factory.tenant('summarising-too', provider.url);
  for (const one of [tenant, other]) await platform.factory.wire(one, 'chat');
  key = await platform.factory.key(tenant);
  stranger = await platform.factory.key(other);
  chat = openai(platform.app.baseUrl, key);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

/** The provider summarises what it is asked to, and answers all else. */
beforeEach(() =>
  provider.answerWith((body, response) => {
    const last = JSON.stringify(body.messages.at(-1));
    reply(response, body, { content: last.includes('Summarise this conversation') ? 'They spoke of plums.' : 'Answer.' });
  }),
);

const messages = (back = 1): readonly RecordedMessage[] => provider.bodies.at(-back)?.messages ?? [];
const send = async (path: string, body: object, secret = key.secret) => {
  const answer = await post({ url: platform.app.baseUrl + path, secret, body: { model: 'assistant', ...body } });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, never> };
};
const refusal = ({ status, body }: Awaited<ReturnType<typeof send>>): unknown[] => {
  const error = body['error'] as unknown as { code: string; param: string };
  return [status, error.code, error.param];
};
const said = (role: string, content: string) => ({ role, content }) as OpenAI.Responses.EasyInputMessage;
const talk = [said('user', 'One plum'), said('assistant', 'Noted.'), said('user', 'Two pears')];
const trigger = { type: 'compaction_trigger' } as never;
const rule = { context_management: [{ type: 'compaction' as const, compact_threshold: 1000 }] };
const long = 'plum pear fig '.repeat(400);
const summary = (text = 'They spoke of plums.') => ({
  role: 'system',
  content: expect.stringMatching(new RegExp(`^Summary of the conversation so far:\\s+${text}$`)),
});

describe.each([
  ['over a provider that speaks Responses', () => whole],
  ['over a provider that speaks chat', () => chat],
])('%s', (_where, clientOf) => {
  it('a conversation is compacted to the user’s messages and one compaction, from which it goes on', async () => {
    const client = clientOf();
    const compacted = await client.responses.compact({ model: 'assistant', input: talk } as never);
    // The package declares that an output has no messages of the user, which OpenAI's description says it has.
    const declared = { ...compacted, output: compacted.output.slice(-1) };
    expect(faultsOf('CompactResource', JSON.parse(JSON.stringify(declared)))).toEqual([]);
    expect(compacted).toMatchObject({ id: expect.stringMatching(/^resp_[0-9A-Za-z]{24}$/), object: 'response.compaction' });
    expect(compacted.output).toMatchObject([
      { type: 'message', role: 'user', id: expect.stringMatching(/^msg_[0-9A-Za-z]{24}$/), content: [{ text: 'One plum' }] },
      { type: 'message', role: 'user', content: [{ text: 'Two pears' }] },
      { type: 'compaction', id: expect.stringMatching(/^cmp_[0-9A-Za-z]{24}$/), encrypted_content: expect.any(String) },
    ]);
    expect(compacted.usage.total_tokens).toBeGreaterThan(0);
    const input = [...compacted.output, said('user', 'Three figs')] as Params['input'];
    expect((await client.responses.create({ model: 'assistant', input })).status).toBe('completed');
    await expect(client.responses.retrieve(compacted.id)).rejects.toMatchObject({ status: 404 });
  });

  it('a compaction is all that the item which asks for one is answered with, streamed or not', async () => {
    const client = clientOf();
    const asked = { model: 'assistant', input: [...talk, trigger], instructions: 'Be brief.' };
    const answer = await client.responses.create(asked);
    expect([answer.status, answer.output.length, answer.output[0]?.type]).toEqual(['completed', 1, 'compaction']);
    const types: string[] = [];
    const stream = client.responses.stream(asked);
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ]);
    expect((await stream.finalResponse()).output).toMatchObject([{ type: 'compaction', encrypted_content: expect.any(String) }]);
    const next = { model: 'assistant', input: 'Three figs', previous_response_id: answer.id };
    expect((await client.responses.create(next)).status).toBe('completed');
  });

  it('a chain is compacted by the id of its last response', async () => {
    const client = clientOf();
    const first = await client.responses.create({ model: 'assistant', input: 'One plum' });
    const { output } = await client.responses.compact({ model: 'assistant', previous_response_id: first.id });
    expect(output.map(({ type }) => type)).toEqual(['message', 'compaction']);
  });

  it('an input that is longer than its threshold is compacted before it is answered, streamed or not', async () => {
    const client = clientOf();
    const input = [said('user', long), said('assistant', 'Noted.'), said('user', 'Two pears')];
    for (const store of [true, false]) {
      const answer = await client.responses.create({ model: 'assistant', input, ...rule, store });
      expect(answer.output.map(({ type }) => type)).toEqual(['compaction', 'message']);
      const stream = client.responses.stream({ model: 'assistant', input, ...rule, store });
      const items: string[] = [];
      for await (const event of stream) if (event.type === 'response.output_item.done') items.push(event.item.type);
      expect(items).toEqual(['compaction', 'message']);
      expect((await stream.finalResponse()).output.map(({ type }) => type)).toEqual(items);
    }
    const short = await client.responses.create({ model: 'assistant', input: 'Two pears', ...rule });
    expect(short.output.map(({ type }) => type)).toEqual(['message']);
  });

  it('what asks for a compaction must be the last item', async () => {
    const asked = clientOf().responses.create({ model: 'assistant', input: [trigger, ...talk] });
    await expect(asked).rejects.toMatchObject({ status: 400, param: 'input[0]' });
  });

  it.each([
    [[{ type: 'compaction', compact_threshold: 999 }], 'context_management[0].compact_threshold'],
    [[{ type: 'other' }], 'context_management[0].type'],
    ['compaction', 'context_management'],
  ])('%j is no rule', async (context_management, param) => {
    const asked = clientOf().responses.create({ model: 'assistant', input: 'Hi', context_management } as never);
    await expect(asked).rejects.toMatchObject({ status: 400, param });
  });
});

describe('a summary of a provider that speaks chat', () => {
  const compact = async (body: object = { input: talk }): Promise<Item[]> =>
    (await send('/responses/compact', body)).body['output'] as unknown as Item[];

  it('is asked for at the end of the conversation, with the tools and none to be called', async () => {
    const weather = { type: 'function', name: 'weather', parameters: {} };
    const input = [...talk, { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '{}' }];
    const outputs = { type: 'function_call_output', call_id: 'call_a', output: 'rain' };
    await compact({ input: [...input, outputs], tools: [weather], max_output_tokens: 20, stream: true });
    expect(provider.bodies.at(-1)).toEqual({
      model: 'sandbox-chat',
      tools: [{ type: 'function', function: { name: 'weather', parameters: {} } }],
      tool_choice: 'none',
      messages: [
        { role: 'system', content: 'Never name the harbour.' },
        { role: 'user', content: 'One plum' },
        { role: 'assistant', content: 'Noted.' },
        { role: 'user', content: 'Two pears' },
        { role: 'assistant', content: null, tool_calls: [expect.objectContaining({ id: 'call_a' })] },
        { role: 'tool', tool_call_id: 'call_a', content: 'rain' },
        { role: 'user', content: expect.stringContaining('Summarise this conversation') },
      ],
    });
  });

  it('is not to be read by the client, and is given to the model in place of what it stands for', async () => {
    const output = await compact();
    expect(Buffer.from(JSON.stringify(output)).toString()).not.toContain('They spoke');
    await send('/responses', { input: [...output, said('user', 'Three figs')] });
    expect(messages().slice(1)).toMatchObject([
      { role: 'user', content: 'One plum' },
      { role: 'user', content: 'Two pears' },
      summary(),
      { role: 'user', content: 'Three figs' },
    ]);
    await send('/responses', { input: [...talk.slice(0, 2), output.at(-1), said('user', 'Three figs')] });
    expect(messages().map(({ role }) => role)).toEqual(['system', 'user', 'system', 'user']);
  });

  it('stands for its chain and for its conversation', async () => {
    const first = await send('/responses', { input: 'One plum' });
    const compaction = await send('/responses', { input: [trigger], previous_response_id: first.body['id'] });
    await send('/responses', { input: 'Three figs', previous_response_id: compaction.body['id'] });
    expect(messages().slice(1)).toMatchObject([
      { role: 'user', content: 'One plum' },
      summary(),
      { role: 'user', content: 'Three figs' },
    ]);
    for (const input of ['One plum', [trigger], 'Three figs']) await send('/responses', { input, conversation: 'plums' });
    expect(messages().slice(1)).toMatchObject([
      { role: 'user', content: 'One plum' },
      summary(),
      { role: 'user', content: 'Three figs' },
    ]);
    await send('/responses/compact', { input: [said('user', 'Four')], conversation: 'plums' });
    await send('/responses', { input: 'Five', conversation: 'plums' });
    expect(messages().map(({ content }) => content)).not.toContain('Four');
  });

  it('stands for its conversation in a chat too, where a later turn is one', async () => {
    const words = (content: string) => ({ messages: [said('user', content)] });
    for (const input of ['One plum', [trigger]]) await send('/responses', { input, conversation: 'pears' });
    const turn = {
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      headers: { 'x-gt-conversation-id': 'pears' },
    };
    const answer = await post({ ...turn, body: { model: 'assistant', ...words('Three figs') } });
    expect([answer.status, answer.headers.has('x-gt-items-left-out')]).toEqual([200, false]);
    expect(messages().slice(1)).toEqual([
      { role: 'user', content: 'One plum' },
      summary(),
      { role: 'user', content: 'Three figs' },
    ]);
  });

  it('lets a call wait for its output beyond it', async () => {
    const call = { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '{}' };
    const [compaction] = (await compact()).slice(-1);
    const output = { type: 'function_call_output', call_id: 'call_a', output: 'rain' };
    const answer = await send('/responses', { input: [...talk, call, compaction, output] });
    expect(answer.status).toBe(200);
    expect(messages().map(({ role }) => role)).toEqual(['system', 'user', 'user', 'assistant', 'tool', 'system']);
  });

  it('is refused when it was altered or is another tenant’s, and left out when the model was left', async () => {
    const [compaction] = (await compact({ model: 'raw-chat', input: talk })).slice(-1);
    const sealed = String(compaction?.['encrypted_content']);
    const refused = [400, 'invalid_encrypted_content', 'input[0].encrypted_content'];
    const altered = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'Q' : 'A'}`;
    const again = (encrypted_content: string, secret?: string) =>
      send('/responses', { model: 'raw-chat', input: [{ ...compaction, encrypted_content }, said('user', 'On')] }, secret);
    expect(refusal(await again(altered))).toEqual(refused);
    expect(refusal(await again(sealed, stranger.secret))).toEqual(refused);
    expect((await again(sealed)).status).toBe(200);
    await platform.factory.run((tx) =>
      tx.endpoint.updateMany({ where: { tenantId: tenant.id, name: 'raw-chat' }, data: { model: 'newer' } }),
    );
    const later = await until('the model has changed', async () => {
      const answer = await again(sealed);
      return provider.bodies.at(-1)?.['model'] === 'newer' && answer;
    });
    expect([later.status, later.headers.get('x-gt-items-left-out')]).toEqual([200, 'compaction']);
  });

  it('of a long input is made by a call of its own, and the answer comes from it and from what was asked last', async () => {
    const [one, two] = [said('user', long), said('user', 'Two pears')];
    const before = provider.bodies.length;
    const answer = await send('/responses', { input: [one, said('assistant', long), two], ...rule, stream: false });
    expect(provider.bodies).toHaveLength(before + 2);
    expect(messages(2).at(-1)).toMatchObject({ role: 'user', content: expect.stringContaining('Summarise') });
    expect(messages(2)).toHaveLength(5);
    expect(messages().slice(1)).toMatchObject([one, summary(), two]);
    const requestId = answer.headers.get('x-gt-request-id') ?? '';
    const rows = await until('both calls are booked', async () => {
      const found = await platform.factory.run((tx) => tx.usage.findMany({ where: { requestId } }));
      return found.length === 2 && found;
    });
    expect(rows.map(({ state }) => state)).toEqual(['completed', 'completed']);
    await send('/responses', { input: 'Three figs', previous_response_id: answer.body['id'] });
    expect(messages().slice(1)).toMatchObject([one, two, summary(), { role: 'assistant' }, { content: 'Three figs' }]);
  });

  it('keeps what was done since the last question, where that is short', async () => {
    const call = { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '{}' };
    const output = { type: 'function_call_output', call_id: 'call_a', output: 'rain' };
    const input = [said('user', long), said('user', 'Weather?'), call];
    await send('/responses', { input: [...input, output], ...rule });
    expect(messages().map(({ role }) => role)).toEqual(['system', 'user', 'system', 'user', 'assistant', 'tool']);
    await send('/responses', { input: [...input, { ...output, output: long }], ...rule });
    expect(messages().map(({ role }) => role)).toEqual(['system', 'user', 'system', 'user']);
  });

  it('of a long input fails with the request, and is not asked for where only tokens are counted', async () => {
    provider.answerWith((_body, response) => response.writeHead(500).end('{}'));
    const before = provider.bodies.length;
    expect(refusal(await send('/responses', { input: long, ...rule, stream: true }))).toEqual([502, 'upstream_error', null]);
    expect(provider.bodies).toHaveLength(before + 1);
    expect((await send('/responses/input_tokens', { input: long, ...rule })).status).toBe(200);
    expect(provider.bodies).toHaveLength(before + 1);
  });

  it('that says nothing is the provider’s fault', async () => {
    provider.answerWith((body, response) => reply(response, body, { content: '  ' }));
    expect(refusal(await send('/responses/compact', { input: talk }))).toEqual([502, 'upstream_error', null]);
    const streamed = await post({
      url: `${platform.app.baseUrl}/responses`,
      secret: key.secret,
      body: { model: 'assistant', input: [...talk, trigger], stream: true },
    });
    expect(await streamed.text()).toContain('response.failed');
  });

  it('is booked like any call', async () => {
    const id = (await send('/responses/compact', { input: talk })).headers.get('x-gt-request-id') ?? '';
    const [row] = await until('the call is booked', async () => {
      const found = await platform.factory.run((tx) => tx.usage.findMany({ where: { requestId: id } }));
      return found.length > 0 && found;
    });
    expect(row).toMatchObject({ route: 'responses.compact', state: 'completed', totalTokens: 2 });
  });

  it('needs something to summarise', async () => {
    expect(refusal(await send('/responses/compact', {}))).toEqual([400, 'missing_required_parameter', 'input']);
  });
});

describe('of a provider that speaks Responses', () => {
  let speaker: SeededKey;
  const compaction = { type: 'compaction', id: 'cmp_provider', encrypted_content: 'opaque' };
  const send_ = (path: string, body: object) => send(path, body, speaker.secret);
  const asked = () => provider.bodies.at(-1) as unknown as { input: Item[] } & Item;

  beforeAll(async () => {
    const speaking = await platform.factory.tenant('speaking', provider.url, {
      instructions: 'Never name the harbour.',
      parameters: { temperature: 0.1 },
    });
    await platform.factory.wire(speaking, 'responses');
    speaker = await platform.factory.key(speaking);
  });
  const compacts = (status: number, answer: object) =>
    provider.answerWith((body, response) => {
      const isCompact = response.req.url?.endsWith('/responses/compact') === true;
      if (isCompact) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      else answerOf(message(JSON.stringify(body).includes('Summarise') ? 'They spoke of plums.' : 'Answer.'))(body, response);
    });

  it('the compaction is asked for and passes as it is, but for its ids', async () => {
    compacts(200, { id: 'resp_p', object: 'response.compaction', created_at: 1, output: [compaction], usage: null });
    const answer = await send_('/responses/compact', { input: talk, store: true, stream: true, instructions: 'Brief.' });
    expect(asked()).toEqual({ model: 'sandbox-chat', input: talk, instructions: 'Never name the harbour.\n\nBrief.' });
    const output = answer.body['output'] as unknown as Item[];
    expect(output).toEqual([{ ...compaction, id: expect.stringMatching(/^cmp_[0-9A-Za-z]{24}$/) }]);
    await send_('/responses', { input: [...output, said('user', 'Three figs')] });
    expect(asked().input).toEqual([{ type: 'compaction', encrypted_content: 'opaque' }, said('user', 'Three figs')]);
  });

  it('the agent’s parameters are for answers, where the request does not say them, and not for its compactions', async () => {
    compacts(200, { id: 'resp_p', object: 'response.compaction', created_at: 1, output: [compaction], usage: null });
    await send_('/responses', { input: 'Hi' });
    expect(asked()).toMatchObject({ temperature: 0.1 });
    await send_('/responses', { input: 'Hi', temperature: 0.7 });
    expect(asked()).toMatchObject({ temperature: 0.7 });
    await send_('/responses/compact', { input: talk });
    expect(asked()).not.toHaveProperty('temperature');
  });

  it('a refusal of the item that asks for one is passed on, and nothing else is asked', async () => {
    provider.answerWith((_body, response) => {
      const error = { message: 'Unknown item type.', code: 'invalid_value', param: 'input[3].type' };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const before = provider.bodies.length;
    const refused = await send_('/responses', { input: [...talk, trigger] });
    expect(refusal(refused)).toEqual([400, 'invalid_value', 'input[3].type']);
    expect(provider.bodies).toHaveLength(before + 1);
  });

  it.each([404, 405, 501])('which answers it with %d a summary is asked instead, in one booked call', async (status) => {
    compacts(status, { error: { message: 'Not found' } });
    const tools = [{ type: 'function', name: 'f', parameters: {} }];
    const answer = await send_('/responses/compact', { input: talk, tools, max_output_tokens: 9 });
    expect(asked()).toMatchObject({ store: false, tool_choice: 'none', tools });
    expect(asked()).not.toHaveProperty('max_output_tokens');
    expect(asked().input).toEqual([...talk, { role: 'user', content: expect.stringContaining('Summarise') }]);
    const output = answer.body['output'] as unknown as Item[];
    expect(output).toMatchObject([
      { role: 'user', content: [{ text: 'One plum' }] },
      { role: 'user', content: [{ text: 'Two pears' }] },
      { type: 'compaction', encrypted_content: expect.stringMatching(/^gt1\./) },
    ]);
    expect(answer.body['usage']).toMatchObject({ total_tokens: 12 });
    await send_('/responses', { input: [talk[1], ...output, said('user', 'Three figs')] });
    expect(asked().input.slice(-2)).toMatchObject([
      { role: 'developer', content: [{ text: expect.stringContaining('They spoke of plums.') }] },
      said('user', 'Three figs'),
    ]);
    expect(asked().input).toHaveLength(4);
    const requestId = answer.headers.get('x-gt-request-id') ?? '';
    const rows = await until('the call is booked', async () => {
      const found = await platform.factory.run((tx) => tx.usage.findMany({ where: { requestId } }));
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ state: 'completed', totalTokens: 12 }]);
  });

  it('a refusal is passed on and nothing else is asked', async () => {
    compacts(400, { error: { message: 'No.', code: 'context_length_exceeded', param: 'input' } });
    const before = provider.bodies.length;
    expect(refusal(await send_('/responses/compact', { input: talk }))).toEqual([400, 'context_length_exceeded', 'input']);
    expect(provider.bodies).toHaveLength(before + 1);
  });
});
