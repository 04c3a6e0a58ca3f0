import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SweepService } from '../../src/modules/system/sweep.service.js';
import { keyedPost, newKey, rowsOf, type KeyedAnswer } from '../support/idempotency.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { dataLines, openai, post, statsOf, until, user } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

let platform: TestPlatform;
let key: SeededKey;

beforeAll(async () => {
  platform = await startPlatform();
  key = await platform.factory.key(platform.acme);
  await publishOn(platform, 'http://127.0.0.1:1/v1', 'nobody-there');
});
beforeEach(async () => {
  await fetch(`${platform.sandbox.url}/sandbox/stats/reset`, { method: 'POST' });
  await platform.factory.run((tx) => tx.idempotentRequest.deleteMany());
});
afterAll(() => platform.close());

const asked = async (): Promise<number> => (await statsOf(platform.sandbox)).total;
const url = (path = '/chat/completions'): string => platform.app.baseUrl + path;
const chat = (prompt: string, more: object = {}): object => ({ model: 'raw-chat', messages: [user(prompt)], ...more });
const send = (idempotencyKey: string, body: unknown, secret = key.secret): Promise<KeyedAnswer> =>
  keyedPost({ url: url(), secret, key: idempotencyKey, body });
const twice = async (body: unknown, path?: string): Promise<[KeyedAnswer, KeyedAnswer]> => {
  const call = { url: url(path), secret: key.secret, key: newKey(), body };
  return [await keyedPost(call), await keyedPost(call)];
};

describe('the same request under the same Idempotency-Key', () => {
  it.each([
    ['a plain chat', '/chat/completions', chat('hello')],
    [
      'a streamed chat',
      '/chat/completions',
      chat('hello [[chunks:7]]', { stream: true, stream_options: { include_usage: true } }),
    ],
    ['a legacy completion', '/completions', { model: 'raw-chat', prompt: 'hello', stream: true }],
    ['embeddings', '/embeddings', { model: 'assistant', input: ['hello', 'world'], encoding_format: 'base64' }],
  ])('of %s is asked once and answered byte for byte again, under an id of its own', async (_what, path, body) => {
    const [first, second] = await twice(body, path);
    expect([first.status, first.replayed, second.status, second.replayed]).toEqual([200, false, 200, true]);
    expect(second.text).toBe(first.text);
    expect(await asked()).toBe(1);
    for (const name of ['content-type', 'cache-control', 'x-accel-buffering'])
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(second.headers.get('x-gt-request-id')).toMatch(/^req_/);
    expect(second.headers.get('x-gt-request-id')).not.toBe(first.headers.get('x-gt-request-id'));
  });

  it('of a stream gives the same events, to the last', async () => {
    const [first, second] = await twice(chat('hello [[chunks:5]]', { stream: true }));
    expect(dataLines(second.text)).toEqual(dataLines(first.text));
    expect(dataLines(second.text).at(-1)).toBe('[DONE]');
    expect(second.headers.get('content-type')).toContain('text/event-stream');
  });

  it('is booked once', async () => {
    const { id, secret } = await platform.factory.key(platform.acme);
    const requestIds: (string | null)[] = [];
    for (const idempotencyKey of ['first', 'first', 'second']) {
      requestIds.push((await send(idempotencyKey, chat('booked'), secret)).headers.get('x-gt-request-id'));
    }
    const usage = () => platform.factory.run((tx) => tx.usage.findMany({ where: { keyId: id }, select: { requestId: true } }));
    const booked = await until('the later call is booked', async () => {
      const rows = (await usage()).map(({ requestId }) => requestId);
      return rows.includes(requestIds[2] ?? '') && rows;
    });
    expect(booked.sort()).toEqual([requestIds[0], requestIds[2]].sort());
  });

  it('may spell its address and the order of its query differently', async () => {
    const call = { secret: key.secret, key: newKey(), body: chat('hello') };
    await keyedPost({ ...call, url: `${platform.app.url}/api/tenant/chat/completions?a=1&b=2` });
    expect((await keyedPost({ ...call, url: `${platform.app.url}/api/tenant/v1/v1//chat/completions/?b=2&a=1` })).replayed).toBe(
      true,
    );
  });

  it("is answered again to OpenAI's client, which then sends no second call", async () => {
    const client = openai(platform.app.baseUrl, key);
    const options = { headers: { 'Idempotency-Key': newKey() } };
    const ask = () => client.chat.completions.create({ model: 'raw-chat', messages: [user('hello')] }, options);
    expect(await ask()).toEqual(await ask());
    const events = async () => {
      const all = [];
      const stream = await client.chat.completions.create(
        { model: 'raw-chat', messages: [user('hello')], stream: true },
        { headers: { 'Idempotency-Key': 'stream-1' } },
      );
      for await (const event of stream) all.push(event);
      return all;
    };
    expect(await events()).toEqual(await events());
    expect(await asked()).toBe(2);
  });

  it("works by the option `idempotencyKey` of OpenAI's client where its header is named", async () => {
    const client = Object.assign(openai(platform.app.baseUrl, key, { maxRetries: 5 }), { idempotencyHeader: 'Idempotency-Key' });
    const ask = () =>
      client.chat.completions.create(
        { model: 'raw-chat', messages: [user('hello [[slow:300]]')] },
        { idempotencyKey: 'option-1' },
      );
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await asked()).toBe(1);
  });
});

