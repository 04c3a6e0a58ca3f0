import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { Response } from 'openai/resources/responses/responses';
import type { AnthropicProvider } from '../support/anthropic-provider.js';
import { startAnthropicSandbox } from '../support/anthropic-sandbox.js';
import { FilesBench } from '../support/files.js';
import type { GeminiProvider } from '../support/gemini-provider.js';
import { startGeminiSandbox } from '../support/gemini-sandbox.js';
import { sandboxToken } from '../support/platform.js';
import { openai } from '../support/relay.js';
import { sayingWires, sayOver } from '../support/sdk-sayings.js';
import { sdkToken, startSdkProvider, type SdkProvider, type SdkWire } from '../support/sdk-provider.js';

/** A search in files before models of every wire. */
let bench: FilesBench;
let anthropic: AnthropicProvider;
let gemini: GeminiProvider;
let sdk: SdkProvider;
let client: OpenAI;
let store: string;
let file: string;

const question = 'What is the access code of the north gate?';
const sdkWires = Object.keys(sayingWires) as SdkWire[];
const wires = ['openai', 'chat', 'anthropic', 'gemini', ...sdkWires];
const nameOf = (wire: string): string => wire.replace(':', '-');

beforeAll(async () => {
  bench = await FilesBench.start();
  const { sandbox } = bench.platform;
  [anthropic, gemini, sdk] = [await startAnthropicSandbox(sandbox), await startGeminiSandbox(sandbox), await startSdkProvider()];
  sdk.answerWith(({ wire, streamed }, response) =>
    sayOver(sayingWires[wire], response, { words: ['The code is 7391 [', '1', '], they say.'] }, streamed),
  );
  const token = { mode: 'header_token', token: 'provider-key' };
  for (const [wire, base_url, auth, model] of [
    ['openai', `${sandbox.url}/v1`, { ...token, token: sandboxToken }, 'sandbox-chat'],
    ['chat', `${sandbox.url}/v1`, { ...token, token: sandboxToken }, 'sandbox-chat'],
    ['anthropic', anthropic.url, token, 'sandbox-chat'],
    ['gemini', gemini.url, token, 'sandbox-chat'],
    ...sdkWires.map((wire) => [wire, sdk.baseUrl(wire), { ...token, token: sdkToken }, 'm'] as const),
  ] as const) {
    const name = nameOf(wire);
    await made('/connections', { name, wire, base_url, auth });
    await made('/endpoints', { name, raw_model: { connection: name, model } });
  }
  const key = await bench.key();
  client = openai(bench.url, key);
  store = (await bench.dataset('castle')).id;
  await bench.worker();
  const bytes = 'The access code of the north gate is 7391.';
  file = (await bench.accepted(key.secret, '/datasets/castle/files', { name: 'gates.txt', bytes })).id;
  expect(await bench.ended(key.secret, file)).toMatchObject({ status: 'ready' });
});
afterAll(async () => {
  await bench.close();
  await Promise.all([anthropic.close(), gemini.close(), sdk.close()]);
});

async function made(path: string, body: object): Promise<void> {
  const reply = await bench.platform.app.admin('POST', path, { tenant: 'acme', ...body });
  if (reply.status !== 201) throw new Error(`Refused: ${JSON.stringify(reply.body)}`);
}

/** What is said, and what it cites. */
function citedIn(response: Response): unknown {
  const parts = response.output.flatMap((item) => (item.type === 'message' ? item.content : []));
  return parts.flatMap((part) => (part.type === 'output_text' ? part.annotations : []));
}

describe.each(wires)('a search in files over %s', (wire) => {
  it('is told before the answer, whose marks cite what was found, streamed and in one piece', async () => {
    const asked = { model: nameOf(wire), input: question, tools: [{ type: 'file_search' as const, vector_store_ids: [store] }] };
    const whole = await client.responses.create(asked);
    expect(whole.output.map(({ type }) => type)).toEqual(['file_search_call', 'message']);
    const index = [...whole.output_text.slice(0, whole.output_text.indexOf('[1]'))].length;
    const citation = { type: 'file_citation', index, file_id: file, filename: 'gates.txt' };
    expect(citedIn(whole)).toEqual([citation]);
    const stream = client.responses.stream(asked);
    const told: unknown[] = [];
    for await (const event of stream) if (event.type === 'response.output_text.annotation.added') told.push(event.annotation);
    const streamed = (await stream.finalResponse()) as unknown as Response;
    expect([streamed.output.map(({ type }) => type), citedIn(streamed), told]).toEqual([
      ['file_search_call', 'message'],
      [citation],
      [citation],
    ]);
  });
});
