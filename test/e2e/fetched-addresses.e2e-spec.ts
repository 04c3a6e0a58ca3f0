import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { Fields } from '../../src/kernel/fields.js';
import { ExchangeTools } from '../../src/modules/inference/exchange/exchange-tools.js';
import { AddressFetcher } from '../../src/platform/upstream/address-fetcher.js';
import { startAnthropicProvider, type AnthropicProvider } from '../support/anthropic-provider.js';
import { startApp, type ApiReply, type TestApp } from '../support/app.js';
import { endEvent, startGeminiProvider, tellGemini, textEvent, type GeminiProvider } from '../support/gemini-provider.js';
import { FilesBench } from '../support/files.js';
import { contents, giveContents, startPictureServer, type PictureServer } from '../support/picture-server.js';
import { openSocket } from '../support/response-socket.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post, until } from '../support/relay.js';
import { sdkToken, startSdkProvider, type SdkProvider } from '../support/sdk-provider.js';

/**
 * Addresses that requests name, over wires that take them and wires that take bytes. The test settings allow 127.0.0.0/8 for
 * providers. What is fetched with success comes from a server on this machine, so that part of the tests has the fetcher call by
 * the client of `startPictureServer`.
 */
let app: TestApp;
let anthropic: AnthropicProvider;
let gemini: GeminiProvider;
let chat: RecordingProvider;
let sdk: SdkProvider;
let client: OpenAI;
let secret: string;
let pictures: PictureServer;
let answer: http.RequestListener = giveContents;

const make = (path: string, body: object): Promise<ApiReply> => app.admin('POST', path, { tenant: 'acme', ...body });
const png = contents['image/png'].toString('base64');
const pdf = contents['application/pdf'].toString('base64');

const targets = {
  anthropic: 'claude',
  gemini: 'gemini-2.0-flash',
  chat: 'model',
  'sdk:mistral': 'mistral-small',
} as const;
const nameOf = (wire: string): string => wire.replace(':', '-');

beforeAll(async () => {
  [anthropic, gemini, chat, sdk] = await Promise.all([
    startAnthropicProvider(),
    startGeminiProvider(),
    startRecordingProvider(),
    startSdkProvider(),
  ]);
  pictures = await startPictureServer((request, response) => answer(request, response));
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  const urls = { anthropic: anthropic.url, gemini: gemini.url, chat: chat.url, 'sdk:mistral': sdk.baseUrl('sdk:mistral') };
  for (const [wire, model] of Object.entries(targets)) {
    const name = nameOf(wire);
    const auth = { mode: 'header_token', token: sdkToken };
    await make('/connections', { name, base_url: urls[wire as keyof typeof urls], wire, auth });
    for (const [kind, fetch_addresses] of [
      ['fetching', true],
      ['strict', false],
    ] as const) {
      const agent = { name: `${kind}-${name}`, models: { chat: { connection: name, model } }, fetch_addresses };
      const { body } = await make('/agents', agent);
      await app.admin('POST', `/agents/${(body as { id: string }).id}/publish?tenant=acme`, { endpoint: agent.name });
    }
    await make('/endpoints', { name: `raw-${name}`, raw_model: { connection: name, model } });
  }
  const { body } = await make('/keys', { name: 'client', preset: 'platform-automation', raw_models: ['*'], agents: ['*'] });
  secret = (body as { secret: string }).secret;
  client = openai(app.baseUrl, { secret });
});
afterAll(async () => {
  await app.close();
  await Promise.all([anthropic, gemini, chat, sdk, pictures].map((one) => one.close()));
});
beforeEach(() => {
  answer = giveContents;
  gemini.answerWith(({ streamed }, response) => tellGemini(response, streamed, [textEvent('Hello.'), endEvent()]));
});