describe('another request under the key', () => {
  it.each([
    ['other bytes', url, () => chat('other')],
    ['another query', () => `${url()}?a=1`, () => chat('hello')],
    ['another route', () => url('/completions'), () => chat('hello')],
  ])('with %s is refused 422, while the first runs and afterwards', async (_what, otherUrl, otherBody) => {
    const idempotencyKey = newKey();
    const first = send(idempotencyKey, chat('hello'));
    await first;
    const other = await keyedPost({ url: otherUrl(), secret: key.secret, key: idempotencyKey, body: otherBody() });
    expect([other.status, other.code]).toEqual([422, 'idempotency_mismatch']);
    expect(await asked()).toBe(1);
  });

  it('is refused 422 while the first runs, too', async () => {
    const idempotencyKey = newKey();
    const first = send(idempotencyKey, chat('hello [[slow:400]]'));
    await until('the provider is asked', async () => (await asked()) === 1);
    expect((await send(idempotencyKey, chat('other'))).status).toBe(422);
    expect((await first).status).toBe(200);
  });

  it('that chooses another agent by a header is another one', async () => {
    const call = { url: url(), secret: key.secret, key: newKey(), body: chat('hello') };
    await keyedPost(call);
    expect((await keyedPost({ ...call, headers: { 'x-openclaw-agent-id': 'assistant' } })).status).toBe(422);
  });
});

describe('a request that is still running', () => {
  it('is answered 409 with Retry-After, and with its answer afterwards', async () => {
    const idempotencyKey = newKey();
    const body = chat('hello [[slow:500]]');
    const first = send(idempotencyKey, body);
    await until('the provider is asked', async () => (await asked()) === 1);
    const second = await send(idempotencyKey, body);
    expect([second.status, second.code, second.headers.get('retry-after'), second.replayed]).toEqual([
      409,
      'idempotency_in_progress',
      '1',
      false,
    ]);
    const answer = await first;
    expect((await send(idempotencyKey, body)).text).toBe(answer.text);
    expect(await asked()).toBe(1);
  });
});

describe('the scope of an Idempotency-Key', () => {
  it('is one API key of one tenant', async () => {
    const idempotencyKey = newKey();
    const otherKey = await platform.factory.key(platform.acme);
    const globex = await platform.factory.tenant(`globex-${Date.now()}`, `${platform.sandbox.url}/v1`);
    const foreignKey = await platform.factory.key(globex);
    for (const secret of [key.secret, otherKey.secret, foreignKey.secret]) {
      const answer = await send(idempotencyKey, chat('hello'), secret);
      expect([answer.status, answer.replayed]).toEqual([200, false]);
    }
    expect(await asked()).toBe(3);
  });
});

describe('the header', () => {
  it.each([
    ['is empty', ''],
    ['is longer than 255 characters', 'x'.repeat(256)],
    ['holds a blank', 'two words'],
    ['holds what is not ASCII', 'schl\u00fcssel'],
  ])('is refused 400 when it %s', async (_what, idempotencyKey) => {
    const answer = await send(idempotencyKey, chat('hello'));
    expect([answer.status, answer.code, (JSON.parse(answer.text) as { error: { param: string } }).error.param]).toEqual([
      400,
      'invalid_value',
      'idempotency-key',
    ]);
    expect(await asked()).toBe(0);
  });

  it('may have 255 characters', async () => {
    expect((await send('x'.repeat(255), chat('hello'))).status).toBe(200);
  });

  it('is judged after the key of the API', async () => {
    expect((await send('two words', chat('hello'), 'gtak_wrong')).status).toBe(401);
  });

  it('means nothing for a request that changes nothing', async () => {
    const headers = { authorization: `Bearer ${key.secret}`, 'idempotency-key': 'two words' };
    expect((await fetch(url('/models'), { headers })).status).toBe(200);
  });

  it('leaves no row when it is not there', async () => {
    await post({ url: url(), secret: key.secret, body: chat('hello') });
    expect(await rowsOf(platform.factory)).toEqual([]);
  });
});

