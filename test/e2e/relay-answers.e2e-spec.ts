import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countUsage } from '../../src/modules/inference/counting/count-usage.js';
import { faultsOf } from '../support/openai-schema.js';
import { call } from '../support/app.js';
import { dataLines, post, user } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider, type ProviderScript } from '../support/scripted-provider.js';
import { startUsageBench, type UsageBench } from '../support/usage-fixture.js';

/** What a provider says that no caller may read: its host, an organisation, a key. */
const told = { message: 'overloaded at https://gpu7.internal.example:8443 for org-AbCdEf123 with sk-live-12345678', code: 502 };
const message = { role: 'assistant', content: 'Hello there.' };
const whole = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'provider-model',
  choices: [{ index: 0, message, finish_reason: 'stop' }],
};
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

let bench: UsageBench;
let script: ProviderScript;
let close: () => Promise<void>;

beforeAll(async () => {
  bench = await startUsageBench();
  // The first call that is counted starts the thread, which takes long beside all that jest does.
  await countUsage('', Buffer.from('{}'), { form: 'json', bytes: [] });
  const provider = await startScriptedProvider((response, request) => script(response, request));
  close = () => provider.close();
  await publishOn(bench.platform, provider.url, 'scripted');
});
afterAll(async () => {
  await close();
  await bench.platform.close();
});

const json =
  (body: unknown, status = 200, type: string | null = 'application/json'): ProviderScript =>
  (response) =>
    response.writeHead(status, type === null ? {} : { 'content-type': type }).end(JSON.stringify(body));

const paths = {
  chat: ['/chat/completions', { model: 'scripted', messages: [user('hi')] }],
  completion: ['/completions', { model: 'scripted', prompt: 'hi' }],
  embedding: ['/embeddings', { model: 'scripted', input: 'hi' }],
} as const;
type Way = keyof typeof paths;

async function ask(way: Way, answer: ProviderScript, further: object = {}) {
  script = answer;
  const key = await bench.newKey();
  const [path, body] = paths[way];
  const { status, text } = await bench.send(key, path, { ...body, ...further });
  return { status, text, record: await bench.onlyRecord(key), key };
}

function expectScrubbed(text: string): void {
  expect(text).not.toMatch(/gpu7|internal|org-|sk-live|overloaded/);
}

describe('an error with status 200', () => {
  const replies: readonly (readonly [string, object])[] = [
    ['beside usage', { error: told, usage }],
    ['beside no choices', { ...whole, choices: [], data: [], error: told }],
    ['beside choices that are null', { ...whole, choices: null, data: null, error: told }],
    ['beside a whole answer', { ...whole, data: [{ index: 0, embedding: [1] }], error: told, usage }],
    [
      'in a choice',
      {
        ...whole,
        usage,
        choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'error', error: told }],
        data: [{ index: 0, error: told }],
      },
    ],
    ['in other words', { hello: told.message }],
    ['by its object', { object: 'error', message: told.message, choices: [{ index: 0, message }], data: [1], usage }],
  ];
  it.each(replies.flatMap(([what, body]) => (Object.keys(paths) as Way[]).map((way) => [what, way, body] as const)))(
    '%s, answering a plain %s, is 502 and booked as failed',
    async (_what, way, body) => {
      const { status, text, record } = await ask(way, json(body));
      expect(status).toBe(502);
      const error = JSON.parse(text) as { error: { code: string } };
      expect(faultsOf('ErrorResponse', error)).toEqual([]);
      expect(error.error.code).toBe('upstream_error');
      expectScrubbed(text);
      expect(record).toMatchObject({ state: 'upstream_failed', status: 502 });
    },
  );

  it.each([
    [
      'an error in a choice',
      chunkEvent({}, 'error', 0).replace('"finish_reason"', `"error":${JSON.stringify(told)},"finish_reason"`),
    ],
    ['a choice that finished with an error', chunkEvent({ content: told.message }, 'error')],
    ['an error beside choices', chunkEvent({}, null, 0, { error: told })],
    ['an error of its own', `data: ${JSON.stringify({ error: told })}\n\n`],
  ])('in a stream, as %s, is an error event', async (_what, event) => {
    const { status, text, record } = await ask(
      'chat',
      (response) => openStream(response).end(`${chunkEvent({ content: 'Half an ans' })}${event}data: [DONE]\n\n`),
      { stream: true },
    );
    expect(status).toBe(200);
    const lines = dataLines(text);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^\{"error":/);
    expectScrubbed(text);
    expect(record).toMatchObject({ state: 'upstream_failed', status: 200 });
  });

  it('in a stream, as an event of other words, does not reach the caller', async () => {
    const { status, text, record } = await ask(
      'chat',
      (response) => openStream(response).end(`data: ${JSON.stringify({ hello: told.message })}\n\ndata: [DONE]\n\n`),
      { stream: true },
    );
    expectScrubbed(text);
    // Of a provider that is slow to say it, the reply has begun before.
    expect([200, 502]).toContain(status);
    expect(record).toMatchObject({ state: 'upstream_failed', status });
  });

  it.each([false, true])('leaves nothing of it in a conversation (stream: %s)', async (stream) => {
    const key = await bench.newKey();
    const { baseUrl } = bench.platform.app;
    const conversation = (await call(`${baseUrl}/conversations`, 'POST', key.secret, {})).body.id as string;
    const choice = { index: 0, message: { role: 'assistant', content: 'Half' }, finish_reason: 'error', error: told };
    script = stream
      ? (response) => openStream(response).end(chunkEvent({ content: 'Half' }) + chunkEvent({}, 'error') + 'data: [DONE]\n\n')
      : json({ ...whole, choices: [choice], usage });
    const [path, body] = paths.chat;
    const reply = await post({
      url: baseUrl + path,
      secret: key.secret,
      body: { ...body, stream },
      headers: { 'x-gt-conversation-id': conversation },
    });
    const text = await reply.text();
    expect(text).toContain('"upstream_error"');
    expectScrubbed(text);
    const items = await call(`${baseUrl}/conversations/${conversation}/items`, 'GET', key.secret);
    expect(items.body.data).toEqual([]);
  });
});

