import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { EmbeddingClient, type EmbeddingCall } from '../../src/modules/embeddings/embedding-client.js';
import { startApp, type TestApp } from '../support/app.js';
import { azurePng, filterResults } from '../support/azure-answers.js';
import {
  azureDeployments,
  azureEntraToken,
  azureKey,
  startAzureProvider,
  type AzureAsked,
  type AzureProvider,
} from '../support/azure-provider.js';
import { openai } from '../support/relay.js';
import { waveFile } from '../support/wave-file.js';

const version = '2024-10-21';
const hello = [{ role: 'user' as const, content: 'Hello' }];

let app: TestApp;
let azure: AzureProvider;
let client: OpenAI;
/** May name other models than those that are published. */
let overriding: OpenAI;
/** On whose account the platform embeds texts of its own. */
let platformCall: Omit<EmbeddingCall, 'connectionId' | 'model' | 'texts'>;

const make = (path: string, body: object) => app.admin('POST', path, { tenant: 'acme', ...body });
const connect = (name: string, further: object) =>
  make('/connections', { name, wire: 'azure', auth: { mode: 'header_token', token: azureKey }, ...further });

/** Publishes each deployment of a connection, and one that is not there, as `<connection>-<deployment>`. */
async function publish(connection: string): Promise<void> {
  for (const model of [...azureDeployments, 'gone'])
    await make('/endpoints', { name: `${connection}-${model}`, raw_model: { connection, model } });
}

beforeAll(async () => {
  azure = await startAzureProvider();
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  await connect('bodies', { base_url: azure.url });
  await connect('paths', { base_url: azure.deploymentsUrl, api_version: version });
  await connect('preview', { base_url: azure.url, api_version: 'preview' });
  const auth = { mode: 'header_token', token: azureEntraToken, header: 'authorization' };
  await connect('entra', { base_url: azure.url, auth });
  for (const connection of ['bodies', 'paths', 'preview', 'entra']) await publish(connection);
  const { body } = await make('/keys', { name: 'client', preset: 'platform-automation', raw_models: ['*'], agents: ['*'] });
  const { id: keyId } = body as { id: string };
  const { id: tenantId } = (await app.admin('GET', '/tenants/acme')).body as { id: string };
  platformCall = { tenantId, keyId, requestId: 'req_azure', route: 'file.process', signal: new AbortController().signal };
  client = openai(app.baseUrl, body as { secret: string });
  const scopes = ['inference:chat', 'inference:override'];
  const other = await make('/keys', { name: 'overriding', purpose: 'inference', scopes, raw_models: ['*'] });
  overriding = openai(app.baseUrl, other.body as { secret: string });
});
afterAll(async () => {
  await app.close();
  await azure.close();
});

/** What Azure was asked meanwhile. */
async function askedDuring(act: () => Promise<unknown>): Promise<readonly AzureAsked[]> {
  const before = azure.asked.length;
  await act();
  return azure.asked.slice(before);
}

