import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, reply, type RecordedMessage, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post, until } from '../support/relay.js';
import { answerOf, message, reasoning } from '../support/responses-provider.js';

type Item = Record<string, unknown>;

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let stranger: SeededKey;
let client: OpenAI;

/** Two tenants whose provider speaks chat alone and remembers what it was asked. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('thinking', provider.url);
  const other = await platform.factory.tenant('thinking-too', provider.url);
  await platform.factory.wire(tenant, 'chat');
  await platform.factory.wire(other, 'chat');
  key = await platform.factory.key(tenant);
  stranger = await platform.factory.key(other);
  client = openai(platform.app.baseUrl, key);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() => thinks({ reasoning_content: 'First this, then that.', content: 'Done.' }));

const thinks = (said: object, finish?: string): void =>
  provider.answerWith((body, response) => reply(response, body, said, finish));
const messages = (): readonly RecordedMessage[] => provider.bodies.at(-1)?.messages ?? [];
const ask = async (body: object, secret = key.secret) => {
  const answer = await post({ url: `${platform.app.baseUrl}/responses`, secret, body: { model: 'assistant', ...body } });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, never> };
};
const output = (answer: { readonly body: Record<string, never> }): Item[] => answer.body['output'] as unknown as Item[];
const refusal = ({ status, body }: Awaited<ReturnType<typeof ask>>): unknown[] => {
  const error = body['error'] as unknown as { code: string; param: string };
  return [status, error.code, error.param];
};
const weather = { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} }, strict: false };
const call = { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{}' } };
const included = { include: ['reasoning.encrypted_content'] };
const encrypted = (item: Item | undefined): string => String(item?.['encrypted_content']);

describe('what a model of a chat provider thought', () => {
  it.each([
    ['where it is included', included],
    ['where nothing is kept', { store: false }],
  ])('comes sealed %s', async (_where, asked) => {
    const [thought] = output(await ask({ input: 'Hi', ...asked }));
    expect(thought).toMatchObject({ type: 'reasoning', encrypted_content: expect.stringMatching(/^gt1\.[\w-]+$/) });
    expect(Buffer.from(encrypted(thought).slice(4), 'base64url').toString('latin1')).not.toContain('First this');
  });

  it('comes without a seal to whom has not asked for it', async () => {
    expect(output(await ask({ input: 'Hi' }))[0]).not.toHaveProperty('encrypted_content');
  });

  it('is sealed in the event that ends it, and in no event before', async () => {
    const stream = client.responses.stream({ model: 'assistant', input: 'Hi', include: ['reasoning.encrypted_content'] });
    const done: unknown[] = [];
    for await (const event of stream) if (event.type === 'response.output_item.done') done.push(event.item);
    const final = await stream.finalResponse();
    expect(done[0]).toMatchObject({ type: 'reasoning', encrypted_content: expect.any(String) });
    expect(final.output[0]).toEqual(done[0]);
  });

  it.each(['reasoning_content', 'reasoning'])(
    'goes back as the provider’s own %s, before the call that it led to',
    async (member) => {
      thinks({ [member]: 'I need the weather.', content: null, tool_calls: [call] }, 'tool_calls');
      const input: Item[] = [{ role: 'user', content: 'Weather?' }];
      const first = output(await ask({ input, tools: [weather], store: false }));
      expect(first.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
      thinks({ [member]: 'It rains.', content: 'Take a coat.' });
      input.push(...first, { type: 'function_call_output', call_id: 'call_a', output: 'rain' });
      const second = output(await ask({ input, tools: [weather], store: false }));
      expect(messages().slice(1)).toMatchObject([
        { role: 'assistant', [member]: 'I need the weather.', tool_calls: [{ id: 'call_a' }] },
        { role: 'tool', content: 'rain' },
      ]);
      await ask({ input: [...input, ...second, { role: 'user', content: 'And now?' }], store: false });
      expect(messages().slice(3)).toMatchObject([
        { role: 'assistant', [member]: 'It rains.', content: 'Take a coat.' },
        { role: 'user', content: 'And now?' },
      ]);
    },
  );

  it('goes back from a kept chain as well, seen or not', async () => {
    const first = await ask({ input: 'Hi' });
    await ask({ input: 'More', previous_response_id: first.body['id'] });
    expect(messages()).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: 'Done.', reasoning_content: 'First this, then that.' },
      { role: 'user', content: 'More' },
    ]);
  });

  it('goes back with its details and with the signatures of calls, exactly as they were', async () => {
    const details = [{ type: 'reasoning.encrypted', data: 'opaque', index: 0, weight: 1.5 }];
    const signed = { ...call, extra_content: { google: { thought_signature: 'sig' } } };
    thinks({ content: null, reasoning_details: details, tool_calls: [signed, { ...call, id: 'call_b' }] }, 'tool_calls');
    for (const stream of [false, true]) {
      const items: Item[] = [];
      const asked = { model: 'assistant', input: 'Hi', tools: [weather], store: false } as never;
      if (stream) {
        const events = client.responses.stream(asked);
        for await (const _event of events);
        items.push(...((await events.finalResponse()).output as unknown as Item[]));
      } else items.push(...output(await ask(asked)));
      expect(items.map(({ type }) => type)).toEqual(['reasoning', 'function_call', 'function_call']);
      const outputs = ['call_a', 'call_b'].map((call_id) => ({ type: 'function_call_output', call_id, output: 'x' }));
      await ask({ input: [{ role: 'user', content: 'Hi' }, ...items, ...outputs], tools: [weather] });
      expect(messages()[1]).toEqual({
        role: 'assistant',
        content: null,
        reasoning_details: details,
        tool_calls: [signed, { ...call, id: 'call_b' }],
      });
    }
  });

  it('is refused when it was altered, forged or sealed for another tenant', async () => {
    const [thought] = output(await ask({ input: 'Hi', store: false }));
    const said = { role: 'assistant', content: 'Done.' };
    const with_ = (sealed: string, secret?: string) =>
      ask({ input: [{ role: 'user', content: 'Hi' }, { ...thought, encrypted_content: sealed }, said], store: false }, secret);
    const sealed = encrypted(thought);
    const middle = sealed.length - 20;
    const altered = sealed.slice(0, middle) + (sealed[middle] === 'A' ? 'B' : 'A') + sealed.slice(middle + 1);
    const refused = [400, 'invalid_encrypted_content', 'input[1].encrypted_content'];
    const asked = provider.bodies.length;
    for (const forged of [altered, sealed.slice(0, -8), 'gt1.AAAA', 'gAAAAABprovider', ''])
      expect(refusal(await with_(forged))).toEqual(refused);
    expect(refusal(await with_(sealed, stranger.secret))).toEqual(refused);
    expect(provider.bodies).toHaveLength(asked);
    expect((await with_(sealed)).status).toBe(200);
  });

  it('goes back in great number, is judged to the last one, and has an end', async () => {
    const [thought, said] = output(await ask({ input: 'Hi', store: false }));
    const turns = (count: number): Item[] =>
      Array.from({ length: count }, () => [{ role: 'user', content: 'Hi' }, thought, said] as Item[]).flat();
    const many = turns(200);
    expect((await ask({ input: many, store: false })).status).toBe(200);
    expect(messages().filter((one) => 'reasoning_content' in one)).toHaveLength(200);
    const forged = { ...thought, encrypted_content: `${encrypted(thought)}AA` };
    expect(refusal(await ask({ input: [...many, forged], store: false }))).toEqual([
      400,
      'invalid_encrypted_content',
      'input[600].encrypted_content',
    ]);
    expect((await ask({ input: many, store: false, stream: false }, stranger.secret)).status).toBe(400);
    expect(refusal(await ask({ input: turns(4097), store: false }))).toEqual([400, 'invalid_value', 'input']);
  });

  it('is refused by an endpoint of another connection', async () => {
    const [thought] = output(await ask({ input: 'Hi', store: false }));
    const own = { tenantId: tenant.id, id: 'con_elsewhere', name: 'elsewhere', baseUrl: provider.url, authMode: 'none' };
    await platform.factory.run((tx) => tx.connection.create({ data: { ...own, wire: 'chat' } }));
    await platform.factory.rawModel({ ...tenant, connectionId: own.id }, 'elsewhere', 'sandbox-chat');
    await until('the model is published', async () => (await ask({ model: 'elsewhere', input: 'Hi' })).status === 200);
    expect(refusal(await ask({ model: 'elsewhere', input: [thought], store: false }))).toEqual([
      400,
      'invalid_encrypted_content',
      'input[0].encrypted_content',
    ]);
  });

  it('is left out, and said to be, when the endpoint has left its model', async () => {
    const [thought, said] = output(await ask({ model: 'raw-chat', input: 'Hi', store: false }));
    const input = [{ role: 'user', content: 'Hi' }, thought, said, { role: 'user', content: 'More' }];
    const again = () => ask({ model: 'raw-chat', input, store: false });
    expect((await again()).headers.has('x-gt-items-left-out')).toBe(false);
    expect(messages()[1]).toHaveProperty('reasoning_content');
    await platform.factory.run((tx) =>
      tx.endpoint.updateMany({ where: { tenantId: tenant.id, name: 'raw-chat' }, data: { model: 'newer' } }),
    );
    const later = await until('the model has changed', async () => {
      const answer = await again();
      return provider.bodies.at(-1)?.['model'] === 'newer' && answer;
    });
    expect([later.status, later.headers.get('x-gt-items-left-out')]).toEqual([200, 'reasoning']);
    expect(messages()[1]).toEqual({ role: 'assistant', content: 'Done.' });
  });
});

describe('what a provider that speaks Responses has sealed', () => {
  it('is left out, and said to be, when the endpoint has left the model whose answer was kept', async () => {
    const left = await platform.factory.tenant('leaving', provider.url);
    const { secret } = await platform.factory.key(left);
    await platform.factory.wire(left, 'responses');
    provider.answerWith(answerOf(reasoning('opaque'), message('Hello.')));
    const asks = (body: object) => ask({ model: 'raw-chat', reasoning: {}, ...body }, secret);
    const sent = (): unknown[] => (provider.bodies.at(-1)?.['input'] as Item[]).map(({ type, role }) => type ?? role);
    const first = await asks({ input: 'Hi' });
    await asks({ input: 'Hi', conversation: 'left' });
    const [thought] = output(first);
    const earlier = { input: 'More', previous_response_id: first.body['id'] };
    const talk = { input: 'More', conversation: 'left' };
    const reference = { type: 'item_reference', id: thought?.['id'] };
    const referring = { input: [{ role: 'user', content: 'Hi' }, reference, { role: 'user', content: 'More' }] };
    const before = await asks(earlier);
    expect([before.headers.has('x-gt-items-left-out'), sent()]).toEqual([false, ['message', 'reasoning', 'message', 'user']]);
    await asks(referring);
    expect(sent()).toEqual(['user', 'reasoning', 'user']);
    await platform.factory.run((tx) =>
      tx.endpoint.updateMany({ where: { tenantId: left.id, name: 'raw-chat' }, data: { model: 'newer' } }),
    );
    await until('the model has changed', async () => {
      await asks({ input: 'Hi' });
      return provider.bodies.at(-1)?.['model'] === 'newer';
    });
    for (const body of [earlier, talk]) {
      const later = await asks(body);
      expect([later.status, later.headers.get('x-gt-items-left-out')]).toEqual([200, 'reasoning']);
      expect(sent()).toEqual(['message', 'message', 'user']);
    }
    const referred = await asks(referring);
    expect([referred.headers.get('x-gt-items-left-out'), sent()]).toEqual(['reasoning', ['user', 'user']]);
    const url = `${platform.app.baseUrl}/responses/${String(referred.body['id'])}`;
    const headers = { authorization: `Bearer ${secret}` };
    for (const path of ['', '/input_items']) {
      const shown = await (await fetch(url + path, { headers })).text();
      expect([shown.includes('"id"'), shown.includes('gt_chat')]).toEqual([true, false]);
    }
  });

  it('is left out of a chat over the same conversation, and said to be', async () => {
    const talking = await platform.factory.tenant('talking', provider.url);
    const { secret } = await platform.factory.key(talking);
    await platform.factory.wire(talking, 'responses');
    provider.answerWith(answerOf(reasoning('opaque'), message('Hello.')));
    await ask({ input: 'Hi', reasoning: {}, conversation: 'talk' }, secret);
    const answer = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret,
      headers: { 'x-gt-conversation-id': 'talk' },
      body: { model: 'assistant', messages: [{ role: 'user', content: 'More' }] },
    });
    expect([answer.status, answer.headers.get('x-gt-items-left-out')]).toEqual([200, 'reasoning']);
    const sent = provider.bodies.at(-1)?.['input'] as Item[];
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it.each([
    { message: 'The encrypted content for item rs_1 could not be verified.', param: null, code: null },
    { message: 'Bad item.', param: 'input[0].encrypted_content', code: 'invalid_value' },
  ])('is 400 invalid_encrypted_content where the provider cannot open it and says %j', async (error) => {
    const told = await platform.factory.tenant(`judging-${error.code ?? 'none'}`, provider.url);
    const { secret } = await platform.factory.key(told);
    await platform.factory.wire(told, 'responses');
    provider.answerWith((_body, response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error })),
    );
    const given = { type: 'reasoning', summary: [], encrypted_content: 'opaque' };
    const refused = await ask({ input: [given, { role: 'user', content: 'Hi' }], store: false }, secret);
    expect(refusal(refused)).toEqual([400, 'invalid_encrypted_content', error.param]);
  });

  it('is told with its place in the input only where the provider’s place is the client’s', async () => {
    const chained = await platform.factory.tenant('chained', provider.url);
    const { secret } = await platform.factory.key(chained);
    await platform.factory.wire(chained, 'responses');
    const asks = (body: object) => ask({ model: 'raw-chat', ...body }, secret);
    provider.answerWith(answerOf(reasoning('opaque'), message('Hello.')));
    const first = await asks({ input: 'Hi', reasoning: {} });
    await asks({ input: 'Hi', conversation: 'chained' });
    provider.answerWith((body, response) => {
      const at = (body['input'] as Item[]).findLastIndex(({ type }) => type === 'reasoning');
      const error = { message: `Item input[${at}] is odd.`, param: `input[${at}].encrypted_content`, code: null };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const told = async (body: object) => (await asks(body)).body['error'] as unknown as Item;
    const thought = { type: 'reasoning', summary: [], encrypted_content: 'altered' };
    const input = [{ role: 'user', content: 'Hi' }, thought, { role: 'user', content: 'More' }];
    const param = 'input[1].encrypted_content';
    const own = { param, message: expect.stringMatching(/ of input\[1\] could not be verified/) };
    for (const asked of [input, input.map((item, at) => ({ ...item, id: `item_${at}` }))])
      expect(await told({ input: asked, store: false })).toMatchObject(own);
    const moved = { param: 'input', message: expect.stringMatching(/^The encrypted content could not be verified/) };
    for (const body of [{ previous_response_id: first.body['id'] }, { conversation: 'chained' }])
      expect(await told({ input, ...body })).toMatchObject(moved);
  });
});

describe('when a connection comes to speak Responses', () => {
  it('what was sealed over chat is left out, and what its provider has sealed passes unchanged', async () => {
    const moved = await platform.factory.tenant('moving', provider.url);
    const mover = await platform.factory.key(moved);
    await platform.factory.wire(moved, 'chat');
    const [thought, said] = output(await ask({ input: 'Hi', store: false }, mover.secret));
    const theirs = { type: 'reasoning', summary: [], encrypted_content: 'gAAAAABopaque' };
    const input = [{ role: 'user', content: 'Hi' }, thought, said, theirs, { role: 'user', content: 'More' }];
    await platform.factory.wire(moved, 'responses');
    provider.answerWith((body, response) => {
      if ('input' in body) answerOf(message('Hello.'))(body, response);
      else reply(response, body, { content: 'Done.' });
    });
    const later = await until('the wire has changed', async () => {
      const answer = await ask({ input, store: false }, mover.secret);
      return answer.status === 200 && answer;
    });
    expect(later.headers.get('x-gt-items-left-out')).toBe('reasoning');
    const sent = provider.bodies.at(-1)?.['input'] as Item[];
    expect(sent.map(({ type }) => type)).toEqual([undefined, 'message', 'reasoning', undefined]);
    expect(sent[2]).toEqual(theirs);
    const altered = { ...thought, encrypted_content: `${encrypted(thought)}AA` };
    expect(refusal(await ask({ input: [altered], store: false }, mover.secret))).toEqual([
      400,
      'invalid_encrypted_content',
      'input[0].encrypted_content',
    ]);
  });
});
