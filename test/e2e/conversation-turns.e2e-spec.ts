import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { TurnTimes } from '../../src/modules/conversations/turn-times.js';
import { Metrics } from '../../src/observability/metrics.js';
import { call, startApp } from '../support/app.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import {
  defaultAnswer,
  reply,
  startRecordingProvider,
  type RecordedMessage,
  type RecordingProvider,
} from '../support/recording-provider.js';
import { dataLines, openai, post, until, user } from '../support/relay.js';
import { chunkEvent, openStream } from '../support/scripted-provider.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('recorded', provider.url, { instructions: 'Be kind.', context_tokens: 2_000 });
  await platform.factory.alias(tenant, 'with-sessions', { sessions: true });
  key = await platform.factory.key(tenant);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(defaultAnswer));

interface Asked {
  readonly conversation?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly [member: string]: unknown;
}

/** One chat call, as JSON. */
async function chat(messages: readonly RecordedMessage[], asked: Asked = {}) {
  const { conversation, headers, secret = key.secret, model = 'assistant', baseUrl = platform.app.baseUrl, ...further } = asked;
  const named: Record<string, string> = conversation === undefined ? {} : { 'x-gt-conversation-id': conversation };
  const response = await post({
    url: `${baseUrl}/chat/completions`,
    secret,
    body: { model, messages, ...further },
    headers: { ...named, ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

const rest = (method: string, path: string, body?: unknown, secret = key.secret) =>
  call(platform.app.baseUrl + path, method, secret, body);
const newConversation = async (items: unknown[] = []): Promise<string> =>
  (await rest('POST', '/conversations', { items })).body.id;

/** What is stored, in short: role or type, and text. */
async function stored(id: string, secret = key.secret): Promise<string[]> {
  const { body } = await rest('GET', `/conversations/${id}/items?order=asc&limit=100`, undefined, secret);
  return body.data.map((item: { type: string; role?: string; content?: { text: string }[]; call_id?: string; output?: string }) =>
    [item.role ?? item.type, item.content?.map(({ text }) => text).join('+') ?? item.call_id, item.output]
      .filter((word) => word !== undefined)
      .join(' '),
  );
}

/** What the model was shown last, in short. */
const shown = (): string[] =>
  (provider.bodies.at(-1)?.messages ?? []).map(
    ({ role, content }) => `${role} ${typeof content === 'string' ? content : JSON.stringify(content)}`,
  );

describe('a turn of a conversation', () => {
  it('puts what was stored behind the instructions and keeps question and answer', async () => {
    const id = await newConversation();
    const first = await chat([user('one')], { conversation: id });
    expect(first.body).toMatchObject({ model: 'assistant', gt: { history: 'server', conversation_id: id } });
    expect(first.headers.get('x-gt-conversation-id')).toBe(id);
    await chat([{ role: 'system', content: 'Mine.' }, user('two')], { conversation: id });
    expect(shown()).toEqual(['system Be kind.', 'system Mine.', 'user one', 'assistant Answer to one', 'user two']);
    expect(await stored(id)).toEqual(['user one', 'assistant Answer to one', 'user two', 'assistant Answer to two']);
  });

  it('continues what was put in as items', async () => {
    const id = await newConversation([user('earlier'), { role: 'assistant', content: 'Indeed.' }]);
    await chat([user('now')], { conversation: id });
    expect(shown()).toEqual(['system Be kind.', 'user earlier', 'assistant Indeed.', 'user now']);
  });

  it('leaves the history to a client that sends an assistant message, and keeps only what is new', async () => {
    const id = await newConversation();
    await chat([user('one')], { conversation: id });
    const messages = [
      { role: 'system', content: 'Mine.' },
      user('one'),
      { role: 'assistant', content: 'Its own words' },
      user('two'),
    ];
    const { body } = await chat(messages, { conversation: id });
    expect(body.gt).toEqual({ history: 'client', conversation_id: id });
    expect(shown()).toEqual(['system Be kind.', 'system Mine.', 'user one', 'assistant Its own words', 'user two']);
    expect(await stored(id)).toEqual(['user one', 'assistant Answer to one', 'user two', 'assistant Answer to two']);
  });

  it('says where it belongs in the last chunk of a stream, which the OpenAI client reads', async () => {
    const id = await newConversation();
    const stream = await openai(platform.app.baseUrl, key).chat.completions.create(
      { model: 'assistant', stream: true, messages: [user('one')] },
      { headers: { 'X-GT-Conversation-Id': id } },
    );
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk as typeof chunk & { gt?: unknown });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Answer to one');
    expect(chunks.map(({ gt }) => gt)).toEqual([undefined, { history: 'server', conversation_id: id }]);
    expect([chunks.at(-1)?.choices[0]?.finish_reason, chunks.at(-1)?.model]).toEqual(['stop', 'assistant']);
    expect(await stored(id)).toEqual(['user one', 'assistant Answer to one']);
  });

  it('marks the usage chunk where one was asked for, and ends with [DONE]', async () => {
    const id = await newConversation();
    const { text, headers } = await chat([user('one')], {
      conversation: id,
      stream: true,
      stream_options: { include_usage: true },
    });
    const lines = dataLines(text);
    expect(lines.at(-1)).toBe('[DONE]');
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({
      choices: [],
      usage: { total_tokens: 2 },
      gt: { conversation_id: id },
    });
    expect(lines.filter((line) => line.includes('"gt"'))).toHaveLength(1);
    expect(headers.get('x-gt-conversation-id')).toBe(id);
  });

  it('sends the chunks before the last one on at once', async () => {
    const id = await newConversation();
    let finish = (): void => undefined;
    provider.answerWith((_body, response) => {
      openStream(response).write(chunkEvent({ role: 'assistant', content: 'first' }));
      finish = () => response.end(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
    });
    const response = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      body: { model: 'assistant', stream: true, messages: [user('one')] },
      headers: { 'x-gt-conversation-id': id },
    });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('first');
    expect(await stored(id)).toEqual([]);
    finish();
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read());
    expect(await stored(id)).toEqual(['user one', 'assistant first']);
  });

  it('keeps images and files of a question and shows them again', async () => {
    const id = await newConversation();
    const parts = [
      { type: 'text', text: 'what is this' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
    ];
    await chat([{ role: 'user', content: parts }], { conversation: id });
    await chat([user('and now')], { conversation: id });
    expect(provider.bodies.at(-1)?.messages[1]).toEqual({ role: 'user', content: parts });
  });

  it('keeps an answer with NUL and half a surrogate pair', async () => {
    const id = await newConversation();
    provider.answerWith((body, response) => reply(response, body, { content: 'a\0b\ud800' }));
    expect((await chat([user('x')], { conversation: id })).status).toBe(200);
    expect(await stored(id)).toEqual(['user x', 'assistant a\ufffdb\ufffd']);
  });
});

describe('the history', () => {
  it("is cut to the agent's context, the oldest turns whole", async () => {
    const turn = (name: string) => [
      user(`${name} ${'x'.repeat(1_200)}`),
      { role: 'assistant', content: `${name} ${'y'.repeat(1_200)}` },
    ];
    const id = await newConversation(['a', 'b', 'c', 'd'].flatMap(turn));
    await chat([user('now')], { conversation: id, max_tokens: 100 });
    expect(shown().map((text) => text.slice(0, 13).trim())).toEqual([
      'system Be kin',
      'user c xxxxxx',
      'assistant c y',
      'user d xxxxxx',
      'assistant d y',
      'user now',
    ]);
  });

  it('is left out where the request fills the context', async () => {
    const id = await newConversation([user('earlier')]);
    await chat([user('z'.repeat(9_000))], { conversation: id });
    expect(shown()).toHaveLength(2);
  });
});

describe('turns with tools', () => {
  const tools = [{ type: 'function', function: { name: 'clock', parameters: {} } }];
  const calls = (...ids: string[]) => ids.map((id) => ({ id, type: 'function', function: { name: 'clock', arguments: '{}' } }));
  const callTools = (...ids: string[]) =>
    provider.answerWith((body, response) =>
      reply(
        response,
        body,
        { content: null, tool_calls: calls(...ids).map((one, index) => (body.stream === true ? { index, ...one } : one)) },
        'tool_calls',
      ),
    );

  it.each([false, true])('are kept and replayed as a chat that providers take (stream: %s)', async (stream) => {
    const id = await newConversation();
    callTools('call_1', 'call_2');
    await chat([user('what time is it')], { conversation: id, tools, stream });
    provider.answerWith(defaultAnswer);
    const results = [
      { role: 'tool', tool_call_id: 'call_1', content: '12:00' },
      { role: 'tool', tool_call_id: 'call_2', content: '13:00' },
    ];
    await chat(results, { conversation: id, tools, stream });
    const asked = [
      { role: 'system', content: 'Be kind.' },
      user('what time is it'),
      { role: 'assistant', content: null, tool_calls: calls('call_1', 'call_2') },
      ...results,
    ];
    expect(provider.bodies.at(-1)?.messages).toEqual(asked);
    await chat([user('thanks')], { conversation: id });
    expect(provider.bodies.at(-1)?.messages).toEqual([
      ...asked,
      { role: 'assistant', content: 'Answer to 13:00' },
      user('thanks'),
    ]);
    expect(await stored(id)).toEqual([
      'user what time is it',
      'function_call call_1',
      'function_call call_2',
      'function_call_output call_1 12:00',
      'function_call_output call_2 13:00',
      'assistant Answer to 13:00',
      'user thanks',
      'assistant Answer to thanks',
    ]);
  });

  it('leave out a call that nobody answered', async () => {
    const id = await newConversation();
    callTools('call_1');
    await chat([user('what time is it')], { conversation: id, tools });
    provider.answerWith(defaultAnswer);
    await chat([user('never mind')], { conversation: id });
    expect(shown()).toEqual(['system Be kind.', 'user what time is it', 'user never mind']);
  });
});

describe('an answer that does not become whole', () => {
  const streamed = { stream: true };
  it.each([
    [
      'a stream that ends early',
      streamed,
      (response: Parameters<typeof openStream>[0]) =>
        openStream(response).end(chunkEvent({ role: 'assistant', content: 'half' })),
    ],
    [
      'a stream that is cut',
      streamed,
      (response: Parameters<typeof openStream>[0]) =>
        openStream(response).write(chunkEvent({ content: 'half' }), () => response.destroy()),
    ],
    [
      'a stream with an error',
      streamed,
      (response: Parameters<typeof openStream>[0]) =>
        openStream(response).end(`${chunkEvent({ content: 'half' })}data: {"error":{"message":"no"}}\n\n`),
    ],
    ['a provider that fails', {}, (response: Parameters<typeof openStream>[0]) => response.writeHead(500).end('{}')],
    [
      'a reply that is no JSON',
      {},
      (response: Parameters<typeof openStream>[0]) => response.setHeader('content-type', 'application/json').end('{"choices":'),
    ],
  ])('is not kept, and the next turn need not wait: %s', async (_what, asked, script) => {
    const id = await newConversation();
    provider.answerWith((_body, response) => void script(response));
    const { text } = await chat([user('one')], { conversation: id, ...asked });
    expect(text).toContain('upstream_error');
    expect(text).not.toContain('[DONE]');
    provider.answerWith(defaultAnswer);
    await until('the conversation is let go, not only left to its time', async () => {
      const row = await platform.factory.run((tx) => tx.conversation.findFirstOrThrow({ where: { id } }));
      return row.leaseOwner === null;
    });
    await chat([user('two')], { conversation: id });
    expect(await stored(id)).toEqual(['user two', 'assistant Answer to two']);
  });

  it('is not kept when the client leaves', async () => {
    const id = await newConversation();
    provider.answerWith((_body, response) => void openStream(response).write(chunkEvent({ role: 'assistant', content: 'half' })));
    const leave = new AbortController();
    const body = { model: 'assistant', stream: true, messages: [user('one')] };
    const url = `${platform.app.baseUrl}/chat/completions`;
    const response = await post({ url, secret: key.secret, body, headers: { 'x-gt-conversation-id': id }, signal: leave.signal });
    await response.body?.getReader().read();
    leave.abort();
    provider.answerWith(defaultAnswer);
    await chat([user('two')], { conversation: id });
    expect(await stored(id)).toEqual(['user two', 'assistant Answer to two']);
  });

  it('is answered 409 when the conversation was deleted meanwhile', async () => {
    const id = await newConversation();
    provider.answerWith(
      (body, response) => void rest('DELETE', `/conversations/${id}`).then(() => defaultAnswer(body, response)),
    );
    const { status, body } = await chat([user('one')], { conversation: id });
    expect([status, body.error.code]).toEqual([409, 'conflict']);
  });
});

describe('turns at once', () => {
  it('wait for one another: each is whole, in order, and sees those before it', async () => {
    const id = await newConversation();
    const names = Array.from({ length: 10 }, (_unused, at) => `t${at}`);
    const replies = await Promise.all(
      names.map((name) => chat([user(name)], { conversation: id, stream: Number(name.slice(1)) % 2 === 0 })),
    );
    expect(replies.map(({ status }) => status)).toEqual(names.map(() => 200));
    const items = await stored(id);
    expect(items).toHaveLength(20);
    expect(new Set(items).size).toBe(20);
    for (let at = 0; at < 20; at += 2) expect(items[at + 1]).toBe(items[at]?.replace('user ', 'assistant Answer to '));
    expect(shown().length).toBe(1 + 18 + 1);
  });

  it('lose none of 50 over two processes', async () => {
    const second = await startApp({ databaseUrl: platform.app.databaseUrl });
    try {
      const id = await newConversation();
      const urls = [platform.app.baseUrl, second.baseUrl];
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_unused, at) => chat([user(`t${at}`)], { conversation: id, baseUrl: urls[at % 2] ?? '' })),
      );
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
      const { body } = await rest('GET', `/conversations/${id}/items?order=asc&limit=100`);
      const texts = body.data.map((item: { content: { text: string }[] }) => item.content[0]?.text) as string[];
      expect(new Set(texts).size).toBe(100);
      for (let at = 0; at < 100; at += 2) expect(texts[at + 1]).toBe(`Answer to ${texts[at]}`);
    } finally {
      await second.close();
    }
  });

  it('are refused with 409 when the one before lasts too long', async () => {
    const times = platform.app.running.app.get(TurnTimes, { strict: false });
    const id = await newConversation();
    let finish = (): void => undefined;
    provider.answerWith((body, response) => {
      finish = () => defaultAnswer(body, response);
    });
    const first = chat([user(`one ${id}`)], { conversation: id });
    await until('the first turn is at the provider', () => provider.bodies.at(-1)?.messages.at(-1)?.content === `one ${id}`);
    const usual = times.waitMs;
    times.waitMs = 200;
    try {
      const { status, body } = await chat([user('two')], { conversation: id });
      expect([status, body.error.code]).toEqual([409, 'conflict']);
      expect((await rest('POST', `/conversations/${id}/items`, { items: [user('x')] })).status).toBe(409);
    } finally {
      times.waitMs = usual;
    }
    finish();
    expect((await first).status).toBe(200);
    expect(await stored(id)).toEqual([`user one ${id}`, `assistant Answer to one ${id}`]);
  });

  it.each(['the client leaves', 'the key is revoked'])(
    'end their waiting when %s, and never reach the provider',
    async (what) => {
      const { secret, id: keyId } = await platform.factory.key(tenant);
      const id = (await rest('POST', '/conversations', {}, secret)).body.id as string;
      let finish = (): void => undefined;
      provider.answerWith((body, response) => {
        finish = () => defaultAnswer(body, response);
      });
      const first = chat([user(`one ${id}`)], { conversation: id, secret });
      await until('the first turn is at the provider', () => provider.bodies.at(-1)?.messages.at(-1)?.content === `one ${id}`);
      const asked = provider.bodies.length;
      const leave = new AbortController();
      const url = `${platform.app.baseUrl}/chat/completions`;
      const body = { model: 'assistant', messages: [user('two')] };
      const second = post({ url, secret, body, headers: { 'x-gt-conversation-id': id }, signal: leave.signal });
      await until('the second turn waits', async () => (await watchedCalls()) === 1);
      if (what === 'the client leaves') {
        leave.abort();
        await expect(second).rejects.toThrow();
      } else {
        await platform.factory.run((tx) =>
          tx.key.update({ where: { tenantId_id: { tenantId: tenant.id, id: keyId } }, data: { state: 'revoked' } }),
        );
        expect((await second).status).toBe(401);
      }
      await until('nobody waits any more', async () => (await watchedCalls()) === 0);
      finish();
      await first;
      expect(provider.bodies.length).toBe(asked);
    },
  );
});

