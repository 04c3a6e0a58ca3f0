import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminUsageList, type UsageList, type UsageObject } from '../../src/contracts/usage.js';
import { countUsage } from '../../src/modules/inference/counting/count-usage.js';
import { dataLines, post, statsOf, until } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider } from '../support/scripted-provider.js';
import { chatBody, startUsageBench, type UsageBench } from '../support/usage-fixture.js';

let bench: UsageBench;
beforeAll(async () => {
  bench = await startUsageBench();
  // The first call that is counted starts the thread, which takes long beside all that jest does.
  await countUsage('', Buffer.from('{}'), { form: 'json', bytes: [] });
});
afterAll(() => bench.platform.close());

interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens?: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
}

function tokensOf(usage: WireUsage): Partial<UsageObject> {
  return {
    input_tokens: usage.prompt_tokens,
    cached_input_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    cache_write_tokens: usage.prompt_tokens_details?.cache_write_tokens ?? 0,
    output_tokens: usage.completion_tokens ?? 0,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    total_tokens: usage.total_tokens,
  };
}

describe('a call that was answered', () => {
  it.each([
    ['chat.completions.create', '/chat/completions', chatBody('hello there')],
    ['chat.completions.create', '/chat/completions', chatBody('[[cached:500]] [[cache-write:80]] [[reasoning:70]] hello')],
    ['completions.create', '/completions', { model: 'raw-chat', prompt: ['a b', 'c'], n: 2 }],
    ['embeddings.create', '/embeddings', { model: 'raw-chat', input: ['a b', 'c'] }],
  ])('%s has one record with the tokens of the provider', async (route, path, body) => {
    const key = await bench.newKey();
    const { text, requestId } = await bench.send(key, path, body);
    const { usage } = JSON.parse(text) as { usage: WireUsage };
    expect(usage.total_tokens).toBeGreaterThan(0);
    expect(await bench.onlyRecord(key)).toMatchObject({
      ...tokensOf(usage),
      ...{
        request_id: requestId,
        key: key.id,
        route,
        endpoint: 'raw-chat',
        status: 200,
        state: 'completed',
        source: 'upstream',
        stream: false,
        first_token_ms: null,
      },
    });
  });

  it.each([
    ['chat', '/chat/completions', chatBody('one two [[cached:20]] [[cache-write:9]] [[reasoning:3]]')],
    ['chat with the usage in the last chunk', '/chat/completions', chatBody('one two [[usage-in-last]]')],
    ['completion', '/completions', { model: 'raw-chat', prompt: 'one two' }],
  ])('as a stream (%s) is booked in full although nobody asked for usage, and no usage is sent', async (_what, path, body) => {
    const key = await bench.newKey();
    const plain = JSON.parse((await bench.send(await bench.newKey(), path, body)).text) as { usage: WireUsage };
    const { text } = await bench.send(key, path, { ...body, stream: true });
    expect(text).not.toMatch(/"usage"\s*:\s*\{|"choices"\s*:\s*\[\]/);
    const record = await bench.onlyRecord(key);
    expect(record).toMatchObject({ ...tokensOf(plain.usage), state: 'completed', source: 'upstream', stream: true, status: 200 });
    expect(record.first_token_ms).toBeLessThanOrEqual(record.latency_ms);
  });

  it('as a stream that was asked for usage sends one usage chunk, and books the same', async () => {
    const key = await bench.newKey();
    const { text } = await bench.send(
      key,
      '/chat/completions',
      chatBody('one two', { stream: true, stream_options: { include_usage: true } }),
    );
    const chunks = dataLines(text)
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { choices: unknown[]; usage: WireUsage | null });
    expect(chunks.filter(({ usage }) => usage !== null)).toEqual([chunks.at(-1)]);
    expect(await bench.onlyRecord(key)).toMatchObject(tokensOf(chunks.at(-1)?.usage ?? ({} as WireUsage)));
  });

  it.each([false, true])('by a provider that tells no usage is counted (stream: %s)', async (stream) => {
    const key = await bench.newKey();
    const { status } = await bench.send(key, '/chat/completions', chatBody('one two three [[no-usage]]', { stream }));
    const record = await bench.onlyRecord(key);
    expect([status, record.state, record.source]).toEqual([200, 'completed', 'counted']);
    // "You said: one two three"
    expect(record.output_tokens).toBe(6);
    expect(record.input_tokens).toBeGreaterThan(3);
    expect(record.total_tokens).toBe(record.input_tokens + record.output_tokens);
  });

  it('tells the time to the first token, not to the first keep-alive', async () => {
    const key = await bench.newKey();
    const { text } = await bench.send(key, '/chat/completions', chatBody('[[slow:300]] hi', { stream: true }));
    expect(text.startsWith(': ping')).toBe(true);
    expect((await bench.onlyRecord(key)).first_token_ms).toBeGreaterThanOrEqual(295);
  });

  it('after a retry is one call', async () => {
    const key = await bench.newKey();
    await bench.send(key, '/chat/completions', { ...chatBody('[[refuse-once:usage]]'), model: 'patient' });
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'completed', status: 200, endpoint: 'patient' });
  });

  it('under another backend model is booked under that model', async () => {
    const key = await bench.newKey({ scopes: ['inference:chat', 'inference:override', 'usage:read'] });
    await post({
      url: `${bench.platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      body: chatBody('hi'),
      headers: { 'x-gt-model': 'main/other' },
    });
    expect(await bench.onlyRecord(key)).toMatchObject({ endpoint: 'main/other', state: 'completed' });
  });
});

describe('a call that went wrong', () => {
  it.each([
    ['[[status:400]]', false, 400, 400],
    ['[[status:401]]', false, 502, 401],
    ['[[status:429]] [[retry-after:1]]', true, 429, 429],
    ['[[status:500]]', true, 502, 500],
    ['[[quota]]', false, 502, 429],
    ['[[redirect]]', false, 502, 302],
    ['[[wrong-type]]', true, 502, 200],
    ['[[hang]]', false, 504, null],
  ])('before an answer is one record without tokens: %s (stream: %s)', async (fault, stream, status, upstreamStatus) => {
    const key = await bench.newKey({ keepAlive: 'off' });
    expect((await bench.send(key, '/chat/completions', chatBody(fault, { stream }))).status).toBe(status);
    const record = await bench.onlyRecord(key);
    // What the provider answered is the admins' to see.
    expect(record).not.toHaveProperty('upstream_status');
    const { body } = await bench.platform.app.admin('GET', `/usage?tenant=acme&key=${key.id}`);
    expect(adminUsageList.parse(body).data[0]).toEqual({
      ...record,
      key_name: key.id,
      connection: 'main',
      model: 'sandbox-chat',
      upstream_status: upstreamStatus,
      provider_batch: false,
      cost: null,
    });
    expect(record).toMatchObject({
      state: 'upstream_failed',
      status,
      source: 'none',
      total_tokens: 0,
      stream,
      first_token_ms: null,
    });
  });

  it.each(['[[cut:3]]', '[[cut-clean:3]]', '[[error-event:3]]', '[[stall:60000]]'])(
    'within a stream counts what came: %s',
    async (fault) => {
      const key = await bench.newKey();
      await bench.send(key, '/chat/completions', chatBody(`${fault} one two three four five`, { stream: true }));
      const record = await bench.onlyRecord(key);
      expect(record).toMatchObject({ state: 'upstream_failed', status: 200, source: 'counted' });
      expect(record.output_tokens).toBeGreaterThan(0);
      expect(record.first_token_ms).not.toBeNull();
    },
  );

  it.each(['[[bad-json]]', '[[cut-json]]'])('in a plain reply is counted, as far as it was said: %s', async (fault) => {
    const key = await bench.newKey();
    await bench.send(key, '/chat/completions', chatBody(`${fault} one`));
    const record = await bench.onlyRecord(key);
    expect(record).toMatchObject({ state: 'upstream_failed', status: 502, source: 'counted' });
    expect(record.output_tokens).toBeGreaterThan(0);
  });

  it('takes the usage that the provider told before it broke', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
    const provider = await startScriptedProvider((response) =>
      openStream(response).end(chunkEvent({ content: 'a' }, null, 0, { usage })),
    );
    try {
      await publishOn(bench.platform, provider.url, 'counts-along');
      const key = await bench.newKey();
      await bench.send(key, '/chat/completions', { ...chatBody('hi', { stream: true }), model: 'counts-along' });
      expect(await bench.onlyRecord(key)).toMatchObject({ ...tokensOf(usage), state: 'upstream_failed', source: 'upstream' });
    } finally {
      await provider.close();
    }
  });

  it.each([
    ['before the first byte', chatBody('[[hang]]'), 'none'],
    ['before the first byte of a stream', chatBody('[[hang]]', { stream: true }), 'none'],
    ['within a stream', chatBody('[[chunks:1000]] [[pace:5]]', { stream: true }), 'counted'],
  ])('because the client left %s is one record of client_closed', async (_when, body, source) => {
    const key = await bench.newKey({ keepAlive: 'off' });
    const leave = new AbortController();
    const asked = post({ url: `${bench.platform.app.baseUrl}/chat/completions`, secret: key.secret, body, signal: leave.signal });
    if (source === 'counted') await (await asked).body?.getReader().read();
    else await until('the provider has the request', async () => (await statsOf(bench.platform.sandbox)).active === 1);
    leave.abort();
    await asked.catch(() => undefined);
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'client_closed', status: 499, source });
  });

  it('because the key was revoked is one record of interrupted', async () => {
    const [key, reader] = [await bench.newKey(), await bench.newKey()];
    const reply = await post({
      url: `${bench.platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      body: chatBody('[[chunks:1000]] [[pace:5]]', { stream: true }),
    });
    await bench.platform.app.admin('POST', `/keys/${key.id}/revoke`, { tenant: 'acme' });
    expect(await reply.text()).toContain('"invalid_api_key"');
    const shown = await until('the record is visible', async () => {
      const { body } = await bench.platform.app.admin('GET', `/usage?tenant=acme&key=${key.id}`);
      return (body as UsageList).data.length > 0 && (body as UsageList);
    });
    expect(shown.data).toEqual([expect.objectContaining({ state: 'interrupted', status: 200, source: 'counted' })]);
    expect((await bench.usageOf(reader)).data).toEqual([]);
  });
});

it('no request has two records', async () => {
  const rows = await bench.platform.factory.run((tx) => tx.usage.findMany({ select: { requestId: true } }));
  expect(new Set(rows.map(({ requestId }) => requestId)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(30);
});
