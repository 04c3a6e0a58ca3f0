import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { CompletionMessagesRepository } from '../../src/modules/stored-completions/completion-messages.repository.js';
import { TenantDatabase, type Transaction } from '../../src/platform/database/tenant-database.js';
import { call } from '../support/app.js';
import { keyedPost, newKey } from '../support/idempotency.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { defaultAnswer, reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { dataLines, openai, post, until, user } from '../support/relay.js';
import { chunkEvent, openStream } from '../support/scripted-provider.js';

const instructions = 'These are the hidden instructions of the agent.';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('recorded', provider.url, { instructions });
  await platform.factory.alias(tenant, 'keeper', { parameters: { store: true }, pinned: ['store'] });
  await platform.factory.alias(tenant, 'forgetful', { parameters: { store: false }, pinned: ['store'] });
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(async () => {
  provider.answerWith(defaultAnswer);
  key = await platform.factory.key(tenant);
  client = openai(platform.app.baseUrl, key);
});

type Further = Partial<ChatCompletionCreateParamsNonStreaming>;
const create = (further: Further = {}, through = client) =>
  through.chat.completions.create({ model: 'assistant', store: true, messages: [user('hi')], ...further });
const rest = (method: string, path: string, body?: unknown, secret = key.secret) =>
  call(platform.app.baseUrl + path, method, secret, body);
const idsOf = async (through = client): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { id } of through.chat.completions.list()) ids.push(id);
  return ids;
};
/** What a client cannot know: whether anything of the key's is in the table. */
const rowsOf = (keyId = key.id): Promise<number> => platform.factory.run((tx) => tx.storedCompletion.count({ where: { keyId } }));
const refusal = ({ status, body }: Awaited<ReturnType<typeof rest>>): unknown[] => [status, body.error.code, body.error.param];

