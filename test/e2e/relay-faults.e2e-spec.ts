import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { dataLines, openai, post, statsOf, user } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider, type ProviderScript } from '../support/scripted-provider.js';

let platform: TestPlatform;
let key: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      GT_UPSTREAM_FIRST_BYTE_MS: '1000',
      GT_UPSTREAM_IDLE_MS: '1000',
      GT_UPSTREAM_TOTAL_MS: '6000',
      GT_MAX_UPSTREAM_BYTES: '1048576',
    },
  });
  key = await platform.factory.key(platform.acme, { keepAlive: 'off' });
  client = openai(platform.app.baseUrl, key);
});
afterAll(() => platform.close());

/** The five ways to reach a provider. */
const ways = {
  'a plain chat': (prompt: string) => ({ path: '/chat/completions', body: { model: 'raw-chat', messages: [user(prompt)] } }),
  'a streamed chat': (prompt: string) => ({
    path: '/chat/completions',
    body: { model: 'raw-chat', stream: true, messages: [user(prompt)] },
  }),
  'a plain completion': (prompt: string) => ({ path: '/completions', body: { model: 'raw-chat', prompt } }),
  'a streamed completion': (prompt: string) => ({ path: '/completions', body: { model: 'raw-chat', stream: true, prompt } }),
  'an embedding': (prompt: string) => ({ path: '/embeddings', body: { model: 'raw-chat', input: prompt } }),
} as const;
type Way = keyof typeof ways;
const all = Object.keys(ways) as Way[];
const plain = all.filter((way) => !way.includes('streamed'));
const streamed = all.filter((way) => way.includes('streamed'));

async function ask(way: Way, prompt: string): Promise<{ status: number; headers: Headers; text: string }> {
  const { path, body } = ways[way](prompt);
  const reply = await post({ url: platform.app.baseUrl + path, secret: key.secret, body });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}

interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** The error of a body, proved to be in OpenAI's form and to hold nothing of the inside. */
function errorOf(text: string): WireError {
  const body = JSON.parse(text) as { error: WireError };
  expect(faultsOf('ErrorResponse', body)).toEqual([]);
  expect(text).not.toMatch(/provider\.internal|org-abc|sk-|sandbox-|127\.0\.0\.1|https?:|LEAKED/);
  expect(body.error.message.length).toBeLessThanOrEqual(500);
  return body.error;
}

function each<T extends readonly unknown[]>(which: readonly Way[], rows: readonly T[]): [Way, ...T][] {
  return rows.flatMap((row) => which.map((way): [Way, ...T] => [way, ...row]));
}

