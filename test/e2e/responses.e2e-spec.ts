import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { call } from '../support/app.js';
import { heldAnswer } from '../support/held-answer.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post } from '../support/relay.js';
import { answerOf, eventsOf, message, providerResponse, reasoning, sendEvents } from '../support/responses-provider.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let other: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('answering', provider.url, { instructions: 'Never name the harbour.' });
  key = await platform.factory.key(tenant);
  other = await platform.factory.key(tenant);
  client = openai(platform.app.baseUrl, key);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(answerOf(message('Hello there.'))));

const sent = () => provider.bodies.at(-1) as unknown as Record<string, unknown>;
const rest = (method: string, path: string, secret = key.secret, body?: unknown) =>
  call(platform.app.baseUrl + path, method, secret, body);
const ask = async (body: object, headers: Record<string, string> = {}) => {
  const reply = await post({
    url: `${platform.app.baseUrl}/responses`,
    secret: key.secret,
    body: { model: 'assistant', ...body },
    headers,
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
};

describe('a response', () => {
  it('comes under ids of the platform and the published name, and shows no instructions but the client’s', async () => {
    const answer = await client.responses.create({ model: 'assistant', input: 'Hi', instructions: 'Be brief.' });
    expect(answer.output_text).toBe('Hello there.');
    expect(answer.id).toMatch(/^resp_[0-9A-Za-z]{24}$/);
    expect(answer.output[0]?.id).toMatch(/^msg_[0-9A-Za-z]{24}$/);
    expect([answer.model, answer.instructions, answer.previous_response_id]).toEqual(['assistant', 'Be brief.', null]);
    expect(answer.usage).toMatchObject({ input_tokens: 7, output_tokens: 5, total_tokens: 12 });
    expect(sent()).toMatchObject({
      model: 'sandbox-chat',
      store: false,
      input: 'Hi',
      instructions: 'Never name the harbour.\n\nBe brief.',
    });
  });

  it('is streamed with typed events whose ids are the same from the first to the last', async () => {
    const stream = client.responses.stream({ model: 'assistant', input: 'Hi' });
    const types: string[] = [];
    const ids = new Set<string>();
    const numbers: number[] = [];
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
      if ('item_id' in event) ids.add(event.item_id);
      if ('item' in event && event.item.id !== undefined) ids.add(event.item.id ?? '');
    }
    const final = await stream.finalResponse();
    expect(types.slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    expect(types.at(-1)).toBe('response.completed');
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect([...ids]).toEqual([final.output[0]?.id]);
    expect([...ids][0]).toMatch(/^msg_[0-9A-Za-z]{24}$/);
    expect(final.output[0]).toMatchObject({ content: [{ type: 'output_text', text: 'Hello there.' }] });
  });

  it('is kept as it was answered, with what was asked, for its key alone, until it is deleted', async () => {
    const answer = await client.responses.create({
      model: 'assistant',
      input: [
        { role: 'user', content: 'One' },
        { role: 'user', content: 'Two' },
      ],
    });
    const { output_text: _text, ...told } = answer;
    expect((await rest('GET', `/responses/${answer.id}`)).body).toEqual(JSON.parse(JSON.stringify(told)));
    expect(faultsOf('Response', JSON.parse(JSON.stringify(told)))).toEqual([]);
    expect(faultsOf('ResponseItemList', (await rest('GET', `/responses/${answer.id}/input_items`)).body)).toEqual([]);
    const items = await client.responses.inputItems.list(answer.id, { order: 'asc' });
    expect(items.data.map((item) => ('content' in item ? item.content : undefined))).toEqual([
      [{ type: 'input_text', text: 'One' }],
      [{ type: 'input_text', text: 'Two' }],
    ]);
    expect((await client.responses.inputItems.list(answer.id, { limit: 1 })).data).toHaveLength(1);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/input_items'],
    ] as const)
      expect((await rest(method, `/responses/${answer.id}${path}`, other.secret)).status).toBe(404);
    await client.responses.delete(answer.id);
    expect((await rest('GET', `/responses/${answer.id}`)).status).toBe(404);
  });

  it('is found again with the member gt that its answer had, streamed or not', async () => {
    const conversation = await client.conversations.create();
    const gt = { history: 'server', conversation_id: conversation.id };
    const { body: whole } = await ask({ input: 'Hi', conversation: conversation.id });
    expect(whole.gt).toEqual(gt);
    expect((await rest('GET', `/responses/${whole.id}`)).body).toEqual(whole);
    const { text } = await ask({ input: 'Hi', conversation: conversation.id, stream: true });
    const last = JSON.parse(text.slice(text.lastIndexOf('data: ') + 'data: '.length)).response;
    expect(last.gt).toEqual(gt);
    expect((await rest('GET', `/responses/${last.id}`)).body).toEqual(last);
  });

  it('of a stream is kept before its last event', async () => {
    let id = '';
    for await (const event of await client.responses.create({ model: 'assistant', input: 'Hi', stream: true })) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.completed') expect((await client.responses.retrieve(id)).output_text).toBe('Hello there.');
    }
    expect(id).not.toBe('');
  });

  it('is kept for as many days as its tenant says', async () => {
    const days = async (): Promise<number> => {
      const { id } = await client.responses.create({ model: 'assistant', input: 'Hi' });
      const find = { where: { id }, select: { createdAt: true, expiresAt: true } };
      const { createdAt, expiresAt } = await platform.factory.run((tx) => tx.response.findFirstOrThrow(find));
      return Math.round((expiresAt.getTime() - createdAt.getTime()) / 86_400_000);
    };
    const keep = (stored_days: number) => platform.app.admin('PATCH', `/tenants/${tenant.slug}`, { stored_days });
    expect(await days()).toBe(30);
    await keep(7);
    expect(await days()).toBe(7);
    await keep(30);
  });

  it('with store: false leaves nothing', async () => {
    const answer = await client.responses.create({ model: 'assistant', input: 'Hi', store: false });
    expect(answer).toMatchObject({ store: false });
    expect((await rest('GET', `/responses/${answer.id}`)).status).toBe(404);
    const next = await ask({ input: 'And?', previous_response_id: answer.id });
    expect([next.status, next.body.error.code, next.body.error.param]).toEqual([
      400,
      'previous_response_not_found',
      'previous_response_id',
    ]);
  });
});

