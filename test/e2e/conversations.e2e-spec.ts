import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { call } from '../support/app.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { openai, user } from '../support/relay.js';

let platform: TestPlatform;
let key: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  platform = await startPlatform();
  key = await platform.factory.key(platform.acme);
  client = openai(platform.app.baseUrl, key);
});
afterAll(() => platform.close());

const rest = (method: string, path: string, body?: unknown, secret = key.secret) =>
  call(platform.app.baseUrl + path, method, secret, body);
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_unused, at) => [`k${at}`, 'v']));
const message = (content: unknown, role = 'user') => ({ type: 'message', role, content });

describe('conversations.create', () => {
  it("serves OpenAI's client: items and metadata, in OpenAI's own form", async () => {
    const made = await client.conversations.create({
      metadata: { topic: 'demo' },
      items: [{ type: 'message', role: 'user', content: 'Hello!' }],
    });
    expect(made).toMatchObject({ object: 'conversation', metadata: { topic: 'demo' }, title: null, model: null });
    expect(made.id).toMatch(/^conv_[0-9A-Za-z]{24}$/);
    expect(faultsOf('ConversationResource', made)).toEqual([]);
    const page = await client.conversations.items.list(made.id);
    expect(page.data).toEqual([
      {
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_text', text: 'Hello!' }],
      },
    ]);
  });

  it("serves GT's body with the published name behind a spelling, and names the conversation in a header", async () => {
    const { status, headers, body } = await rest('POST', '/conversations', { model: 'default', title: 'Trip' });
    expect([status, body.title, body.model, body.metadata]).toEqual([200, 'Trip', 'assistant', {}]);
    expect(headers.get('x-gt-conversation-id')).toBe(body.id);
  });

  it('takes an empty body and nulls', async () => {
    expect((await rest('POST', '/conversations')).status).toBe(200);
    expect((await rest('POST', '/conversations', { items: null, metadata: null, title: null, model: null })).status).toBe(200);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 'unsupported_parameter', 'colour'],
    ['21 items', { items: Array.from({ length: 21 }, () => message('x')) }, 'invalid_value', 'items'],
    ['17 pairs of metadata', { metadata: pairs(17) }, 'invalid_value', 'metadata'],
    ['metadata that is no text', { metadata: { a: 1 } }, 'invalid_value', 'metadata.a'],
    ['metadata that is too long', { metadata: { a: 'x'.repeat(513) } }, 'invalid_value', 'metadata.a'],
    ['an item of an unknown type', { items: [{ type: 'nonsense' }] }, 'invalid_value', 'items[0].type'],
    ['an item without a type', { items: [{ text: 'x' }] }, 'missing_required_parameter', 'items[0].type'],
    ['a message of an unknown role', { items: [message('x', 'robot')] }, 'invalid_value', 'items[0].role'],
    ['a message without content', { items: [{ role: 'user' }] }, 'missing_required_parameter', 'items[0].content'],
    [
      'a part of an unknown type',
      { items: [message([{ type: 'text_input', text: 'x' }])] },
      'invalid_value',
      'items[0].content[0].type',
    ],
    [
      'a part without its text',
      { items: [message([{ type: 'input_text' }])] },
      'missing_required_parameter',
      'items[0].content[0].text',
    ],
    [
      'a call without its id',
      { items: [{ type: 'function_call', name: 'f', arguments: '{}' }] },
      'missing_required_parameter',
      'items[0].call_id',
    ],
    [
      'a call whose arguments are no text',
      { items: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }] },
      'invalid_value',
      'items[0].arguments',
    ],
    ['a title that is no text', { title: 7 }, 'invalid_value', 'title'],
    ['NUL in a text', { items: [message('a\0b')] }, 'invalid_value', null],
  ])('refuses %s with 400', async (_what, input, code, param) => {
    const { status, body } = await rest('POST', '/conversations', input);
    expect([status, body.error.code, body.error.param]).toEqual([400, code, param]);
  });

  it('takes 20 items and 16 pairs, and keeps the order of the items', async () => {
    const items = Array.from({ length: 20 }, (_unused, at) => message(`n${at}`));
    const { body } = await rest('POST', '/conversations', { items, metadata: pairs(16) });
    const list = await rest('GET', `/conversations/${body.id}/items?order=asc`);
    expect(list.body.data.map((item: { content: { text: string }[] }) => item.content[0]?.text)).toEqual(
      items.map(({ content }) => content),
    );
    expect(list.body.has_more).toBe(false);
  });

  it.each(['asc', 'desc'])('gives large items in pages of about a mebibyte, each item once (%s)', async (order) => {
    const names = Array.from({ length: 7 }, (_unused, at) => `n${at} `);
    const large = (name: string) => message(name + 'x'.repeat(400_000));
    const { body } = await rest('POST', '/conversations', { items: names.map(large) });
    const nameOf = (item: { content: { text: string }[] }): string => item.content[0]?.text.slice(0, 3) ?? '';
    const pages: string[][] = [];
    for (let after = ''; ;) {
      const page = await rest('GET', `/conversations/${body.id}/items?limit=100&order=${order}${after}`);
      pages.push(page.body.data.map(nameOf));
      if (!page.body.has_more) break;
      after = `&after=${page.body.last_id}`;
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(order === 'asc' ? names : names.toReversed());
    const last = await rest('GET', `/conversations/${body.id}/items?limit=1&order=${order}`);
    expect([last.body.data.length, last.body.has_more]).toEqual([1, true]);
  });

  it('answers for a model that the key may not use as for one that is not there', async () => {
    const narrow = await platform.factory.key(platform.acme, { agents: [], rawModels: ['raw-chat'] });
    const hidden = await rest('POST', '/conversations', { model: 'assistant' }, narrow.secret);
    const absent = await rest('POST', '/conversations', { model: 'nobody' }, narrow.secret);
    expect([hidden.status, hidden.body.error.code]).toEqual([404, 'model_not_found']);
    expect(JSON.stringify(hidden.body).replaceAll('assistant', 'nobody')).toBe(JSON.stringify(absent.body));
    expect((await rest('POST', '/conversations', { model: 'raw-chat' }, narrow.secret)).status).toBe(200);
  });

  it('answers 404 for a file or an item that a given item points to and that is not there', async () => {
    const file = await rest('POST', '/conversations', { items: [message([{ type: 'input_file', file_id: 'file-absent' }])] });
    expect([file.status, file.body.error.code, file.body.error.param]).toEqual([404, 'not_found', 'items[0].content[0].file_id']);
    const item = await rest('POST', '/conversations', { items: [{ type: 'item_reference', id: 'msg_1' }] });
    expect([item.status, item.body.error.param]).toEqual([404, 'items[0].id']);
  });

  it('keeps halves of surrogate pairs out of the database, not the item', async () => {
    const { status, body } = await rest('POST', '/conversations', {
      items: [message('a\ud800b')],
      metadata: { k: '\udc00' },
      title: '\ud800',
    });
    expect([status, body.metadata.k, body.title]).toEqual([200, '\ufffd', '\ufffd']);
    const list = await rest('GET', `/conversations/${body.id}/items`);
    expect(list.body.data[0].content[0].text).toBe('a\ufffdb');
  });
});