describe("a provider's refusal", () => {
  it.each(
    each(all, [
      [400, 'context_length_exceeded', 'messages', "This model's maximum context length is 8192 tokens. (model raw-chat, "],
      [413, 'request_too_large', null, 'The request is too large. (model raw-chat, '],
      [422, 'invalid_value', 'temperature', 'The request could not be processed. (model raw-chat, '],
    ] as const),
  )('of %s with %i passes code, param and the scrubbed sentence', async (way, status, code, param, sentence) => {
    const reply = await ask(way, `[[status:${status}]]`);
    const error = errorOf(reply.text);
    expect([reply.status, error.type, error.code, error.param]).toEqual([status, 'invalid_request_error', code, param]);
    expect(error.message).toContain(sentence);
  });

  it.each(each(all, [[401], [403], [404], [409], [500], [502], [503], [504], [529]]))(
    'of %s with %i is a 502 that shows nothing',
    async (way, status) => {
      const reply = await ask(way, `[[status:${status}]]`);
      expect([reply.status, errorOf(reply.text)]).toEqual([
        502,
        { type: 'upstream_error', code: 'upstream_error', param: null, message: 'The model provider answered with an error.' },
      ]);
    },
  );

  it.each(each(all, [['[[quota]]'], ['[[redirect]]'], ['[[wrong-type]]'], ['[[bad-json]]'], ['[[cut-json]]']]))(
    'of %s: %s is a 502',
    async (way, fault) => {
      const reply = await ask(way, fault);
      const error = errorOf(reply.text);
      expect([reply.status, error.type, error.code]).toEqual([502, 'upstream_error', 'upstream_error']);
    },
  );

  it.each(all.map((way) => [way]))('of %s with 429 keeps its status and how long to wait', async (way) => {
    const reply = await ask(way, '[[status:429]] [[retry-after:7]]');
    const { type, code } = errorOf(reply.text);
    expect([reply.status, type, code]).toEqual([429, 'requests', 'rate_limit_exceeded']);
    expect([reply.headers.get('retry-after'), reply.headers.get('retry-after-ms')]).toEqual(['7', '7000']);
  });

  it.each(all.map((way) => [way]))('of %s that never comes is a 504', async (way) => {
    const reply = await ask(way, '[[hang]]');
    const { type, code } = errorOf(reply.text);
    expect([reply.status, type, code]).toEqual([504, 'upstream_error', 'upstream_timeout']);
  });

  it("is an exception of the OpenAI client's own types", async () => {
    const raise = (prompt: string) => client.chat.completions.create({ model: 'raw-chat', messages: [user(prompt)] });
    await expect(raise('[[status:400]]')).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(raise('[[status:422]]')).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
    await expect(raise('[[status:429]]')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(raise('[[status:401]]')).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  });
});

describe('a reply', () => {
  it.each(plain.filter((way) => way !== 'an embedding').map((way) => [way]))(
    'to %s beyond the size that is held is a 502',
    async (way) => {
      const reply = await ask(way, '[[huge:2000000]]');
      expect([reply.status, errorOf(reply.text).code]).toEqual([502, 'upstream_error']);
      expect((await ask(way, '[[huge:900000]]')).status).toBe(200);
    },
  );

  const scripted: readonly (readonly [string, ProviderScript])[] = [
    [
      '200 with an error in it',
      (response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"error":{"message":"sk-secret at http://x","code":402}}'),
    ],
    ['200 with no object', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[1]')],
    ['200 with nothing', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end()],
    ['a refusal without end', (response) => void endless(response.writeHead(500, { 'content-type': 'text/plain' }))],
    [
      'a refusal that breaks off',
      (response) => void response.writeHead(404, { 'content-length': '100' }).write('sk-secret', () => response.destroy()),
    ],
    [
      'an announced size beyond the limit',
      (response) =>
        void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99999999' }).flushHeaders(),
    ],
    ['a body without end', (response) => void endless(response.writeHead(200, { 'content-type': 'application/json' }))],
  ];
  it.each(scripted)('that is %s is a 502 at once', async (what, script) => {
    const provider = await startScriptedProvider(script);
    try {
      const name = what.replaceAll(' ', '-');
      await publishOn(platform, provider.url, name);
      const reply = await post({
        url: `${platform.app.baseUrl}/chat/completions`,
        secret: key.secret,
        body: { model: name, messages: [user('hi')] },
      });
      expect([reply.status, errorOf(await reply.text()).code]).toEqual([502, 'upstream_error']);
    } finally {
      await provider.close();
    }
  });
});

/** Writes until the reader leaves. */
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  const fill = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', fill);
  fill();
}

describe('a stream', () => {
  /** A stream that has begun and went wrong: whatever came before, then one error event, and a clean end. */
  function brokenStream(text: string): WireError {
    const lines = dataLines(text);
    expect(text.endsWith('\n\n')).toBe(true);
    expect(lines.filter((line) => line.startsWith('{"error"'))).toEqual([lines.at(-1)]);
    expect(text).not.toContain('[DONE]');
    expect(
      lines
        .slice(0, -1)
        .every((line) => (JSON.parse(line) as { choices: { finish_reason: unknown }[] }).choices[0]?.finish_reason === null),
    ).toBe(true);
    return errorOf(lines.at(-1) ?? '');
  }

  it.each(each(streamed, [['[[cut:2]]'], ['[[cut-clean:2]]'], ['[[error-event:2]]']]))(
    '%s with %s ends with one error event and never looks whole',
    async (way, fault) => {
      const reply = await ask(way, `${fault} one two three four five`);
      expect(reply.status).toBe(200);
      const { type, code } = brokenStream(reply.text);
      expect([type, code]).toEqual(['upstream_error', 'upstream_error']);
      expect(dataLines(reply.text).length).toBeGreaterThan(2);
    },
  );

  it.each([
    ['[[cut:2]]', 'The connection to the model provider broke.'],
    ['[[cut-clean:2]]', "The model provider's stream ended before it was complete."],
    ['[[error-event:2]]', 'The model provider reported an error in its stream.'],
  ])('with %s raises in the OpenAI client', async (fault, message) => {
    const stream = await client.chat.completions.create({
      model: 'raw-chat',
      stream: true,
      messages: [user(`${fault} a b c d`)],
    });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    };
    await expect(read()).rejects.toMatchObject({ error: { message }, code: 'upstream_error', type: 'upstream_error' });
  });

  it.each([['[[cut:0]]'], ['[[cut-clean:0]]'], ['[[error-event:0]]']])(
    'that fails before its first event has a status of its own: %s',
    async (fault) => {
      const reply = await ask('a streamed completion', fault);
      expect([reply.status, reply.headers.get('content-type'), errorOf(reply.text).code]).toEqual([
        502,
        'application/json; charset=utf-8',
        'upstream_error',
      ]);
    },
  );

  it.each(streamed.map((way) => [way]))('%s that falls silent ends with upstream_timeout', async (way) => {
    expect(brokenStream((await ask(way, '[[stall:60000]] a b c d e f')).text).code).toBe('upstream_timeout');
  });

  it.each(streamed.map((way) => [way]))('%s that lasts too long ends with upstream_timeout', async (way) => {
    expect(brokenStream((await ask(way, '[[chunks:100]] [[pace:100]]')).text).code).toBe('upstream_timeout');
  });

  it.each(streamed.map((way) => [way]))('%s with an event beyond the size that is held ends with an error', async (way) => {
    const reply = await ask(way, '[[huge:2000000]]');
    if (reply.status === 200) expect(brokenStream(reply.text).code).toBe('upstream_error');
    else expect([reply.status, errorOf(reply.text).code]).toEqual([502, 'upstream_error']);
  });

  it.each(streamed.map((way) => [way]))('%s gets the [DONE] that the provider forgot', async (way) => {
    const [forgotten, usual] = [await ask(way, '[[no-done]] a b'), await ask(way, 'a b')];
    expect(dataLines(forgotten.text).at(-1)).toBe('[DONE]');
    expect(dataLines(forgotten.text).length).toBe(dataLines(usual.text).length);
  });

  it.each([
    ['breaks the connection', (response: ServerResponse) => void response.destroy()],
    ['falls silent', () => undefined],
  ])('whose provider %s after the last finish_reason is whole, with [DONE]', async (what, then) => {
    const provider = await startScriptedProvider((response) => {
      openStream(response).write(chunkEvent({ role: 'assistant', content: 'all' }) + chunkEvent({}, 'stop'), () =>
        then(response),
      );
    });
    try {
      const name = `finished-then-${what.split(' ')[0]}`;
      await publishOn(platform, provider.url, name);
      const body = { model: name, stream: true, messages: [user('hi')] };
      const reply = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body });
      const lines = dataLines(await reply.text());
      expect([reply.status, lines.length, lines.at(-1)]).toEqual([200, 3, '[DONE]']);
    } finally {
      await provider.close();
    }
  });

  it('that the provider goes on holding open after its end is whole at once', async () => {
    const provider = await startScriptedProvider(
      (response) =>
        void openStream(response).write(
          `${chunkEvent({ role: 'assistant', content: 'all' })}${chunkEvent({}, 'stop')}data: [DONE]\n\n`,
        ),
    );
    try {
      await publishOn(platform, provider.url, 'holds-open');
      const answer = await client.chat.completions.stream({ model: 'holds-open', messages: [user('hi')] }).finalChatCompletion();
      expect(answer.choices[0]?.message.content).toBe('all');
    } finally {
      await provider.close();
    }
  });

  it.each([
    '[[split:1]]',
    '[[split:7]]',
    '[[crlf]]',
    '[[spaced]]',
    '[[crlf]] [[split:1]] [[spaced]]',
    '[[usage-in-last]]',
    '[[no-usage]]',
    '[[split:3]] [[no-done]]',
  ])('says the same however its bytes come: %s', async (form) => {
    const content = async (command: string): Promise<string | null | undefined> => {
      const answer = await client.chat.completions
        .stream({ model: 'raw-chat', messages: [user(`a "model":"x" b [[multibyte]] ${command}`)] })
        .finalChatCompletion();
      expect(answer.model).toBe('raw-chat');
      return answer.choices[0]?.message.content;
    };
    expect(await content(form)).toBe(await content(''));
  });
});

it('every provider that was asked was let go', async () => {
  const { active } = await statsOf(platform.sandbox);
  expect(active).toBe(0);
});