describe('a chat completion with store: true', () => {
  const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }];

  it('is found again under the id of its reply, as it was answered, with what was asked', async () => {
    const answer = await create({ metadata: { project: 'atlas' }, seed: 7, temperature: 0.5, user: 'u1', tools });
    const found = await client.chat.completions.retrieve(answer.id);
    const { _request_id: _, ...said } = answer as typeof answer & { _request_id?: string };
    expect(found).toMatchObject({ ...said, metadata: { project: 'atlas' }, seed: 7, temperature: 0.5, input_user: 'u1', tools });
    expect(found).toMatchObject({ object: 'chat.completion', tool_choice: null, response_format: null, top_p: null });
    expect(faultsOf('CreateChatCompletionResponse', found)).toEqual([]);
    expect(answer.id).toMatch(/^chatcmpl-[0-9A-Za-z]{24}$/);
    expect(found.model).toBe('assistant');
  });

  it('is not stored at the provider: neither store nor metadata goes out, all else does', async () => {
    const body = '{"model":"raw-chat","store":true,"top_k":40,"metadata":{"a":"b"},"messages":[{"role":"user","content":"hi"}]}';
    await (await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body })).text();
    expect(provider.texts.at(-1)).toBe('{"model":"sandbox-chat","top_k":40,"messages":[{"role":"user","content":"hi"}]}');
  });

  it.each([{}, { store: false }, { store: null }])(
    'is not there without it, and nothing is changed on the way (%j)',
    async (asked) => {
      const body = JSON.stringify({ ...asked, metadata: { a: 1 }, messages: [user('hi')] });
      const url = `${platform.app.baseUrl}/chat/completions`;
      const answer = await post({ url, secret: key.secret, body: `{"model":"raw-chat",${body.slice(1)}` });
      expect(((await answer.json()) as { id: string }).id).toBe('chatcmpl-1');
      expect(provider.texts.at(-1)).toBe(`{"model":"sandbox-chat",${body.slice(1)}`);
      expect(await idsOf()).toEqual([]);
    },
  );

  it('keeps the messages as they were sent, without what the agent adds', async () => {
    const parts = [
      { type: 'text' as const, text: 'look' },
      { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } },
    ];
    const messages = [{ role: 'system' as const, content: 'Mine.' }, user('one'), { role: 'user' as const, content: parts }];
    const { id } = await create({ messages });
    expect(JSON.stringify(provider.bodies.at(-1))).toContain(instructions);
    const listed = await rest('GET', `/chat/completions/${id}/messages`);
    expect(listed.body).toEqual({
      object: 'list',
      data: [
        { id: `${id}-0`, role: 'system', content: 'Mine.', name: null, refusal: null, content_parts: null },
        { id: `${id}-1`, role: 'user', content: 'one', name: null, refusal: null, content_parts: null },
        { id: `${id}-2`, role: 'user', content: null, name: null, refusal: null, content_parts: parts },
      ],
      first_id: `${id}-0`,
      last_id: `${id}-2`,
      has_more: false,
    });
    const all = [listed.body, (await rest('GET', '/chat/completions')).body, (await rest('GET', `/chat/completions/${id}`)).body];
    expect(JSON.stringify(all)).not.toContain(instructions);
  });

  it.each([
    [{ store: 'yes' }, 'store'],
    [{ store: true, metadata: { a: 1 } }, 'metadata.a'],
    [{ store: true, metadata: Object.fromEntries([...Array(17).keys()].map((n) => [`k${n}`, 'v'])) }, 'metadata'],
    [{ store: true, metadata: { ['k'.repeat(65)]: 'v' } }, `metadata.${'k'.repeat(65)}`],
  ])('is refused before it is sent where it cannot be stored (%#)', async (asked, param) => {
    const before = provider.bodies.length;
    const answer = await rest('POST', '/chat/completions', { model: 'assistant', messages: [user('hi')], ...asked });
    expect(refusal(answer)).toEqual([400, 'invalid_value', param]);
    expect(provider.bodies).toHaveLength(before);
  });

  it('is what an agent says of it', async () => {
    const kept = await create({ model: 'keeper', store: false });
    await create({ model: 'forgetful', store: true, metadata: { a: 'b' } });
    expect(await idsOf()).toEqual([kept.id]);
    provider.answerWith((body, response) => reply(response, body, {}));
    await client.completions.create({ model: 'keeper', prompt: 'hi' });
    // A provider that stores nothing refuses metadata, and many refuse the name `store`.
    expect(JSON.stringify(provider.bodies.slice(-3))).not.toMatch(/"store"|"metadata"/);
  });

  it('stores what jsonb would not take', async () => {
    provider.answerWith((body, response) => reply(response, body, { content: 'a\u0000b\ud800' }));
    const { id } = await create({ messages: [user('x\u0000y')], metadata: { note: 'n\u0000' } });
    const found = await client.chat.completions.retrieve(id);
    expect([found.choices[0]?.message.content, found]).toEqual([
      'a\u0000b\ud800',
      expect.objectContaining({ metadata: { note: 'n\ufffd' } }),
    ]);
    expect((await client.chat.completions.messages.list(id)).data[0]?.content).toBe('x\u0000y');
  });
});