/** Calls that are watched over in this process: open streams, and turns that wait. */
async function watchedCalls(): Promise<number | undefined> {
  const { openStreams } = platform.app.running.app.get(Metrics, { strict: false });
  return (await openStreams.get()).values[0]?.value;
}

describe('how a conversation is named', () => {
  it('a foreign id stands for one conversation of the key, made on first use, however many calls come at once', async () => {
    const own = await platform.factory.key(tenant);
    const foreign = '550e8400-e29b-41d4-a716-446655440000';
    const replies = await Promise.all(
      ['a', 'b', 'c'].map((text) => chat([user(text)], { conversation: foreign, secret: own.secret })),
    );
    const ids = new Set(replies.map(({ body }) => body.gt.conversation_id as string));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    expect(id).toMatch(/^conv_/);
    expect(replies[0]?.headers.get('x-gt-conversation-id')).toBe(id);
    expect(await stored(id, own.secret)).toHaveLength(6);
    expect((await rest('GET', '/conversations', undefined, own.secret)).body.data).toMatchObject([{ id, model: 'assistant' }]);
    const others = await chat([user('d')], { conversation: foreign });
    expect(others.body.gt.conversation_id).not.toBe(id);
  });

  it('an id of another key or tenant is like one that is not there, whoever asks', async () => {
    const id = await newConversation();
    const strangers = [await platform.factory.key(tenant), await platform.factory.key(platform.acme)];
    const asked = provider.bodies.length;
    for (const { secret } of strangers) {
      const [found, absent] = [
        await chat([user('x')], { conversation: id, secret }),
        await chat([user('x')], { conversation: 'conv_absent', secret }),
      ];
      expect([found.status, found.body]).toEqual([404, absent.body]);
      expect(found.body.error).toMatchObject({ code: 'not_found', param: 'x-gt-conversation-id' });
    }
    expect(provider.bodies.length).toBe(asked);
  });

  it.each(['{{CHAT_ID}}', 'a b', 'x'.repeat(201), 'a/b'])('%j is refused with 400', async (conversation) => {
    const { status, body } = await chat([user('x')], { conversation });
    expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_value', 'x-gt-conversation-id']);
  });

  it('takes every character of the contract, 200 of them', async () => {
    const foreign = 'aZ0._:-'.padEnd(200, 'x');
    const [first, second] = [
      await chat([user('x')], { conversation: foreign }),
      await chat([user('y')], { conversation: foreign }),
    ];
    expect(second.body.gt.conversation_id).toBe(first.body.gt.conversation_id);
  });

  it('an empty header names none', async () => {
    const { status, body } = await chat([user('x')], { conversation: '' });
    expect([status, body.gt]).toEqual([200, undefined]);
  });

  it('is judged after the model', async () => {
    const { body } = await chat([user('x')], { conversation: 'conv_absent', model: 'nobody' });
    expect(body.error.code).toBe('model_not_found');
  });

  it('does not reach other routes: embeddings and completions stand alone', async () => {
    const response = await post({
      url: `${platform.app.baseUrl}/completions`,
      secret: key.secret,
      body: { model: 'assistant' },
      headers: { 'x-gt-conversation-id': 'conv_absent' },
    });
    expect(((await response.json()) as { error: { param: string } }).error.param).toBe('prompt');
  });
});