const replies = () => app.running.app.get(ExchangeTools, { strict: false }).replies;
const image = (url: string) => [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
const seen = (url: string) => [{ role: 'user', content: [{ type: 'input_image', image_url: url, detail: 'auto' }] }];
const read = (url: string) => [{ role: 'user', content: [{ type: 'input_file', file_url: url }] }];
const ask = async (path: string, body: object): Promise<{ status: number; error: Fields }> => {
  const response = await post({ url: `${app.baseUrl}${path}`, secret, body });
  const given = (await response.json()) as { error: Fields };
  return { status: response.status, error: given.error };
};

describe('an address that the provider does not fetch', () => {
  const address = 'https://pictures.example.com/image';

  const place = 'messages[0].content[0].image_url.url';
  it.each([
    ['strict-gemini', place],
    ['raw-gemini', place],
    ['strict-sdk-mistral', 'messages'],
    ['raw-sdk-mistral', 'messages'],
  ])('is refused by %s', async (model, param) => {
    const before = [gemini.asked.length, sdk.asked.length];
    const { status, error } = await ask('/chat/completions', { model, messages: image(address) });
    expect([status, error['code'], error['param']]).toEqual([400, 'unsupported_parameter', param]);
    expect(error['message']).toContain('the agent does not fetch it in its place');
    expect([gemini.asked.length, sdk.asked.length]).toEqual(before);
  });

  it.each(['strict-chat', 'raw-chat'])('is refused by %s as a file', async (model) => {
    const before = chat.bodies.length;
    const { status, error } = await ask('/responses', { model, input: read(address) });
    expect([status, error['code'], error['param']]).toEqual([400, 'unsupported_parameter', 'input[0].content[0].file_url']);
    expect(error['message']).toContain('the agent does not fetch it in its place');
    expect(chat.bodies).toHaveLength(before);
  });
});

describe('an address that the platform would have to fetch and does not', () => {
  it.each([
    'https://127.0.0.1/a.svg',
    'https://127.1/a',
    'https://2130706433/a',
    'https://[::1]/a',
    'https://[::ffff:127.0.0.1]/a',
    'https://10.0.0.1/a',
    'https://169.254.169.254/latest/meta-data',
    'http://127.0.0.1/a',
    'https://127.0.0.1:8443/a',
    'https://user:pass@127.0.0.1/a',
  ])('is the same 400 for %s', async (url) => {
    const before = gemini.asked.length;
    const { status, error } = await ask('/chat/completions', { model: 'fetching-gemini', messages: image(url) });
    expect([status, error]).toEqual([
      400,
      {
        message: "Invalid value for 'messages[0].content[0].image_url.url': what stands at this address could not be fetched.",
        type: 'invalid_request_error',
        param: 'messages[0].content[0].image_url.url',
        code: 'invalid_value',
      },
    ]);
    expect(gemini.asked).toHaveLength(before);
  });

  it('is not connected to, though providers may have such addresses here', async () => {
    const fetcher = app.running.app.get(AddressFetcher, { strict: false });
    const use = { types: new Set(['image/png']), count: () => undefined, signal: new AbortController().signal };
    for (const host of ['127.0.0.1', '2130706433', '0x7f000001', '[::ffff:127.0.0.1]']) {
      const failed: unknown = await fetcher.fetch(`https://${host}/`, use).catch((error: unknown) => error);
      expect(failed).toMatchObject({ name: 'NotFetchedError', cause: { code: 'EGRESS_REFUSED' } });
    }
  });

  it('is named by the list alone where the client has put it somewhere else', async () => {
    const url = 'https://127.0.0.1/a';
    const response = await ask('/responses', { model: 'fetching-gemini', input: seen(url), instructions: 'Look.' });
    expect([response.status, response.error['code'], response.error['param']]).toEqual([400, 'invalid_value', 'input']);
    expect(response.error['message']).toBe("Invalid value for 'input': what stands at this address could not be fetched.");
  });

  it('is booked as a call that was not sent', async () => {
    const response = await post({
      url: `${app.baseUrl}/chat/completions`,
      secret,
      body: { model: 'fetching-gemini', messages: image('https://127.0.0.1/a') },
    });
    const id = response.headers.get('x-gt-request-id');
    const record = await until('the call is booked', async () => {
      const { body } = await app.admin('GET', '/usage?tenant=acme&limit=100');
      return (body as { data: Fields[] }).data.find(({ request_id }) => request_id === id);
    });
    expect(record).toMatchObject({ status: 400, state: 'interrupted', source: 'none', upstream_status: null });
  });
});

describe('an address that the provider takes', () => {
  const address = 'https://10.0.0.1/a.png';

  it.each(['strict-anthropic', 'fetching-anthropic', 'raw-anthropic'])('goes on through %s as it is', async (model) => {
    const picture = { type: 'image', source: { type: 'url', url: address } };
    const document = { type: 'document', source: { type: 'url', url: address } };
    await client.chat.completions.create({ model, messages: image(address) as never });
    expect(anthropic.bodies.at(-1)?.['messages']).toEqual([{ role: 'user', content: [picture] }]);
    await client.responses.create({ model, input: seen(address) as never });
    expect(anthropic.bodies.at(-1)?.['messages']).toEqual([{ role: 'user', content: [picture] }]);
    await client.responses.create({ model, input: read(address) as never });
    expect(anthropic.bodies.at(-1)?.['messages']).toEqual([{ role: 'user', content: [document] }]);
  });

  it('goes on to a provider of chat, to Gemini where it reads it, and to a package that says so', async () => {
    await client.chat.completions.create({ model: 'fetching-chat', messages: image(address) as never });
    expect(chat.bodies.at(-1)?.messages).toEqual(image(address));
    const file = 'https://generativelanguage.googleapis.com/v1beta/files/abc';
    await client.chat.completions.create({ model: 'fetching-gemini', messages: image(file) as never });
    expect(JSON.stringify(gemini.asked.at(-1)?.body)).toContain(JSON.stringify({ fileData: { fileUri: file } }));
    await client.responses.create({ model: 'fetching-sdk-mistral', input: read(address) as never });
    expect(JSON.stringify(sdk.asked.at(-1)?.body)).toContain(JSON.stringify({ type: 'document_url', document_url: address }));
  });
});

describe('the address of a file in what was said before', () => {
  const address = 'https://files.example.com/a.pdf';
  const input = [{ role: 'user', content: [{ type: 'input_text', text: 'Read.' }, ...(read(address)[0]?.content ?? [])] }];

  it('is not told to a provider of chat, for which nobody fetches it', async () => {
    const { id } = await client.responses.create({ model: 'strict-anthropic', input: input as never });
    await client.responses.create({ model: 'strict-chat', input: 'And?', previous_response_id: id });
    expect(chat.bodies.at(-1)?.messages.map(({ content }) => content)).toEqual(['Read.', 'Hello.', 'And?']);
    const conversation = await client.conversations.create({ items: input as never });
    const headers = { 'x-gt-conversation-id': conversation.id };
    await client.chat.completions.create({ model: 'strict-chat', messages: [{ role: 'user', content: 'And?' }] }, { headers });
    expect(chat.bodies.at(-1)?.messages.map(({ content }) => content)).toEqual(['Read.', 'And?']);
  });

  it('is told to one that takes it', async () => {
    const conversation = await client.conversations.create({ items: input as never });
    const headers = { 'x-gt-conversation-id': conversation.id };
    const messages = [{ role: 'user' as const, content: 'And?' }];
    await client.chat.completions.create({ model: 'strict-anthropic', messages }, { headers });
    expect(JSON.stringify(anthropic.bodies.at(-1))).toContain(JSON.stringify({ type: 'url', url: address }));
  });
});

describe('an address that the platform fetches', () => {
  beforeAll(() => {
    // The product's own client calls public addresses alone.
    Object.assign(app.running.app.get(AddressFetcher, { strict: false }), { client: pictures.client });
  });
  const inline = { inlineData: { mimeType: 'image/png', data: png } };
  const partsOf = (body: Fields | undefined): unknown =>
    (body?.['contents'] as Fields[] | undefined)?.flatMap(({ parts }) => parts as Fields[]);

  it('is given to Gemini as bytes, for chats and responses, streamed too, and its memory is given back', async () => {
    const url = pictures.at('/image/png');
    const model = 'fetching-gemini';
    await client.chat.completions.create({ model, messages: image(url) as never });
    expect(partsOf(gemini.asked.at(-1)?.body)).toEqual([inline]);
    await client.responses.create({ model, input: seen(url) as never });
    expect(partsOf(gemini.asked.at(-1)?.body)).toEqual([inline]);
    const stream = await client.chat.completions.create({ model, messages: image(url) as never, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect([text, gemini.asked.at(-1)?.streamed]).toEqual(['Hello.', true]);
    await client.responses.create({ model, input: read(pictures.at('/application/pdf')) as never });
    expect(partsOf(gemini.asked.at(-1)?.body)).toEqual([{ inlineData: { mimeType: 'application/pdf', data: pdf } }]);
    await until('nothing is held', () => replies().heldBytes === 0);
  });

  it.each(['HTTP', 'a WebSocket'])('counts as long as its call runs, over %s', async (way) => {
    let go: () => void = () => undefined;
    const came = new Promise<void>((resolve) =>
      gemini.answerWith(({ streamed }, response) => {
        go = () => tellGemini(response, streamed, [textEvent('Hello.'), endEvent()]);
        resolve();
      }),
    );
    const asked = { model: 'fetching-gemini', input: seen(pictures.at('/image/png')) };
    const socket = way === 'HTTP' ? undefined : await openSocket(app.baseUrl, secret);
    const answered = socket === undefined ? client.responses.create(asked as never) : socket.ask(asked);
    await came;
    expect(replies().heldBytes).toBe(png.length * 2);
    go();
    await answered;
    await until('nothing is held', () => replies().heldBytes === 0);
    socket?.close();
  });

  it('may stand in the result of a tool', async () => {
    const messages = [
      { role: 'user', content: 'Show me.' },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'show', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: image(pictures.at('/image/png'))[0]?.content },
    ];
    const tools = [{ type: 'function', function: { name: 'show', parameters: { type: 'object', properties: {} } } }];
    await client.chat.completions.create({ model: 'fetching-gemini', messages: messages as never, tools: tools as never });
    expect(partsOf(gemini.asked.at(-1)?.body)).toContainEqual(inline);
  });

  it('is given to a provider of chat as the data of a file', async () => {
    await client.responses.create({ model: 'fetching-chat', input: read(pictures.at('/application/pdf')) as never });
    expect(chat.bodies.at(-1)?.messages.at(-1)?.content).toEqual([
      { type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}` } },
    ]);
  });

  it('is given to a provider of chat out of a conversation too', async () => {
    const items = read(pictures.at('/application/pdf')).map((item) => ({ type: 'message', ...item }));
    const conversation = await client.conversations.create({ items: items as never });
    const headers = { 'x-gt-conversation-id': conversation.id };
    await client.chat.completions.create({ model: 'fetching-chat', messages: [{ role: 'user', content: 'And?' }] }, { headers });
    expect(chat.bodies.at(-1)?.messages.map(({ content }) => content)).toEqual([
      [{ type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}` } }],
      'And?',
    ]);
  });

  it('is given to a package whose provider fetches no images', async () => {
    await client.chat.completions.create({ model: 'fetching-sdk-mistral', messages: image(pictures.at('/image/png')) as never });
    expect(JSON.stringify(sdk.asked.at(-1)?.body)).toContain(`data:image/png;base64,${png}`);
  });

  it('is the same 400 whatever it fails for', async () => {
    const failing: Record<string, http.RequestListener> = {
      '/redirect': (_request, response) => response.writeHead(302, { location: pictures.at('/image/png') }).end(),
      '/page': (_request, response) => response.setHeader('content-type', 'image/png').end('<p>Secret'),
      '/gone': (_request, response) => response.writeHead(404).end(),
      '/animation': (_request, response) => response.end(contents['image/gif']),
      '/broken': (_request, response) => response.destroy(),
    };
    answer = (request, response) => failing[request.url ?? '']?.(request, response);
    const told = new Set<string>();
    for (const path of Object.keys(failing)) {
      const { status, error } = await ask('/chat/completions', { model: 'fetching-gemini', messages: image(pictures.at(path)) });
      told.add(JSON.stringify([status, error]));
    }
    expect([...told]).toEqual([expect.stringContaining('could not be fetched')]);
  });

  it('is fetched for nobody whose request is refused', async () => {
    const before = pictures.asked.length;
    const url = pictures.at('/image/png');
    const { body } = await make('/keys', { name: 'other', preset: 'openai-chat-client', agents: ['strict-gemini'] });
    const stranger = openai(app.baseUrl, body as { secret: string });
    await expect(
      stranger.chat.completions.create({ model: 'fetching-gemini', messages: image(url) as never }),
    ).rejects.toMatchObject({ status: 404 });
    const wrong = { model: 'fetching-gemini', messages: image(url), n: 2 };
    expect(await ask('/chat/completions', wrong)).toMatchObject({ status: 400, error: { param: 'n' } });
    const policy = { guardrails: [{ module: 'blocked_terms', terms: ['harbour'] }] };
    const guarded = { name: 'guarded', preset: 'openai-chat-client', agents: ['fetching-gemini'], prompt_policy: policy };
    const { body: judged } = await make('/keys', guarded);
    const messages = [{ role: 'user', content: 'The harbour.' }, ...image(url)];
    await expect(
      openai(app.baseUrl, judged as { secret: string }).chat.completions.create({
        model: 'fetching-gemini',
        messages: messages as never,
      }),
    ).rejects.toMatchObject({ status: 400, code: 'content_policy' });
    expect(pictures.asked).toHaveLength(before);
  });

  it('is told to be gone in later turns when it is, and its conversation goes on', async () => {
    const model = 'fetching-gemini';
    const first = await client.responses.create({ model, input: seen(pictures.at('/image/png')) as never });
    answer = (_request, response) => response.writeHead(404).end();
    await client.responses.create({ model, input: 'And?', previous_response_id: first.id });
    expect(partsOf(gemini.asked.at(-1)?.body)).toEqual([
      { text: '[A file that is no longer available.]' },
      { text: 'Hello.' },
      { text: 'And?' },
    ]);
  });

  it('is fetched no further when the client leaves', async () => {
    const leaving = new AbortController();
    let closed = false;
    answer = (_request, response) => {
      response.on('close', () => (closed = true));
      response.write(contents['image/png'], () => leaving.abort());
    };
    const before = gemini.asked.length;
    const body = { model: 'fetching-gemini', messages: image(pictures.at('/slow')) };
    const called = post({ url: `${app.baseUrl}/chat/completions`, secret, body, signal: leaving.signal });
    await expect(called).rejects.toMatchObject({ name: 'AbortError' });
    await until('the fetch has ended', () => closed);
    await until('nothing is held', () => replies().heldBytes === 0);
    const record = await until('the call is booked', async () => {
      const { body: usage } = await app.admin('GET', '/usage?tenant=acme&limit=100');
      return (usage as { data: Fields[] }).data.find(({ state }) => state === 'client_closed');
    });
    expect(record).toMatchObject({ status: 499, source: 'none' });
    expect(gemini.asked).toHaveLength(before);
  });

  it('is fetched no further when the key is revoked', async () => {
    const { body } = await make('/keys', { name: 'revoked', preset: 'openai-chat-client', agents: ['fetching-gemini'] });
    const { id, secret: own } = body as { id: string; secret: string };
    let closed = false;
    const came = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.on('close', () => (closed = true));
        response.write(contents['image/png'], () => resolve());
      };
    });
    const called = post({
      url: `${app.baseUrl}/chat/completions`,
      secret: own,
      body: { model: 'fetching-gemini', messages: image(pictures.at('/slow')) },
    });
    await came;
    await app.admin('POST', `/keys/${id}/revoke?tenant=acme`, {});
    expect((await called).status).toBe(401);
    await until('the fetch has ended', () => closed);
  });
});