describe('a chain of responses', () => {
  it('is given to the model whole and in order, without ids and without earlier instructions', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'One', instructions: 'Only now.' });
    provider.answerWith(answerOf(message('Second answer.')));
    const second = await client.responses.create({ model: 'assistant', input: 'Two', previous_response_id: first.id });
    await client.responses.create({ model: 'assistant', input: 'Three', previous_response_id: second.id });
    const { input, instructions, previous_response_id: previous } = sent();
    expect([instructions, previous]).toEqual(['Never name the harbour.', undefined]);
    const texts = (input as { role: string; id?: string; content: string | { text: string }[] }[]).map(
      ({ role, id, content }) => [role, typeof content === 'string' ? content : content[0]?.text, id],
    );
    expect(texts).toEqual([
      ['user', 'One', undefined],
      ['assistant', 'Hello there.', undefined],
      ['user', 'Two', undefined],
      ['assistant', 'Second answer.', undefined],
      ['user', 'Three', undefined],
    ]);
  });

  it('goes on when an earlier response was deleted, and ends where the last one was', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'One' });
    const second = await client.responses.create({ model: 'assistant', input: 'Two', previous_response_id: first.id });
    await client.responses.delete(first.id);
    expect((await ask({ input: 'Three', previous_response_id: second.id })).status).toBe(200);
    expect(JSON.stringify(sent()['input'])).toContain('One');
    await client.responses.delete(second.id);
    expect((await ask({ input: 'Four', previous_response_id: second.id })).status).toBe(400);
  });

  it.each(['a previous response', 'a reference to an item'])(
    'stays whole when what it goes on from, %s, is deleted while the next response is made',
    async (what) => {
      const first = await client.responses.create({ model: 'assistant', input: 'One' });
      const reference = { type: 'item_reference' as const, id: first.output[0]?.id ?? '' };
      const held = heldAnswer('Second answer.');
      provider.answerWith(held.answer);
      const second = client.responses
        .stream(
          what === 'a previous response'
            ? { model: 'assistant', input: 'Two', previous_response_id: first.id }
            : { model: 'assistant', input: [{ role: 'user', content: 'One' }, reference, { role: 'user', content: 'Two' }] },
        )
        .finalResponse();
      await held.begun();
      await client.responses.delete(first.id);
      held.release();
      const { id } = await second;
      provider.answerWith(answerOf(message('Third answer.')));
      const third = await ask({ input: 'Three', previous_response_id: id });
      expect(third.status).toBe(200);
      expect(JSON.stringify(sent()['input'])).toMatch(/One.*Hello there.*Two.*Second answer.*Three/);
      expect((await rest('GET', `/responses/${first.id}`)).status).toBe(404);
    },
  );

  it('is whole or is refused, however a deletion of its beginning falls', async () => {
    const firsts = await Promise.all(
      Array.from({ length: 24 }, () => client.responses.create({ model: 'assistant', input: 'One' })),
    );
    const seconds = await Promise.all(
      firsts.map(async ({ id }) => {
        const [second] = await Promise.all([ask({ input: 'Two', previous_response_id: id }), client.responses.delete(id)]);
        return second;
      }),
    );
    for (const { status, body } of seconds) {
      if (status === 200) expect((await ask({ input: 'Three', previous_response_id: body.id })).status).toBe(200);
      else expect([status, body.error.code]).toEqual([400, 'previous_response_not_found']);
    }
  });

  it('is no other key’s', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'One' });
    const asked = openai(platform.app.baseUrl, other).responses.create({
      model: 'assistant',
      input: 'Two',
      previous_response_id: first.id,
    });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('keeps reasoning that the provider sealed, which the client does not see unless it asks', async () => {
    provider.answerWith(answerOf(reasoning('sealed-words'), message('Thought.')));
    const first = await ask({ input: 'One', reasoning: { effort: 'low' } });
    expect(sent()['include']).toEqual(['reasoning.encrypted_content']);
    expect(first.text).not.toContain('sealed-words');
    await ask({ input: 'Two', reasoning: { effort: 'low' }, previous_response_id: first.body.id });
    expect((sent()['input'] as { type: string; encrypted_content?: string }[])[1]).toMatchObject({
      type: 'reasoning',
      encrypted_content: 'sealed-words',
    });
    const shown = await ask({ input: 'Three', reasoning: {}, include: ['reasoning.encrypted_content'] });
    expect(shown.body.output[0].encrypted_content).toBe('sealed-words');
  });
});