describe('a stream with store: true', () => {
  it('has one id in all its events, under which the whole answer is found', async () => {
    const stream = await client.chat.completions.create({
      model: 'assistant',
      store: true,
      stream: true,
      messages: [user('one')],
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const [id = ''] = [...new Set(chunks.map((chunk) => chunk.id))];
    expect(chunks.every((chunk) => chunk.id === id && chunk.choices.length === 1 && chunk.usage === undefined)).toBe(true);
    const found = await client.chat.completions.retrieve(id);
    expect(found).toMatchObject({
      choices: [{ index: 0, message: { role: 'assistant', content: 'Answer to one', refusal: null }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      model: 'assistant',
      created: 1,
    });
    expect(faultsOf('CreateChatCompletionResponse', found)).toEqual([]);
  });

  it('tells the usage to who asks for it', async () => {
    const answer = await client.chat.completions
      .stream({ model: 'assistant', store: true, messages: [user('one')], stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(answer.usage?.total_tokens).toBe(2);
    expect((await client.chat.completions.retrieve(answer.id)).usage?.total_tokens).toBe(2);
  });

  it('keeps nothing of an answer that breaks off', async () => {
    provider.answerWith((_body, response) => {
      openStream(response);
      response.write(chunkEvent({ content: 'half' }));
      setImmediate(() => response.destroy());
    });
    const text = await streamText({ store: true });
    expect(text).toContain('half');
    expect(dataLines(text).at(-1)).toContain('"upstream_error"');
    expect(await rowsOf()).toBe(0);
  });

  it('keeps nothing of an answer whose client leaves', async () => {
    let isOver = false;
    provider.answerWith((_body, response) => {
      openStream(response);
      response.once('close', () => (isOver = true));
      response.write(chunkEvent({ content: 'half' }));
    });
    const leave = new AbortController();
    const answer = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      body: { model: 'assistant', store: true, stream: true, messages: [user('hi')] },
      signal: leave.signal,
    });
    await answer.body?.getReader().read();
    leave.abort();
    await until('the provider is left', () => isOver);
    await until('the call is booked', async () => {
      const { body } = await rest('GET', '/usage');
      return body.data.some(({ state }: { state: string }) => state === 'client_closed');
    });
    expect(await rowsOf()).toBe(0);
  });

  async function streamText(further: object): Promise<string> {
    const body = { model: 'assistant', stream: true, messages: [user('hi')], ...further };
    return (await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body })).text();
  }
});

describe('an answer of a provider that speaks only Responses', () => {
  it.each([false, true])('is stored like any other (stream: %s)', async (stream) => {
    const slug = `responses-only-${stream ? 'b' : 'a'}`;
    const only = await platform.factory.tenant(slug, `${platform.sandbox.url}/v1`);
    await platform.factory.wire(only, 'responses');
    const through = openai(platform.app.baseUrl, await platform.factory.key(only));
    const asked = { model: 'assistant', store: true, metadata: { a: 'b' }, messages: [user('hello')] };
    const ids = new Set<string>();
    if (stream) {
      for await (const chunk of await through.chat.completions.create({ ...asked, stream: true })) {
        ids.add(chunk.id);
        expect([chunk.choices.length, chunk.usage ?? undefined]).toEqual([1, undefined]);
      }
    } else ids.add((await through.chat.completions.create(asked)).id);
    expect(await idsOf(through)).toEqual([...ids]);
    const found = await through.chat.completions.retrieve([...ids][0] ?? '');
    expect(found).toMatchObject({
      model: 'assistant',
      metadata: { a: 'b' },
      choices: [{ message: { content: 'You said: hello' }, finish_reason: 'stop' }],
      usage: { total_tokens: expect.any(Number) },
    });
    expect(faultsOf('CreateChatCompletionResponse', found)).toEqual([]);
  });
});

describe('an answer that is stored and something besides', () => {
  const turn = (conversation: string, further: object = {}) =>
    post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      headers: { 'x-gt-conversation-id': conversation },
      body: { model: 'assistant', store: true, messages: [user('now')], ...further },
    });
  const conversation = async (): Promise<string> => (await rest('POST', '/conversations', { items: [user('earlier')] })).body.id;
  const itemsOf = async (id: string): Promise<number> => (await rest('GET', `/conversations/${id}/items`)).body.data.length;

  it.each([false, true])(
    'is a turn of its conversation too; its history is not among the messages (stream: %s)',
    async (stream) => {
      const id = await conversation();
      const text = await (await turn(id, { stream })).text();
      expect(text).toContain(`"conversation_id":"${id}"`);
      expect(JSON.stringify(provider.bodies.at(-1))).toContain('earlier');
      const [stored = ''] = await idsOf();
      expect(text).toContain(`"id":"${stored}"`);
      expect((await client.chat.completions.messages.list(stored)).data.map(({ content }) => content)).toEqual(['now']);
      expect(await itemsOf(id)).toBe(3);
    },
  );

  it('is kept with its turn or not at all', async () => {
    const id = await conversation();
    provider.answerWith((body, response) => {
      void rest('DELETE', `/conversations/${id}`).then(() => defaultAnswer(body, response));
    });
    const answer = await turn(id);
    expect([answer.status, await rowsOf()]).toEqual([409, 0]);
  });

  it('is answered again under its Idempotency-Key and stored once', async () => {
    const repeated = newKey();
    const url = `${platform.app.baseUrl}/chat/completions`;
    const send = (stream: boolean, idempotencyKey: string) =>
      keyedPost({
        url,
        secret: key.secret,
        key: idempotencyKey,
        body: { model: 'assistant', store: true, stream, messages: [user('hi')] },
      });
    const [first, second] = [await send(false, repeated), await send(false, repeated)];
    expect([second.text, second.replayed]).toEqual([first.text, true]);
    const streamed = newKey();
    const [begun, again] = [await send(true, streamed), await send(true, streamed)];
    expect([again.text, again.replayed]).toEqual([begun.text, true]);
    expect(await rowsOf()).toBe(2);
  });
});