describe('a tenant without conversations', () => {
  it('has calls that stand alone: foreign ids and sessions count for nothing, our ids are unknown', async () => {
    const { factory } = platform;
    const without = await factory.tenant('without', provider.url, { sessions: true });
    await factory.run((tx) => tx.tenant.update({ where: { id: without.id }, data: { routesOff: ['conversations'] } }));
    const { secret } = await factory.key(without);
    for (const asked of [{ conversation: 'chat-1' }, { user: 'anna' }]) {
      const { status, body, headers } = await chat([user('one')], { ...asked, secret });
      expect([status, body.gt, headers.get('x-gt-conversation-id')]).toEqual([200, undefined, null]);
    }
    expect((await chat([user('one')], { conversation: 'conv_any', secret })).status).toBe(404);
    expect(await factory.run((tx) => tx.conversation.count({ where: { tenantId: without.id } }))).toBe(0);
  });
});

describe('sessions', () => {
  it("select a stable conversation by OpenAI's user where the agent has them on", async () => {
    const session = { model: 'with-sessions', user: 'anna' };
    const first = await chat([user('one')], session);
    expect(first.body.gt).toMatchObject({ history: 'server' });
    await chat([user('two')], session);
    expect(shown()).toEqual(['user one', 'assistant Answer to one', 'user two']);
    expect((await chat([user('three')], { model: 'with-sessions', user: 'bert' })).body.gt.conversation_id).not.toBe(
      first.body.gt.conversation_id,
    );
    const other = await platform.factory.key(tenant);
    expect((await chat([user('four')], { ...session, secret: other.secret })).body.gt.conversation_id).not.toBe(
      first.body.gt.conversation_id,
    );
  });

  it('select it by either session header, which wins over the user', async () => {
    const first = await chat([user('one')], {
      model: 'with-sessions',
      user: 'x',
      headers: { 'X-GT-Session-Key': 'agent:main:telegram' },
    });
    const second = await chat([user('two')], {
      model: 'with-sessions',
      headers: { 'x-openclaw-session-key': 'agent:main:telegram' },
    });
    expect(second.body.gt).toEqual(first.body.gt);
  });

  it('give way to the header that names a conversation', async () => {
    const id = await newConversation();
    const { body } = await chat([user('one')], { model: 'with-sessions', user: 'anna', conversation: id });
    expect(body.gt.conversation_id).toBe(id);
  });

  it('are nothing to an agent without them, nor to a call that names none', async () => {
    expect((await chat([user('one')], { user: 'anna' })).body.gt).toBeUndefined();
    expect((await chat([user('one')], { model: 'with-sessions' })).body.gt).toBeUndefined();
  });

  it('cannot be reached by a header', async () => {
    const { body } = await chat([user('one')], { model: 'with-sessions', user: 'carl' });
    const digest = createHash('sha256').update('carl').digest('hex');
    expect((await chat([user('two')], { conversation: `session/${digest}` })).status).toBe(400);
    const named = await chat([user('two')], { conversation: `session:${digest}` });
    expect(named.body.gt.conversation_id).not.toBe(body.gt.conversation_id);
  });
});

describe('a turn with very many messages', () => {
  it('is refused before they are parsed, and the conversation goes on', async () => {
    const conversation = 'with-many-messages';
    const messages = Array(40_000).fill(user('x'));
    const refused = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      headers: { 'x-gt-conversation-id': conversation },
      body: { model: 'assistant', messages },
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_value', param: 'messages' } });
    const next = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      headers: { 'x-gt-conversation-id': conversation },
      body: { model: 'assistant', messages: [user('hello')] },
    });
    expect(next.status).toBe(200);
    await next.arrayBuffer();
  });
});