describe('a reference to a kept item', () => {
  it('stands for the item, which later responses of the chain have too', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'One' });
    const id = first.output[0]?.id ?? '';
    const input = [
      { role: 'user', content: 'One' },
      { type: 'item_reference', id },
      { role: 'user', content: 'Two' },
    ];
    const second = await ask({ input });
    expect(JSON.stringify(sent()['input'])).toMatch(/One.*Hello there.*Two/);
    expect(JSON.stringify(sent()['input'])).not.toContain(id);
    const items = await client.responses.inputItems.list(second.body.id, { order: 'asc' });
    expect(items.data[1]?.id).toBe(id);
    await client.responses.delete(first.id);
    await ask({ input: 'Three', previous_response_id: second.body.id });
    expect(JSON.stringify(sent()['input'])).toMatch(/One.*Hello there.*Two.*Three/);
  });

  it('that is no item of this key is 404', async () => {
    const foreign = await openai(platform.app.baseUrl, other).responses.create({ model: 'assistant', input: 'One' });
    const refused = await ask({ input: [{ type: 'item_reference', id: foreign.output[0]?.id }] });
    expect([refused.status, refused.body.error.code]).toEqual([404, 'not_found']);
  });

  it('is 400 where all that is referred to, each time counted, has more than 16 MiB', async () => {
    const kept = await client.responses.create({ model: 'assistant', input: 'x'.repeat(1_000_000) });
    const [item] = (await client.responses.inputItems.list(kept.id)).data;
    const references = (count: number) => Array(count).fill({ type: 'item_reference', id: item?.id });
    const before = provider.bodies.length;
    const refused = await ask({ input: references(17) });
    expect([refused.status, refused.body.error.code]).toEqual([400, 'context_length_exceeded']);
    expect(provider.bodies).toHaveLength(before);
    expect((await ask({ input: references(2), store: false })).status).toBe(200);
  });
});