describe('the list of stored completions', () => {
  it('goes from page to page, the oldest first, and the other way round', async () => {
    const ids: string[] = [];
    for (const place of ['1', '2', '3']) ids.push((await create({ metadata: { place } })).id);
    expect(await idsOf()).toEqual(ids);
    const page = await client.chat.completions.list({ limit: 2, order: 'desc' });
    expect([page.data.map(({ id }) => id), page.has_more]).toEqual([[ids[2], ids[1]], true]);
    expect((await page.getNextPage()).data.map(({ id }) => id)).toEqual([ids[0]]);
    const { body } = await rest('GET', '/chat/completions?limit=1');
    expect(faultsOf('ChatCompletionList', body)).toEqual([]);
    expect([body.first_id, body.last_id, body.has_more]).toEqual([ids[0], ids[0], true]);
  });

  it('shows those of a model and of metadata', async () => {
    const a = await create({ metadata: { project: 'a', kind: 'x y&[]' } });
    const b = await create({ model: 'raw-chat', metadata: { project: 'b', kind: 'x y&[]' } });
    const of = async (query: Parameters<typeof client.chat.completions.list>[0]): Promise<string[]> =>
      (await client.chat.completions.list(query)).data.map(({ id }) => id);
    expect(await of({ model: 'raw-chat' })).toEqual([b.id]);
    expect(await of({ metadata: { kind: 'x y&[]' } })).toEqual([a.id, b.id]);
    expect(await of({ metadata: { kind: 'x y&[]', project: 'a' } })).toEqual([a.id]);
    expect(await of({ metadata: { project: 'c' } })).toEqual([]);
  });

  it('is empty in the form of OpenAI', async () => {
    expect((await rest('GET', '/chat/completions')).body).toEqual({
      object: 'list',
      data: [],
      first_id: '',
      last_id: '',
      has_more: false,
    });
  });

  it.each([
    ['?colour=red', 'unsupported_parameter', 'colour'],
    ['?metadata=a', 'unsupported_parameter', 'metadata'],
    ['?metadata[a]=1&metadata[a]=2', 'invalid_value', 'metadata[a]'],
    ['?limit=101', 'invalid_value', 'limit'],
    ['?after=chatcmpl-absent', 'invalid_value', 'after'],
  ])('refuses %s', async (query, code, param) => {
    expect(refusal(await rest('GET', `/chat/completions${query}`))).toEqual([400, code, param]);
  });

  it('ends a page early behind more than a mebibyte', async () => {
    provider.answerWith((body, response) => reply(response, body, { content: 'x'.repeat(600 * 1024) }));
    const ids: string[] = [];
    for (let place = 0; place < 3; place += 1) ids.push((await create()).id);
    const page = await client.chat.completions.list();
    expect([page.data.map(({ id }) => id), page.has_more]).toEqual([ids.slice(0, 2), true]);
    expect(await idsOf()).toEqual(ids);
  });
});