describe('a response in the background that names an address', () => {
  let bench: FilesBench;
  beforeAll(async () => {
    bench = await FilesBench.start();
    await bench.worker();
    const { admin } = bench.platform.app;
    const auth = { mode: 'header_token', token: 'provider-key' };
    await admin('POST', '/connections', { tenant: 'acme', name: 'gemini', base_url: gemini.url, wire: 'gemini', auth });
    const models = { chat: { connection: 'gemini', model: targets.gemini } };
    await admin('POST', '/agents', { tenant: 'acme', name: 'fetching', models, fetch_addresses: true });
    await admin('POST', '/agents/fetching/publish?tenant=acme', { endpoint: 'fetching' });
  });
  afterAll(() => bench.close());

  it('fails like any other request that is refused, and nothing is sent', async () => {
    const worked = openai(bench.url, await bench.key());
    const before = gemini.asked.length;
    const input = seen('https://127.0.0.1/a') as never;
    const { id } = await worked.responses.create({ model: 'fetching', input, background: true });
    const failed = await until('it has ended', async () => {
      const response = await worked.responses.retrieve(id);
      return response.status === 'failed' && response;
    });
    expect(failed.error).toEqual({
      code: 'invalid_prompt',
      message: "Invalid value for 'input': what stands at this address could not be fetched.",
    });
    expect(gemini.asked).toHaveLength(before);
  });
});