describe('a conversation', () => {
  it('is continued by a response as by a chat, and holds the items of the response under their ids', async () => {
    const conversation = await client.conversations.create({ items: [{ type: 'message', role: 'user', content: 'Earlier' }] });
    const answer = await client.responses.create({ model: 'assistant', input: 'Now', conversation: conversation.id });
    expect(answer.conversation).toEqual({ id: conversation.id });
    expect(JSON.stringify(sent()['input'])).toMatch(/Earlier.*Now/);
    const items = await client.conversations.items.list(conversation.id, { order: 'asc' });
    expect(items.data).toHaveLength(3);
    expect(items.data.at(-1)?.id).toBe(answer.output[0]?.id);
    const named = await ask({ input: 'Again' }, { 'x-gt-conversation-id': conversation.id });
    expect([named.status, named.body.conversation]).toEqual([200, { id: conversation.id }]);
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['beside a previous response', { conversation: 'conv_a', previous_response_id: 'resp_a' }, {}, 'previous_response_id'],
    ['other than the header’s', { conversation: 'conv_a' }, { 'x-gt-conversation-id': 'conv_b' }, 'conversation'],
  ])('that is named %s is 400', async (_what, body, headers, param) => {
    const refused = await ask({ input: 'Hi', ...body }, headers);
    expect([refused.status, refused.body.error.param]).toEqual([400, param]);
  });

  it('that is unknown, or has no form of an id, is refused where it is named', async () => {
    const refused = async (conversation: unknown, headers: Record<string, string> = {}) => {
      const { status, body } = await ask({ input: 'Hi', ...(conversation === undefined ? {} : { conversation }) }, headers);
      return [status, body.error.code, body.error.param];
    };
    const [unknown, formless] = ['conv_000000000000000000000000', 'a b'];
    expect(await refused(unknown)).toEqual([404, 'not_found', 'conversation']);
    expect(await refused({ id: formless })).toEqual([400, 'invalid_value', 'conversation']);
    const header = 'x-gt-conversation-id';
    expect(await refused(undefined, { [header]: unknown })).toEqual([404, 'not_found', header]);
    expect(await refused(undefined, { [header]: formless })).toEqual([400, 'invalid_value', header]);
  });
});

describe('the tokens of an input', () => {
  const count = (body: object) => rest('POST', '/responses/input_tokens', key.secret, { model: 'assistant', ...body });

  it('are counted with instructions, tools and what stands before it, and nobody is asked', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'One, two, three, four, five.' });
    const asked = provider.bodies.length;
    const alone = await count({ input: 'And now?' });
    expect([alone.status, alone.headers.get('x-gt-estimated'), alone.body.object]).toEqual([
      200,
      'tokens',
      'response.input_tokens',
    ]);
    expect(faultsOf('TokenCountsResource', alone.body)).toEqual([]);
    const further: object[] = [
      { input: 'And now?', previous_response_id: first.id },
      { input: 'And now?', instructions: 'Answer in verse.' },
      { input: 'And now?', tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false }] },
    ];
    for (const body of further) expect((await count(body)).body.input_tokens).toBeGreaterThan(alone.body.input_tokens);
    expect((await count({ previous_response_id: first.id })).body.input_tokens).toBeGreaterThan(0);
    expect(provider.bodies).toHaveLength(asked);
  });

  it('are counted with the conversation as it is, which none is made for and no turn of which is waited for', async () => {
    const made = () => platform.factory.run((tx) => tx.conversation.count({ where: { tenantId: tenant.id } }));
    const before = await made();
    const alone = await count({ input: 'And now?' });
    const unmade = await count({ input: 'And now?', conversation: 'never-made' });
    expect([unmade.status, unmade.body]).toEqual([200, alone.body]);
    expect(await made()).toBe(before);
    const { id } = await client.conversations.create({ items: [{ type: 'message', role: 'user', content: 'One, two, three.' }] });
    const held = heldAnswer('At last.');
    provider.answerWith(held.answer);
    const running = client.responses.stream({ model: 'assistant', input: 'Begin', conversation: id }).finalResponse();
    await held.begun();
    const during = await count({ input: 'And now?', conversation: id });
    expect(during.status).toBe(200);
    expect(during.body.input_tokens).toBeGreaterThan(alone.body.input_tokens);
    held.release();
    expect((await running).status).toBe('completed');
    const behind = await count({ input: 'And now?', conversation: id });
    expect(behind.body.input_tokens).toBeGreaterThan(during.body.input_tokens);
    const unknown = await count({ input: 'And now?', conversation: 'conv_000000000000000000000000' });
    expect([unknown.status, unknown.body.error.param]).toEqual([404, 'conversation']);
  });
});