describe('the messages of a stored completion', () => {
  it('are none when it is deleted between the two statements that read them', async () => {
    const { id } = await create({ messages: ['0', '1', '2'].map(user) });
    const { app } = platform.app.running;
    const messages = app.get(CompletionMessagesRepository, { strict: false });
    const page = await app.get(TenantDatabase, { strict: false }).run(tenant.id, (tx) => {
      const deletedMeanwhile = {
        $queryRaw: async (...asked: Parameters<Transaction['$queryRaw']>): Promise<unknown> => {
          const rows = await tx.$queryRaw(...asked);
          await rest('DELETE', `/chat/completions/${id}`);
          return rows;
        },
      } as unknown as Transaction;
      const query = { order: 'asc', limit: 2 } as const;
      return messages.list(deletedMeanwhile, tenant.id, id, query, { after: undefined, count: 3 });
    });
    expect(page).toEqual({ rows: [], hasMore: false });
  });

  it('go from page to page in both orders', async () => {
    const messages = ['0', '1', '2', '3', '4'].map(user);
    const { id } = await create({ messages });
    const seen: unknown[] = [];
    for await (const message of client.chat.completions.messages.list(id, { limit: 2 })) seen.push([message.id, message.content]);
    expect(seen).toEqual(['0', '1', '2', '3', '4'].map((place) => [`${id}-${place}`, place]));
    const back = await client.chat.completions.messages.list(id, { limit: 2, order: 'desc', after: `${id}-3` });
    expect([back.data.map(({ content }) => content), back.has_more]).toEqual([['2', '1'], true]);
  });

  const pagesOf = async (id: string, order: 'asc' | 'desc'): Promise<number[][]> => {
    const pages: number[][] = [];
    for (let after: string | undefined; ; after = `${id}-${pages.at(-1)?.at(-1) ?? ''}`) {
      const { data, has_more } = await client.chat.completions.messages.list(id, { order, limit: 3, after });
      pages.push(data.map((message) => Number(message.id.slice(id.length + 1))));
      if (!has_more) return pages;
    }
  };

  it('end a page early behind a mebibyte, in both orders, whatever was stored how', async () => {
    const messages = ['0', 'ä'.repeat(600_000), '2', '\u{1f30d}'.repeat(300_000), '4', '5'].map(user);
    const { id } = await create({ messages });
    expect([await pagesOf(id, 'asc'), await pagesOf(id, 'desc')]).toEqual([
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      [[5, 4, 3], [2, 1], [0]],
    ]);
    const shown = await client.chat.completions.messages.list(id, { limit: 100, after: `${id}-2` });
    expect(shown.data.map(({ content }) => content)).toEqual([messages[3]?.content]);
    // As a release before wrote it.
    await platform.factory.run(
      (tx) => tx.$executeRaw`
        update stored_completions set message_texts = null, message_ends = null,
          messages = ${JSON.stringify(messages)}::json where id = ${id}`,
    );
    expect(await pagesOf(id, 'asc')).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(await pagesOf(id, 'desc')).toEqual([[5, 4, 3], [2, 1], [0]]);
  });

  it('are stored so that a page reads its own bytes alone', async () => {
    const { id } = await create({ messages: Array.from({ length: 2_000 }, () => user('x'.repeat(1_000))) });
    const [row] = await platform.factory.run(
      (tx) => tx.$queryRaw<{ compressed: (string | null)[]; unpacked: string }[]>`
        select array[pg_column_compression(message_texts), pg_column_compression(message_ends)] as compressed,
               messages::text as unpacked
          from stored_completions where id = ${id}`,
    );
    expect(row).toEqual({ compressed: [null, null], unpacked: '[]' });
    const [last] = (await client.chat.completions.messages.list(id, { limit: 1, order: 'desc' })).data;
    expect(last?.id).toBe(`${id}-1999`);
  });

  it('begin behind one of them and nowhere else', async () => {
    const { id } = await create();
    for (const after of [`${id}-1`, `${id}-01`, id, 'chatcmpl-absent-0'])
      expect(refusal(await rest('GET', `/chat/completions/${id}/messages?after=${after}`))).toEqual([
        400,
        'invalid_value',
        'after',
      ]);
  });
});