describe.each([
  ['bodies', (route: string) => `/openai/v1${route}`, (route: string) => `/openai/v1${route}`],
  [
    'paths',
    (route: string, model: string) => `/openai/deployments/${model}${route}?api-version=${version}`,
    (route: string) => `/openai${route}?api-version=${version}`,
  ],
])('Azure with its deployments in its %s', (connection, placeOf, sharedPlaceOf) => {
  const model = `${connection}-talker`;

  it('answers a chat, with what its filter says', async () => {
    const asked = await askedDuring(async () => {
      const whole = await client.chat.completions.create({ model, messages: hello });
      expect(whole).toMatchObject({
        model,
        prompt_filter_results: [{ content_filter_results: filterResults }],
        choices: [{ message: { content: 'Hello.' }, content_filter_results: filterResults }],
        usage: { total_tokens: 5 },
      });
    });
    expect(asked).toEqual([{ path: placeOf('/chat/completions', 'talker'), model: 'talker' }]);
  });

  it('answers a chat in a stream, also where events have no choice, no name and no delta', async () => {
    const stream = await client.chat.completions.create({ model, messages: hello, stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('')).toBe('Hello.');
    expect(chunks[0]).toMatchObject({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    expect(chunks.at(-1)).toMatchObject({ choices: [{ content_filter_offsets: { end_offset: 50 } }] });
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set([model]));
  });

  it("passes on that its filter has refused, with Azure's code and no address", async () => {
    const refused = client.chat.completions.create({ model, messages: [{ role: 'user', content: 'harmful' }], stream: true });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      code: 'content_filter',
      param: 'prompt',
      type: 'invalid_request_error',
      message: expect.not.stringContaining('microsoft.com') as unknown as string,
    });
  });

  it('answers a response, plain and in a stream, that goes on from another', async () => {
    const asked = await askedDuring(async () => {
      const first = await client.responses.create({ model, input: 'Hello' });
      expect(first.output_text).toBe('Hello.');
      const stream = await client.responses.create({ model, input: 'On', previous_response_id: first.id, stream: true });
      const types = [];
      for await (const event of stream) types.push(event.type);
      expect(types.at(-1)).toBe('response.completed');
    });
    const call = { path: sharedPlaceOf('/responses'), model: 'talker' };
    expect(asked).toEqual([call, call]);
  });

  it('answers a chat of a conversation', async () => {
    const headers = { 'X-GT-Conversation-Id': `talk-${connection}` };
    for (const stream of [true, false]) {
      const reply = await client.chat.completions.create({ model, messages: hello, stream }, { headers }).asResponse();
      expect(await reply.text()).toContain('"history":"server"');
    }
  });

  it('makes vectors, for clients and for datasets', async () => {
    const asked = await askedDuring(async () => {
      const input = ['one', 'two'];
      const { data } = await client.embeddings.create({ model: `${connection}-coder`, input, encoding_format: 'float' });
      expect(data.map(({ embedding }) => embedding)).toEqual([
        [0, 0.5],
        [1, 0.5],
      ]);
      const connections = await app.admin('GET', `/connections?tenant=acme&name=${connection}`);
      const embeddings = app.running.app.get(EmbeddingClient, { strict: false });
      const vectors = await embeddings.embed({
        ...platformCall,
        connectionId: (connections.body as { data: [{ id: string }] }).data[0].id,
        model: 'coder',
        texts: ['a', 'b'],
      });
      expect(vectors.map((vector) => [...vector])).toEqual([
        [0, 0.5],
        [1, 0.5],
      ]);
    });
    const call = { path: placeOf('/embeddings', 'coder'), model: 'coder' };
    expect(asked).toEqual([call, call]);
  });

  it('speaks and hears', async () => {
    const asked = await askedDuring(async () => {
      const speech = await client.audio.speech.create({ model: `${connection}-speaker`, input: 'Hello', voice: 'alloy' });
      expect((await speech.arrayBuffer()).byteLength).toBe(2_000);
      const file = () => toFile(waveFile({ seconds: 1 }), 'talk.wav');
      const hearer = { model: `${connection}-hearer` };
      expect((await client.audio.transcriptions.create({ ...hearer, file: await file() })).text).toBe('Heard.');
      expect((await client.audio.translations.create({ ...hearer, file: await file() })).text).toBe('Heard.');
    });
    expect(asked).toEqual([
      { path: placeOf('/audio/speech', 'speaker'), model: 'speaker' },
      { path: placeOf('/audio/transcriptions', 'hearer'), model: 'hearer' },
      { path: placeOf('/audio/translations', 'hearer'), model: 'hearer' },
    ]);
  });

  it('draws, and is not asked for a form that a model behind a deployment may refuse', async () => {
    const asked = await askedDuring(async () => {
      const painter = { model: `${connection}-painter`, prompt: 'a harbour' };
      const made = await client.images.generate({ ...painter, response_format: 'b64_json' });
      const edited = await client.images.edit({ ...painter, image: await toFile(azurePng, 'a.png', { type: 'image/png' }) });
      const data = azurePng.toString('base64');
      expect([made, edited]).toMatchObject([{ data: [{ b64_json: data }] }, { data: [{ b64_json: data }] }]);
    });
    expect(asked).toEqual([
      { path: placeOf('/images/generations', 'painter'), model: 'painter' },
      { path: placeOf('/images/edits', 'painter'), model: 'painter' },
    ]);
  });

  it('is tried, and names its models', async () => {
    const { body } = await app.admin('GET', `/connections?tenant=acme&name=${connection}`);
    const [{ id, auth }] = (body as { data: [{ id: string; auth: object }] }).data;
    expect(auth).toEqual({ mode: 'header_token', header: 'api-key', prefix: '', secret_set: true, tokens: 1 });
    const asked = await askedDuring(async () => {
      expect((await make(`/connections/${id}/test`, {})).body).toMatchObject({ ok: true, status: 200 });
    });
    expect(asked).toEqual([{ path: sharedPlaceOf('/models'), model: undefined }]);
    const models = await app.admin('GET', `/connections/${id}/models?tenant=acme`);
    expect(models.body).toMatchObject({ data: [{ id: 'gpt-4.1' }] });
  });

  it('says nothing to a client of a deployment that is not there', async () => {
    await expect(client.chat.completions.create({ model: `${connection}-gone`, messages: hello })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_error',
    });
  });
});

describe('a connection to Azure', () => {
  it('may sign in with a token of Microsoft Entra', async () => {
    const { choices } = await client.chat.completions.create({ model: 'entra-talker', messages: hello });
    expect(choices[0]?.message.content).toBe('Hello.');
  });

  it('sends its version below /v1 too, where it has one', async () => {
    const asked = await askedDuring(() => client.chat.completions.create({ model: 'preview-talker', messages: hello }));
    expect(asked).toEqual([{ path: '/openai/v1/chat/completions?api-version=preview', model: 'talker' }]);
  });

  it('never leaves its place for a model whose name is a path', async () => {
    const reference = { connection: 'paths', model: '../../admin' };
    for (const [path, body, param] of [
      ['/endpoints', { name: 'climber', raw_model: reference }, 'raw_model.model'],
      ['/agents', { name: 'climber', models: { chat: reference } }, 'models.chat.model'],
      ['/datasets', { alias: 'climber', embedding: reference }, 'embedding.model'],
    ] as const)
      expect(await make(path, body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_value', param } } });
    const asked = await askedDuring(async () => {
      const headers = { 'X-GT-Model': 'paths/../../admin' };
      const call = overriding.chat.completions.create({ model: 'paths-talker', messages: hello }, { headers });
      await expect(call).rejects.toMatchObject({ status: 400, code: 'invalid_value', param: 'model' });
    });
    expect(asked).toEqual([]);
  });

  it('is exported with its version, and applied again changes nothing', async () => {
    const { body: file } = await app.admin('GET', '/export?tenant=acme');
    const [tenant] = (file as { tenants: [{ connections: object[] }] }).tenants;
    expect(tenant.connections).toContainEqual(
      expect.objectContaining({ name: 'paths', wire: 'azure', api_version: version, auth: { mode: 'header_token' } }),
    );
    expect((await app.admin('POST', '/apply', { file })).body).toMatchObject({ changed: 0 });
  });
});