describe('an error', () => {
  it.each([
    ['that the provider broke off', '[[status:500]]', 502],
    ['that the provider made of the request', '[[status:400]]', 400],
    ['that the provider made of a field', '[[status:422]]', 422],
    ['of an unreadable answer', '[[bad-json]]', 502],
  ])('%s is kept: the provider may have worked for it', async (_what, fault, status) => {
    const [first, second] = await twice(chat(fault));
    expect([first.status, second.status, second.replayed]).toEqual([status, status, true]);
    expect(second.text).toBe(first.text);
    expect(await asked()).toBe(1);
  });

  it.each([
    ["the provider's 429", chat('[[status:429]]'), 429, 2],
    ["the provider's 413", chat('[[status:413]]'), 413, 2],
    ['a missing field', { model: 'raw-chat' }, 400, 0],
    ['broken JSON', '{"model":', 400, 0],
    ['an unknown model', chat('hello', { model: 'nothing' }), 404, 0],
    ['a provider that cannot be reached', chat('hello', { model: 'nobody-there' }), 502, 0],
  ])('is not kept when it is %s: the key is free at once', async (_what, body, status, times) => {
    const [first, second] = await twice(body);
    expect([first.status, second.status, first.replayed, second.replayed]).toEqual([status, status, false, false]);
    expect(await asked()).toBe(times);
    expect(await rowsOf(platform.factory)).toEqual([]);
  });

  it('of a media type or a size is not kept, nor seen', async () => {
    const headers = { authorization: `Bearer ${key.secret}`, 'idempotency-key': newKey(), 'content-type': 'text/plain' };
    expect((await fetch(url(), { method: 'POST', headers, body: 'hello' })).status).toBe(415);
    expect(await rowsOf(platform.factory)).toEqual([]);
  });

  it.each(['[[cut:2]]', '[[cut-clean:2]]', '[[error-event:2]]'])('within a stream is not kept (%s)', async (fault) => {
    const [first, second] = await twice(chat(`hello ${fault} [[chunks:6]]`, { stream: true }));
    expect(dataLines(first.text).at(-1)).toContain('"error"');
    expect([second.status, second.replayed]).toEqual([200, false]);
    expect(await asked()).toBe(2);
  });
});

describe('a client that leaves', () => {
  it.each([
    ['before the answer', false, 'hello [[slow:5000]]'],
    ['within the stream', true, 'hello [[chunks:50]] [[pace:100]]'],
  ])('%s frees its key', async (_when, stream, prompt) => {
    const idempotencyKey = newKey();
    const leave = new AbortController();
    const body = chat(prompt, { stream });
    const reply = post({
      url: url(),
      secret: key.secret,
      body,
      headers: { 'idempotency-key': idempotencyKey },
      signal: leave.signal,
    });
    if (stream) await (await reply).body?.getReader().read();
    else await until('the provider is asked', async () => (await asked()) === 1);
    const gone = reply.then((response) => response.text());
    leave.abort();
    await expect(gone).rejects.toThrow();
    await until('the key is free', async () => (await rowsOf(platform.factory)).length === 0);
    expect((await send(idempotencyKey, chat('another request'))).status).toBe(200);
  });
});

describe('an answer of more than 10 MiB', () => {
  it.each([false, true])('arrives whole and is not kept (stream: %s)', async (stream) => {
    const bytes = 10 * 1024 * 1024 + 1;
    const [first, second] = await twice(chat(`[[huge:${bytes}]]`, { stream }));
    expect(first.text.length).toBeGreaterThan(bytes);
    expect([second.status, second.replayed]).toEqual([200, false]);
    expect(await rowsOf(platform.factory)).toEqual([]);
  });

  it.each([false, true])('is kept when it is a little smaller (stream: %s)', async (stream) => {
    const [first, second] = await twice(chat(`[[huge:${10 * 1024 * 1024 - 4096}]]`, { stream }));
    expect(second.replayed).toBe(true);
    expect(second.text === first.text).toBe(true);
  });
});

describe('what is stored', () => {
  it('holds neither the key nor the answer in the open, and opens nowhere else', async () => {
    const idempotencyKey = newKey();
    const body = chat('a most secret word');
    await send(idempotencyKey, body);
    const [row] = await rowsOf(platform.factory);
    expect(row).toMatchObject({ tenantId: platform.acme.id, keyId: key.id, state: 'done', status: 200 });
    const { body: sealed, ...open } = row ?? { body: null };
    expect(JSON.stringify(open)).not.toContain(idempotencyKey);
    expect(Buffer.from(sealed ?? []).toString('latin1')).not.toMatch(/secret word|choices/);
    const thief = await platform.factory.key(platform.acme);
    await platform.factory.run((tx) => tx.idempotentRequest.updateMany({ data: { keyId: thief.id } }));
    const stolen = await send(idempotencyKey, body, thief.secret);
    expect([stolen.status, stolen.code]).toEqual([500, 'internal_error']);
  });

  it('lasts 24 hours, then the key is free and the sweep takes the row', async () => {
    const idempotencyKey = newKey();
    await send(idempotencyKey, chat('hello'));
    const [row] = await rowsOf(platform.factory);
    const keptHours = ((row?.expiresAt.getTime() ?? 0) - Date.now()) / 3_600_000;
    expect(keptHours).toBeGreaterThan(23.9);
    expect(keptHours).toBeLessThanOrEqual(24);
    const sweep = () => platform.app.running.app.get(SweepService).sweep(new AbortController().signal);
    await sweep();
    expect((await send(idempotencyKey, chat('hello'))).replayed).toBe(true);
    const expire = () =>
      platform.factory.run((tx) => tx.idempotentRequest.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } }));
    await expire();
    const anew = await send(idempotencyKey, chat('another request'));
    expect([anew.status, anew.replayed]).toEqual([200, false]);
    await expire();
    await sweep();
    expect(await rowsOf(platform.factory)).toEqual([]);
  });
});