describe('a provider’s failure', () => {
  it.each<[string, object]>([
    ['an error', providerResponse([], { status: 'failed', error: { code: 'server_error', message: 'at host.internal' } })],
    ['something else', { hello: 'world' }],
  ])('that comes as %s with status 200 is 502 and leaves nothing of its words', async (_what, told) => {
    provider.answerWith((_body, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(told)));
    const answer = await ask({ input: 'Hi' });
    expect([answer.status, answer.body.error.code]).toEqual([502, 'upstream_error']);
    expect(answer.text).not.toContain('host.internal');
  });

  it('in mid-stream is one response.failed, and nothing is kept', async () => {
    provider.answerWith((_body, response) => sendEvents(response, eventsOf([message('Hello there.')]).slice(0, 6)));
    const { text } = await ask({ input: 'Hi', stream: true });
    const events = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
    const ends = events.filter(({ type }) => /failed|completed|incomplete|error/.test(type));
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' } } });
    expect((await rest('GET', `/responses/${ends[0].response.id}`)).status).toBe(404);
  });

  it('to tell its usage is made good by counting', async () => {
    provider.answerWith((_body, response) => sendEvents(response, eventsOf([message('Hello there.')], { usage: null })));
    const stream = client.responses.stream({ model: 'assistant', input: 'Hi' });
    const { usage } = await stream.finalResponse();
    expect(usage?.output_tokens).toBeGreaterThan(1);
  });

  it('to give its items ids is made good: each has one of its own, in all events', async () => {
    const items = [message('One.'), message('Two.')].map(({ id: _id, ...item }) => item);
    provider.answerWith(answerOf(...items));
    const whole = await ask({ input: 'Hi' });
    expect(new Set(whole.body.output.map(({ id }: { id: string }) => id)).size).toBe(2);
    const { text } = await ask({ input: 'Hi', stream: true });
    const events = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
    const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item.id);
    expect(new Set(done).size).toBe(2);
    expect(events.at(-1).response.output.map(({ id }: { id: string }) => id)).toEqual(done);
  });

  it('to stream is made good: the events are of the response that is kept', async () => {
    provider.answerWith((_body, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(providerResponse([message('Hello there.')]))),
    );
    const stream = client.responses.stream({ model: 'assistant', input: 'Hi' });
    for await (const _event of stream);
    const final = await stream.finalResponse();
    expect(final.output).toMatchObject((await client.responses.retrieve(final.id)).output);
    expect(final.output).toMatchObject([{ content: [{ text: 'Hello there.' }] }]);
  });

  it('to write the blank line behind its last event is made good', async () => {
    provider.answerWith((_body, response) => {
      const [last, ...before] = eventsOf([message('Hello there.')]).reverse();
      response.setHeader('content-type', 'text/event-stream');
      for (const event of before.reverse()) response.write(`data: ${JSON.stringify(event)}\n\n`);
      response.end(`data: ${JSON.stringify(last)}`);
    });
    const { text } = await ask({ input: 'Hi', stream: true });
    expect(text).toMatch(/event: response\.completed\n/);
    expect(text).not.toContain('response.failed');
  });

  it('to repeat the output in its last event is made good from the events', async () => {
    provider.answerWith((_body, response) => sendEvents(response, eventsOf([message('Hello there.')], { output: [] })));
    const { text } = await ask({ input: 'Hi', stream: true });
    expect(text.slice(text.indexOf('response.completed'))).toContain('"text":"Hello there."');
  });
});

describe('tools', () => {
  it('that a provider runs are left out and named, unless the call depends on one', async () => {
    const tools = [{ type: 'web_search' }, { type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }];
    const answer = await ask({ input: 'Hi', tools });
    expect(answer.headers.get('x-gt-tools-left-out')).toBe('web_search');
    expect(sent()['tools']).toEqual([tools[1]]);
    const forced = await ask({ input: 'Hi', tools, tool_choice: { type: 'web_search' } });
    expect([forced.status, forced.body.error.code, forced.body.error.param]).toEqual([
      400,
      'unsupported_parameter',
      'tool_choice',
    ]);
  });

  it('that reach an address are 400', async () => {
    const refused = await ask({ input: 'Hi', tools: [{ type: 'mcp', server_label: 'x', server_url: 'https://x.example' }] });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'tools[0]']);
  });
});

it.each<[object, string]>([
  [{}, 'input'],
  [{ input: 5 }, 'input'],
  [{ input: ['text'] }, 'input[0]'],
  [{ input: 'Hi', include: ['everything'] }, 'include[0]'],
  [{ input: 'Hi', prompt: { id: 'pmpt_1' } }, 'prompt'],
  [{ input: 'Hi', background: true, store: false }, 'background'],
  [{ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-x' }] }] }, 'input[0].content[0].file_id'],
])('%j is refused and names %s', async (body, param) => {
  const refused = await ask(body);
  expect(refused.body.error.param).toBe(param);
  expect([400, 404]).toContain(refused.status);
});
