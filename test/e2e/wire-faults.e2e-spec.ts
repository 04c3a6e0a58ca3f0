import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fields } from '../../src/kernel/fields.js';
import { startAnthropicSandbox } from '../support/anthropic-sandbox.js';
import { startGeminiSandbox } from '../support/gemini-sandbox.js';
import type { Listening } from '../support/listening.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { dataLines, post, statsOf, user } from '../support/relay.js';

/** A provider that fails is the same to a client whatever wire it speaks. The byte path's own faults: relay-faults. */
const wires = ['chat', 'responses', 'anthropic', 'gemini', 'sdk:mistral'] as const;
type Wire = (typeof wires)[number];

const chat = (prompt: string): object => ({ messages: [user(prompt)] });
const ways = {
  'a chat': { path: '/chat/completions', body: chat, streamed: false },
  'a streamed chat': { path: '/chat/completions', body: chat, streamed: true },
  'a completion': { path: '/completions', body: (prompt: string) => ({ prompt, max_tokens: 400 }), streamed: false },
  'a streamed completion': { path: '/completions', body: (prompt: string) => ({ prompt, max_tokens: 400 }), streamed: true },
  'a response': { path: '/responses', body: (input: string) => ({ input }), streamed: false },
  'a streamed response': { path: '/responses', body: (input: string) => ({ input }), streamed: true },
} as const;
type Way = keyof typeof ways;
const all = Object.keys(ways) as Way[];
const streamed = all.filter((way) => ways[way].streamed);
/** What takes its time runs in full in `npm run test:soak`, else on one way of each kind. */
const isLong = process.env['GT_TEST_SOAK'] === '1';
const waited = all.filter((way) => isLong || way === 'a chat' || way === 'a streamed response');
const waitedStreams = streamed.filter((way) => isLong || way !== 'a streamed completion');

let platform: TestPlatform;
let standIns: Listening[];
const keys = {} as Record<Wire, SeededKey>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { GT_UPSTREAM_FIRST_BYTE_MS: '1000', GT_UPSTREAM_IDLE_MS: '1000', GT_UPSTREAM_TOTAL_MS: '3000' },
  });
  const { factory, sandbox } = platform;
  const [anthropic, gemini] = await Promise.all([startAnthropicSandbox(sandbox), startGeminiSandbox(sandbox)]);
  standIns = [anthropic, gemini];
  const own = `${sandbox.url}/v1`;
  // Mistral speaks as the sandbox does.
  const urls = { chat: own, responses: own, anthropic: anthropic.url, gemini: gemini.url, 'sdk:mistral': own };
  for (const [wire, url] of Object.entries(urls)) {
    const tenant = await factory.tenant(`over-${wire.replace(':', '-')}`, url);
    await factory.wire(tenant, wire);
    keys[wire as Wire] = await factory.key(tenant, { keepAlive: 'off' });
  }
});
afterAll(async () => {
  await platform.close();
  for (const one of standIns) await one.close();
});

async function ask(wire: Wire, way: Way, prompt: string): Promise<{ status: number; headers: Headers; text: string }> {
  const { path, body, streamed: stream } = ways[way];
  const call = { model: 'raw-chat', stream, ...body(prompt) };
  const reply = await post({ url: platform.app.baseUrl + path, secret: keys[wire].secret, body: call });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}

interface WireError {
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
}

/** The error of a body, proved to be in OpenAI's form and to hold nothing of the inside. */
function errorOf(text: string): WireError {
  const body = JSON.parse(text) as { error: WireError };
  expect(faultsOf('ErrorResponse', body)).toEqual([]);
  expect(text).not.toMatch(/provider\.internal|org-abc|sk-|sandbox-|127\.0\.0\.1|https?:/);
  return body.error;
}

