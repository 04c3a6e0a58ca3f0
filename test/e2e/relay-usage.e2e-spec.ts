import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usageList, type UsageList, type UsageObject } from '../../src/contracts/usage.js';
import { call } from '../support/app.js';
import { startPlatform, type KeyOptions, type SeededKey, type TestPlatform } from '../support/platform.js';
import { dataLines, post, statsOf, until, user } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider } from '../support/scripted-provider.js';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_UPSTREAM_FIRST_BYTE_MS: '800', GT_UPSTREAM_IDLE_MS: '400', GT_KEEP_ALIVE_MS: '40' } });
  await platform.factory.alias(platform.acme, 'patient', { retry_after_max_seconds: 5 });
});
afterAll(() => platform.close());

const newKey = (options: KeyOptions = {}): Promise<SeededKey> => platform.factory.key(platform.acme, options);

/** The key's usage as the route shows it, in the contract's form. */
async function usageOf(key: SeededKey, query = ''): Promise<UsageList> {
  const { status, body } = await call(`${platform.app.baseUrl}/usage${query}`, 'GET', key.secret);
  expect(status).toBe(200);
  return usageList.parse(body);
}

/** The one record of a key that made one call, at the latest two seconds after its end. */
async function onlyRecord(key: SeededKey): Promise<UsageObject> {
  const list = await until('the record is visible', async () => {
    const now = await usageOf(key);
    return now.data.length > 0 && now;
  }, 2_000);
  expect([list.data.length, list.totals.calls]).toEqual([1, 1]);
  return list.data[0] as UsageObject;
}

const chatBody = (prompt: string, further: object = {}) => ({ model: 'raw-chat', messages: [user(prompt)], ...further });

async function send(key: SeededKey, path: string, body: object, signal?: AbortSignal): Promise<{ status: number; text: string; requestId: string | null }> {
  const asked = { url: platform.app.baseUrl + path, secret: key.secret, body };
  const reply = await post(signal === undefined ? asked : { ...asked, signal });
  return { status: reply.status, text: await reply.text(), requestId: reply.headers.get('x-gt-request-id') };
}

interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens?: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
}

function tokensOf(usage: WireUsage): Partial<UsageObject> {
  return {
    input_tokens: usage.prompt_tokens,
    cached_input_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    output_tokens: usage.completion_tokens ?? 0,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    total_tokens: usage.total_tokens,
  };
}

describe('a call that was answered', () => {
  it.each([
    ['chat.completions.create', '/chat/completions', chatBody('hello there')],
    ['chat.completions.create', '/chat/completions', chatBody('[[cached:500]] [[reasoning:70]] hello')],
    ['completions.create', '/completions', { model: 'raw-chat', prompt: ['a b', 'c'], n: 2 }],
    ['embeddings.create', '/embeddings', { model: 'raw-chat', input: ['a b', 'c'] }],
  ])('%s has one record with the tokens of the provider', async (route, path, body) => {
    const key = await newKey();
    const { text, requestId } = await send(key, path, body);
    const { usage } = JSON.parse(text) as { usage: WireUsage };
    expect(usage.total_tokens).toBeGreaterThan(0);
    expect(await onlyRecord(key)).toMatchObject({
      ...tokensOf(usage),
      ...{ request_id: requestId, key: key.id, route, endpoint: 'raw-chat', status: 200, state: 'completed', source: 'upstream', stream: false, first_token_ms: null },
    });
  });

  it.each([
    ['chat', '/chat/completions', chatBody('one two [[cached:20]] [[reasoning:3]]')],
    ['chat with the usage in the last chunk', '/chat/completions', chatBody('one two [[usage-in-last]]')],
    ['completion', '/completions', { model: 'raw-chat', prompt: 'one two' }],
  ])('as a stream (%s) is booked in full although nobody asked for usage, and no usage is sent', async (_what, path, body) => {
    const key = await newKey();
    const plain = JSON.parse((await send(await newKey(), path, body)).text) as { usage: WireUsage };
    const { text } = await send(key, path, { ...body, stream: true });
    expect(text).not.toMatch(/"usage"\s*:\s*\{|"choices"\s*:\s*\[\]/);
    const record = await onlyRecord(key);
    expect(record).toMatchObject({ ...tokensOf(plain.usage), state: 'completed', source: 'upstream', stream: true, status: 200 });
    expect(record.first_token_ms).toBeLessThanOrEqual(record.latency_ms);
  });

  it('as a stream that was asked for usage sends one usage chunk, and books the same', async () => {
    const key = await newKey();
    const { text } = await send(key, '/chat/completions', chatBody('one two', { stream: true, stream_options: { include_usage: true } }));
    const chunks = dataLines(text).slice(0, -1).map((line) => JSON.parse(line) as { choices: unknown[]; usage: WireUsage | null });
    expect(chunks.filter(({ usage }) => usage !== null)).toEqual([chunks.at(-1)]);
    expect(await onlyRecord(key)).toMatchObject(tokensOf(chunks.at(-1)?.usage ?? ({} as WireUsage)));
  });

  it.each([false, true])('by a provider that tells no usage is counted (stream: %s)', async (stream) => {
    const key = await newKey();
    const { status } = await send(key, '/chat/completions', chatBody('one two three [[no-usage]]', { stream }));
    const record = await onlyRecord(key);
    expect([status, record.state, record.source]).toEqual([200, 'completed', 'counted']);
    // "You said: one two three"
    expect(record.output_tokens).toBe(6);
    expect(record.input_tokens).toBeGreaterThan(3);
    expect(record.total_tokens).toBe(record.input_tokens + record.output_tokens);
  });

  it('tells the time to the first token, not to the first keep-alive', async () => {
    const key = await newKey();
    const { text } = await send(key, '/chat/completions', chatBody('[[slow:300]] hi', { stream: true }));
    expect(text.startsWith(': ping')).toBe(true);
    expect((await onlyRecord(key)).first_token_ms).toBeGreaterThanOrEqual(295);
  });

  it('after a retry is one call', async () => {
    const key = await newKey();
    await send(key, '/chat/completions', { ...chatBody('[[refuse-once:usage]]'), model: 'patient' });
    expect(await onlyRecord(key)).toMatchObject({ state: 'completed', status: 200, endpoint: 'patient' });
  });

  it('under another backend model is booked under that model', async () => {
    const key = await newKey({ scopes: ['inference:chat', 'inference:override', 'usage:read'] });
    await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body: chatBody('hi'), headers: { 'x-gt-model': 'main/other' } });
    expect(await onlyRecord(key)).toMatchObject({ endpoint: 'main/other', state: 'completed' });
  });
});