describe('a conversation', () => {
  it('is shown, changed and deleted by the OpenAI client', async () => {
    const { id } = await client.conversations.create({ metadata: { a: '1' } });
    expect(await client.conversations.retrieve(id)).toMatchObject({ id, metadata: { a: '1' } });
    expect((await client.conversations.update(id, { metadata: { b: '2' } })).metadata).toEqual({ b: '2' });
    expect((await rest('POST', `/conversations/${id}`, { title: 'New' })).body).toMatchObject({
      id,
      title: 'New',
      metadata: { b: '2' },
    });
    const gone = await client.conversations.delete(id);
    expect(gone).toMatchObject({ id, object: 'conversation.deleted', deleted: true });
    expect(faultsOf('DeletedConversationResource', gone)).toEqual([]);
    await expect(client.conversations.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    expect((await rest('DELETE', `/conversations/${id}`)).status).toBe(404);
  });

  it.each([
    [{}, 'missing_required_parameter', 'metadata'],
    [{ items: [] }, 'unsupported_parameter', 'items'],
    [{ metadata: pairs(17) }, 'invalid_value', 'metadata'],
  ])('is not changed by %j', async (input, code, param) => {
    const { id } = await client.conversations.create({});
    const { status, body } = await rest('POST', `/conversations/${id}`, input);
    expect([status, body.error.code, body.error.param]).toEqual([400, code, param]);
  });

  it('stands in the list of its own key alone, page by page', async () => {
    const own = await platform.factory.key(platform.acme);
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.push((await rest('POST', '/conversations', { title: `t${at}` }, own.secret)).body.id);
    const newest = ids.toReversed();
    const list = async (query: string) => (await rest('GET', `/conversations?${query}`, undefined, own.secret)).body;
    const first = await list('limit=2');
    expect(first).toMatchObject({ object: 'list', has_more: true, first_id: newest[0], last_id: newest[1] });
    const rest_ = await list(`limit=3&after=${newest[1]}`);
    expect([rest_.data.map(({ id }: { id: string }) => id), rest_.has_more]).toEqual([newest.slice(2), false]);
    expect((await list('order=asc&limit=1')).data[0].id).toBe(ids[0]);
    expect((await list(`limit=100&after=${(await client.conversations.create({})).id}`)).error.param).toBe('after');
  });
});

describe("a conversation's items", () => {
  const answer = { type: 'message' as const, role: 'assistant' as const, content: 'Hi.' };
  const calls = [
    { type: 'function_call' as const, call_id: 'call_1', name: 'f', arguments: '{}' },
    { type: 'function_call_output' as const, call_id: 'call_1', output: '42' },
    { type: 'reasoning' as const, id: 'rs_mine', summary: [] },
  ];

  it('are added, listed, shown and deleted by the OpenAI client, each in the form of its type', async () => {
    const { id } = await client.conversations.create({ items: [user('one')] });
    const added = await client.conversations.items.create(id, {
      items: [answer, ...calls],
      include: ['reasoning.encrypted_content'],
    });
    expect(faultsOf('ConversationItemList', added)).toEqual([]);
    expect(added.data.map((item) => item.id?.replace(/_.*/, '_'))).toEqual(['msg_', 'fc_', 'fco_', 'rs_']);
    expect(added.data.map((item) => item.id)).not.toContain('rs_mine');
    expect(added.data[0]).toMatchObject({ content: [{ type: 'output_text', text: 'Hi.', annotations: [], logprobs: [] }] });
    expect([added.first_id, added.last_id, added.has_more]).toEqual([added.data[0]?.id, added.data[3]?.id, false]);
    for (const item of added.data)
      expect(await client.conversations.items.retrieve(item.id ?? '', { conversation_id: id })).toEqual(item);
    const left = await client.conversations.items.delete(added.data[1]?.id ?? '', { conversation_id: id });
    expect(left).toMatchObject({ id, object: 'conversation' });
    const seen: string[] = [];
    for await (const item of client.conversations.items.list(id, { limit: 2, order: 'asc' })) seen.push(item.type);
    expect(seen).toEqual(['message', 'message', 'function_call_output', 'reasoning']);
    await expect(client.conversations.items.retrieve(added.data[1]?.id ?? '', { conversation_id: id })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('come newest first, with cursors both ways', async () => {
    const { id } = await client.conversations.create({ items: ['a', 'b', 'c', 'd'].map((text) => user(text)) });
    const list = async (query: string) => (await rest('GET', `/conversations/${id}/items?${query}`)).body;
    const all = (await list('')).data as { id: string; content: { text: string }[] }[];
    const text = (page: { data: typeof all }) => page.data.map(({ content }) => content[0]?.text).join('');
    expect(text({ data: all })).toBe('dcba');
    expect(text(await list(`after=${all[1]?.id}&limit=1`))).toBe('b');
    expect(text(await list(`before=${all[3]?.id}&limit=2`))).toBe('cb');
    expect(text(await list(`order=asc&after=${all[1]?.id}`))).toBe('d');
    expect((await list('after=msg_absent')).error).toMatchObject({ code: 'invalid_value', param: 'after' });
    expect((await list('limit=101')).error).toMatchObject({ code: 'invalid_value', param: 'limit' });
  });

  it("are an empty list in OpenAI's form where there are none", async () => {
    const { id } = await client.conversations.create({});
    const { body } = await rest('GET', `/conversations/${id}/items`);
    expect(body).toEqual({ object: 'list', data: [], first_id: '', last_id: '', has_more: false });
    expect(faultsOf('ConversationItemList', body)).toEqual([]);
  });

  it.each([
    [{}, 'missing_required_parameter', 'items'],
    [{ items: Array.from({ length: 21 }, () => message('x')) }, 'invalid_value', 'items'],
    [{ items: [message('x')], metadata: {} }, 'unsupported_parameter', 'metadata'],
  ])('are not added by %#', async (input, code, param) => {
    const { id } = await client.conversations.create({});
    const { status, body } = await rest('POST', `/conversations/${id}/items`, input);
    expect([status, body.error.code, body.error.param]).toEqual([400, code, param]);
  });

  it("all stay, each call's together, when many add at once", async () => {
    const { id } = await client.conversations.create({});
    await Promise.all(
      Array.from({ length: 12 }, (_unused, at) =>
        client.conversations.items.create(id, { items: [user(`${at}a`), user(`${at}b`)] }),
      ),
    );
    const { body } = await rest('GET', `/conversations/${id}/items?order=asc&limit=100`);
    const texts = body.data.map((item: { content: { text: string }[] }) => item.content[0]?.text) as string[];
    expect(new Set(texts).size).toBe(24);
    for (let at = 0; at < 24; at += 2) expect(texts[at + 1]).toBe(texts[at]?.replace('a', 'b'));
  });
});

describe('ownership', () => {
  it('makes the conversations of another key and of another tenant absent at every door', async () => {
    const { factory, acme, sandbox } = platform;
    const other = await factory.tenant('other', `${sandbox.url}/v1`);
    const { id } = await client.conversations.create({ items: [user('secret')] });
    const [item] = (await client.conversations.items.list(id)).data;
    const strangers = [await factory.key(acme), await factory.key(other)];
    const doors: [string, string, unknown?][] = [
      ['GET', '/conversations/ID'],
      ['POST', '/conversations/ID', { title: 'x' }],
      ['DELETE', '/conversations/ID'],
      ['POST', '/conversations/ID/items', { items: [user('x')] }],
      ['GET', '/conversations/ID/items'],
      ['GET', `/conversations/ID/items/${item?.id}`],
      ['DELETE', `/conversations/ID/items/${item?.id}`],
    ];
    for (const { secret } of strangers) {
      for (const [method, path, body] of doors) {
        const [found, absent] = [
          await rest(method, path.replace('ID', id), body, secret),
          await rest(method, path.replace('ID', 'conv_absent'), body, secret),
        ];
        expect([method, path, found.status, found.body]).toEqual([method, path, 404, absent.body]);
      }
      expect((await rest('GET', '/conversations', undefined, secret)).body.data).toEqual([]);
    }
    expect((await rest('GET', `/conversations/${id}/items`)).body.data).toHaveLength(1);
  });

  it('does not find an item by way of another conversation of the same key', async () => {
    const [a, b] = [await client.conversations.create({ items: [user('x')] }), await client.conversations.create({})];
    const [item] = (await client.conversations.items.list(a.id)).data;
    expect((await rest('GET', `/conversations/${b.id}/items/${item?.id}`)).status).toBe(404);
    expect((await rest('DELETE', `/conversations/${b.id}/items/${item?.id}`)).status).toBe(404);
  });
});