/** How a stream that went wrong after its beginning has ended: with what stands in its one last event. */
function endOfBroken(way: Way, text: string): readonly (string | undefined)[] {
  expect(text.endsWith('\n\n')).toBe(true);
  const lines = dataLines(text);
  expect(lines).not.toContain('[DONE]');
  const last = JSON.parse(lines.at(-1) ?? '') as {
    readonly error?: WireError;
    readonly response?: Fields;
    readonly type?: string;
  };
  if (ways[way].path !== '/responses') {
    expect(lines.filter((line) => line.startsWith('{"error"'))).toHaveLength(1);
    return [last.error?.type, last.error?.code ?? undefined];
  }
  expect(lines.filter((line) => /"type":"response\.(?:completed|incomplete|failed)"/.test(line))).toEqual([lines.at(-1)]);
  return [last.type, (last.response?.['error'] as WireError | undefined)?.code ?? undefined];
}

const broken = (way: Way, code = 'upstream_error'): readonly string[] =>
  ways[way].path === '/responses' ? ['response.failed', 'server_error'] : ['upstream_error', code];

describe.each(wires)('over %s', (wire) => {
  const each = (which: readonly Way[], faults: readonly (string | number)[]): [Way, string | number][] =>
    which.flatMap((way) => faults.map((fault): [Way, string | number] => [way, fault]));

  it.each(each(all, [400, 413, 422]))('a refusal of %s with %i keeps its status, scrubbed', async (way, status) => {
    const reply = await ask(wire, way, `[[status:${status}]]`);
    expect([reply.status, errorOf(reply.text).type]).toEqual([status, 'invalid_request_error']);
  });

  it.each(each(all, [401, 403, 404, 409, 500, 502, 503, 504, 529]))(
    'a refusal of %s with %i is a 502 that shows nothing',
    async (way, status) => {
      const reply = await ask(wire, way, `[[status:${status}]]`);
      const message = 'The model provider answered with an error.';
      expect([reply.status, errorOf(reply.text)]).toEqual([
        502,
        { type: 'upstream_error', code: 'upstream_error', param: null, message },
      ]);
    },
  );

  it.each(each(all, ['[[redirect]]', '[[wrong-type]]', '[[bad-json]]', '[[cut-json]]']))(
    '%s: %s is a 502',
    async (way, fault) => {
      const reply = await ask(wire, way, String(fault));
      const { type, code } = errorOf(reply.text);
      expect([reply.status, type, code]).toEqual([502, 'upstream_error', 'upstream_error']);
    },
  );

  it.each(all.map((way) => [way]))('a refusal of %s with 429 keeps its status and how long to wait', async (way) => {
    const reply = await ask(wire, way, '[[status:429]] [[retry-after:7]]');
    const { type, code } = errorOf(reply.text);
    expect([reply.status, type, code, reply.headers.get('retry-after')]).toEqual([429, 'requests', 'rate_limit_exceeded', '7']);
  });

  it.each(waited.map((way) => [way]))('%s that is never answered is a 504', async (way) => {
    const reply = await ask(wire, way, '[[hang]]');
    expect([reply.status, errorOf(reply.text).code]).toEqual([504, 'upstream_timeout']);
  });

  it.each(each(streamed, ['[[cut:2]]', '[[cut-clean:2]]', '[[error-event:2]]']))(
    '%s with %s after its beginning ends with one event of an error',
    async (way, fault) => {
      const reply = await ask(wire, way, `${fault} one two three four five`);
      expect([reply.status, endOfBroken(way, reply.text)]).toEqual([200, broken(way)]);
    },
  );

  it.each(waitedStreams.map((way) => [way]))('%s that falls silent ends with an error', async (way) => {
    const reply = await ask(wire, way, '[[stall:60000]] a b c d e f');
    expect([reply.status, endOfBroken(way, reply.text)]).toEqual([200, broken(way, 'upstream_timeout')]);
  });

  it.each(waitedStreams.map((way) => [way]))('%s that lasts too long ends with an error', async (way) => {
    const reply = await ask(wire, way, '[[chunks:100]] [[pace:100]]');
    expect([reply.status, endOfBroken(way, reply.text)]).toEqual([200, broken(way, 'upstream_timeout')]);
  });
});

it('every provider that was asked was let go', async () => {
  const { active } = await statsOf(platform.sandbox);
  expect(active).toBe(0);
});