describe('a call that went wrong', () => {
  it.each([
    ['[[status:400]]', false, 400],
    ['[[status:401]]', false, 502],
    ['[[status:429]] [[retry-after:1]]', true, 429],
    ['[[status:500]]', true, 502],
    ['[[quota]]', false, 502],
    ['[[redirect]]', false, 502],
    ['[[wrong-type]]', true, 502],
    ['[[hang]]', false, 504],
  ])('before an answer is one record without tokens: %s (stream: %s)', async (fault, stream, status) => {
    const key = await newKey({ keepAlive: 'off' });
    expect((await send(key, '/chat/completions', chatBody(fault, { stream }))).status).toBe(status);
    expect(await onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status, source: 'none', total_tokens: 0, stream, first_token_ms: null });
  });

  it.each([
    ['[[cut:3]]', 502],
    ['[[cut-clean:3]]', 502],
    ['[[error-event:3]]', 502],
    ['[[stall:60000]]', 504],
  ])('within a stream counts what came: %s', async (fault, status) => {
    const key = await newKey();
    await send(key, '/chat/completions', chatBody(`${fault} one two three four five`, { stream: true }));
    const record = await onlyRecord(key);
    expect(record).toMatchObject({ state: 'upstream_failed', status, source: 'counted' });
    expect(record.output_tokens).toBeGreaterThan(0);
    expect(record.first_token_ms).not.toBeNull();
  });

  it.each(['[[bad-json]]', '[[cut-json]]'])('in a plain reply is counted: %s', async (fault) => {
    const key = await newKey();
    await send(key, '/chat/completions', chatBody(`${fault} one`));
    expect(await onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status: 502, source: 'counted', output_tokens: 0 });
  });

  it('takes the usage that the provider told before it broke', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
    const provider = await startScriptedProvider((response) => openStream(response).end(chunkEvent({ content: 'a' }, null, 0, { usage })));
    try {
      await publishOn(platform, provider.url, 'counts-along');
      const key = await newKey();
      await send(key, '/chat/completions', { ...chatBody('hi', { stream: true }), model: 'counts-along' });
      expect(await onlyRecord(key)).toMatchObject({ ...tokensOf(usage), state: 'upstream_failed', source: 'upstream' });
    } finally {
      await provider.close();
    }
  });

  it.each([
    ['before the first byte', chatBody('[[hang]]'), 'none'],
    ['before the first byte of a stream', chatBody('[[hang]]', { stream: true }), 'none'],
    ['within a stream', chatBody('[[chunks:1000]] [[pace:5]]', { stream: true }), 'counted'],
  ])('because the client left %s is one record of client_closed', async (_when, body, source) => {
    const key = await newKey({ keepAlive: 'off' });
    const leave = new AbortController();
    const asked = post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body, signal: leave.signal });
    if (source === 'counted') await (await asked).body?.getReader().read();
    else await until('the provider has the request', async () => (await statsOf(platform.sandbox)).active === 1);
    leave.abort();
    await asked.catch(() => undefined);
    expect(await onlyRecord(key)).toMatchObject({ state: 'client_closed', status: 499, source });
  });

  it('because the key was revoked is one record of interrupted', async () => {
    const [key, reader] = [await newKey(), await newKey()];
    const reply = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body: chatBody('[[chunks:1000]] [[pace:5]]', { stream: true }) });
    await platform.app.admin('POST', `/keys/${key.id}/revoke`, { tenant: 'acme' });
    expect(await reply.text()).toContain('"invalid_api_key"');
    const shown = await until('the record is visible', async () => {
      const { body } = await platform.app.admin('GET', `/usage?tenant=acme&key=${key.id}`);
      return (body as UsageList).data.length > 0 && (body as UsageList);
    }, 2_000);
    expect(shown.data).toEqual([expect.objectContaining({ state: 'interrupted', status: 401, source: 'counted' })]);
    expect((await usageOf(reader)).data).toEqual([]);
  });
});