describe('a stored completion', () => {
  it('gets other metadata as a whole, and nothing else', async () => {
    const { id } = await create({ metadata: { a: '1', b: '2' } });
    const before = await client.chat.completions.retrieve(id);
    const updated = await client.chat.completions.update(id, { metadata: { a: '3' } });
    expect(updated).toEqual({ ...before, metadata: { a: '3' } });
    expect(await client.chat.completions.retrieve(id)).toEqual(updated);
    expect((await rest('POST', `/chat/completions/${id}`, { metadata: null })).body.metadata).toEqual({});
    for (const [body, code, param] of [
      [{}, 'missing_required_parameter', 'metadata'],
      [{ metadata: {}, model: 'x' }, 'unsupported_parameter', 'model'],
      [{ metadata: { a: 'x'.repeat(513) } }, 'invalid_value', 'metadata.a'],
    ] as const)
      expect(refusal(await rest('POST', `/chat/completions/${id}`, body))).toEqual([400, code, param]);
  });

  it('is changed once under an Idempotency-Key', async () => {
    const { id } = await create();
    const send = (project: string, idempotencyKey: string) =>
      keyedPost({
        url: `${platform.app.baseUrl}/chat/completions/${id}`,
        secret: key.secret,
        key: idempotencyKey,
        body: { metadata: { project } },
      });
    const repeated = newKey();
    const first = await send('a', repeated);
    await send('b', newKey());
    const again = await send('a', repeated);
    expect([again.text, again.replayed]).toEqual([first.text, true]);
    expect(await client.chat.completions.retrieve(id)).toMatchObject({ metadata: { project: 'b' } });
  });

  it('is deleted', async () => {
    const { id } = await create();
    const deleted = await client.chat.completions.delete(id);
    expect(deleted).toMatchObject({ id, object: 'chat.completion.deleted', deleted: true });
    expect(faultsOf('ChatCompletionDeleted', JSON.parse(JSON.stringify(deleted)))).toEqual([]);
    expect((await rest('GET', `/chat/completions/${id}`)).status).toBe(404);
    expect((await rest('DELETE', `/chat/completions/${id}`)).status).toBe(404);
    expect(await rowsOf()).toBe(0);
  });

  it('belongs to its key alone', async () => {
    const { id } = await create();
    const other = await platform.factory.key(tenant);
    const foreign = await platform.factory.key(platform.acme);
    for (const { secret } of [other, foreign]) {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['GET', '/messages', undefined],
        ['POST', '', { metadata: {} }],
        ['DELETE', '', undefined],
      ] as const)
        expect((await rest(method, `/chat/completions/${id}${path}`, body, secret)).status).toBe(404);
      expect((await rest('GET', '/chat/completions', undefined, secret)).body.data).toEqual([]);
    }
    expect(await idsOf()).toEqual([id]);
  });

  it('is seen with the scopes of responses only', async () => {
    const { secret } = await platform.factory.key(tenant, { scopes: ['inference:chat'] });
    const limited = openai(platform.app.baseUrl, { secret });
    const { id } = await create({}, limited);
    expect((await rest('GET', `/chat/completions/${id}`, undefined, secret)).status).toBe(403);
  });

  it('is an unknown route where the tenant has switched chat off', async () => {
    const off = await platform.factory.tenant('no-chat', provider.url);
    await platform.factory.run((tx) => tx.tenant.update({ where: { id: off.id }, data: { routesOff: ['chat'] } }));
    const { secret } = await platform.factory.key(off);
    expect((await rest('GET', '/chat/completions', undefined, secret)).body.error.code).toBe('unknown_url');
  });
});

describe('the deletion of a key that has stored completions', () => {
  const remove = (query = '') => platform.app.admin('DELETE', `/keys/${key.id}?tenant=${tenant.slug}${query}`);

  it.each(['', '&force=true'])('takes them along (%s)', async (how) => {
    await create();
    expect((await remove(how)).status).toBe(200);
    expect(await rowsOf()).toBe(0);
  });

  it('gives them to another key', async () => {
    const { id } = await create();
    const heir = await platform.factory.key(tenant);
    expect((await remove(`&transfer_to=${heir.id}`)).status).toBe(200);
    expect([await rowsOf(), await idsOf(openai(platform.app.baseUrl, heir))]).toEqual([0, [id]]);
  });

  it('takes them along when a file is applied that has no such key any more, and the kept responses too', async () => {
    const pruned = await platform.factory.tenant('pruned', `${platform.sandbox.url}/v1`);
    const { id, secret } = await platform.factory.key(pruned);
    const through = openai(platform.app.baseUrl, { secret });
    await create({}, through);
    await through.responses.create({ model: 'assistant', input: 'hi' });
    const kept = () =>
      platform.factory.run(async (tx) => [await rowsOf(id), await tx.responseItem.count({ where: { keyId: id } })]);
    expect(await kept()).toEqual([1, 2]);
    const applied = await platform.app.admin('POST', '/apply', { file: { tenants: [{ slug: 'pruned' }] }, prune: true });
    expect(applied.body.results).toContainEqual(expect.objectContaining({ kind: 'key', action: 'deleted', id }));
    expect(await kept()).toEqual([0, 0]);
  });

  it('leaves nothing of an answer that was under way', async () => {
    provider.answerWith((body, response) => {
      void remove('&force=true').then(() => defaultAnswer(body, response));
    });
    const answer = await rest('POST', '/chat/completions', { model: 'assistant', store: true, messages: [user('hi')] });
    expect([answer.status, await rowsOf()]).toEqual([401, 0]);
  });
});