describe('an answer in an unusual dress', () => {
  it.each([
    ['with empty errors in it', json({ ...whole, usage, error: null })],
    [
      'that speaks of an error',
      json({ ...whole, usage, choices: [{ index: 0, message: { ...message, content: 'an "error"' }, finish_reason: 'stop' }] }),
    ],
    ['with status 201', json({ ...whole, usage }, 201)],
    ['as text/plain', json({ ...whole, usage }, 200, 'text/plain')],
    ['without a type', json({ ...whole, usage }, 200, null)],
    [
      'that is compressed although nobody asked for it',
      (response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync(JSON.stringify({ ...whole, usage }))),
    ],
  ] as readonly (readonly [string, ProviderScript])[])('%s is one', async (_what, answer) => {
    const { status, text, record } = await ask('chat', answer);
    expect([status, (JSON.parse(text) as typeof whole).model]).toEqual([200, 'scripted']);
    expect(record).toMatchObject({ state: 'completed', total_tokens: 7 });
  });

  const events = chunkEvent({ role: 'assistant', content: 'Hello there.' }) + chunkEvent({}, 'stop') + 'data: [DONE]\n\n';
  it.each([
    ['as text/plain', (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(events)],
    ['without a type', (response) => response.writeHead(200).end(events)],
    ['with status 201', (response) => response.writeHead(201, { 'content-type': 'text/event-stream' }).end(events)],
    [
      'that is compressed although nobody asked for it',
      (response) =>
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(gzipSync(events)),
    ],
    ['in one piece', json(whole)],
    ['in one piece without a type', json(whole, 200, null)],
  ] as readonly (readonly [string, ProviderScript])[])('%s is a stream', async (_what, answer) => {
    const { status, text } = await ask('chat', answer, { stream: true });
    const lines = dataLines(text);
    expect([status, lines.at(-1)]).toEqual([200, '[DONE]']);
    const chunks = lines.slice(0, -1).map(
      (line) =>
        JSON.parse(line) as {
          model: string;
          object: string;
          choices: { delta: { content?: string }; finish_reason: string | null }[];
        },
    );
    for (const chunk of chunks) expect(chunk).toMatchObject({ model: 'scripted', object: 'chat.completion.chunk' });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hello there.');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  it('that is compressed badly, or in a way that nobody reads, is 502', async () => {
    for (const [encoding, bytes] of [
      ['gzip', 'no gzip'],
      ['zstd', '{}'],
    ] as const) {
      const { status } = await ask('chat', (response) =>
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(bytes),
      );
      expect(status).toBe(502);
    }
  });

  it('that tells no usage in a stream is counted, for the caller who asked for it too', async () => {
    const { text, record } = await ask('chat', (response) => openStream(response).end(events), {
      stream: true,
      stream_options: { include_usage: true },
    });
    const lines = dataLines(text);
    expect(lines.at(-1)).toBe('[DONE]');
    const last = JSON.parse(lines.at(-2) ?? '') as { choices: unknown[]; usage: { total_tokens: number } };
    expect(last).toMatchObject({ choices: [], model: 'scripted' });
    expect(record).toMatchObject({ state: 'completed', source: 'counted', total_tokens: last.usage.total_tokens });
    expect(record.output_tokens).toBeGreaterThan(0);
  });
});