describe('what reached no provider', () => {
  it('has no record', async () => {
    const key = await newKey({ agents: [] });
    const bodies: readonly object[] = [chatBody('x', { model: 'assistant' }), { model: 'raw-chat' }, chatBody('x', { model: 'none' }), chatBody('x', { stream: 'yes' })];
    for (const body of bodies) expect((await send(key, '/chat/completions', body)).status).toBeGreaterThanOrEqual(400);
    await send(key, '/chat/completions', chatBody('the last one is recorded'));
    await onlyRecord(key);
  });
});

describe('usage.list', () => {
  it("shows a key its own calls alone, with sums over all of them and not over a page", async () => {
    const [mine, others] = [await newKey(), await newKey()];
    await send(others, '/chat/completions', chatBody('not mine'));
    for (const prompt of ['one', 'two', 'three']) await send(mine, '/chat/completions', chatBody(prompt));
    await until('all three are visible', async () => (await usageOf(mine)).totals.calls === 3, 2_000);
    const all = await usageOf(mine);
    expect(new Set(all.data.map(({ key }) => key))).toEqual(new Set([mine.id]));
    expect(all.totals.total_tokens).toBe(all.data.reduce((sum, one) => sum + one.total_tokens, 0));
    const first = await usageOf(mine, '?limit=2');
    const rest = await usageOf(mine, `?limit=2&after=${first.last_id}`);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all.data.map(({ id }) => id));
    expect([first.has_more, rest.has_more, first.totals]).toEqual([true, false, all.totals]);
    expect((await usageOf(mine, `?since=${Math.ceil(Date.now() / 1000) + 60}`)).totals.calls).toBe(0);
  });

  it('asks for usage:read, and refuses what it does not know', async () => {
    const without = await newKey({ scopes: ['inference:chat'] });
    const url = `${platform.app.baseUrl}/usage`;
    expect((await call(url, 'GET', without.secret)).status).toBe(403);
    const key = await newKey();
    for (const query of ['?limit=0', '?limit=x', '?after=use_absent', '?key=key_other', '?since=yesterday']) {
      expect([query, (await call(url + query, 'GET', key.secret)).status]).toEqual([query, 400]);
    }
  });
});

describe('what a key exercised', () => {
  it('is added up by route and endpoint, without the calls that the guard refused', async () => {
    const key = await newKey({ scopes: ['inference:chat', 'usage:read'] });
    const get = (path: string) => call(platform.app.baseUrl + path, 'GET', key.secret);
    for (let times = 0; times < 7; times += 1) await get('/models');
    await get('/models/raw-chat');
    await usageOf(key);
    await send(key, '/chat/completions', chatBody('hi'));
    await send(key, '/chat/completions', chatBody('hi', { model: 'unknown' }));
    await send(key, '/embeddings', { model: 'raw-chat', input: 'no scope' });
    const rows = await until('all is written', async () => {
      const { body } = await platform.app.admin('GET', `/keys/${key.id}/exercise?tenant=acme`);
      const data = (body as { data: { kind: string; value: string; calls: number }[] }).data;
      const counts = Object.fromEntries(data.map(({ kind, value, calls }) => [`${kind} ${value}`, calls]));
      return counts['endpoint raw-chat'] !== undefined && (counts['route chat.completions.create'] ?? 0) > 1 && counts;
    }, 3_000);
    expect(rows).toEqual({ 'route models.list': 7, 'route models.get': 1, 'route usage.list': 1, 'route chat.completions.create': 2, 'endpoint raw-chat': 1 });
    const { body: shown } = await platform.app.admin('GET', `/keys/${key.id}?tenant=acme`);
    expect(shown.last_used_at).toBeGreaterThan(Math.floor(Date.now() / 1000) - 30);
  });
});
