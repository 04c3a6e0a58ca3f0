import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { call } from '../support/app.js';
import { heldAnswer } from '../support/held-answer.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { rawCall, RawConnection, requestBytes } from '../support/raw-http.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openSocket, refusedUpgrade, type SocketClient } from '../support/response-socket.js';
import { answerOf, message } from '../support/responses-provider.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let socket: SocketClient;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('speaking', provider.url, { instructions: 'Never name the harbour.' });
  key = await platform.factory.key(tenant);
  socket = await openSocket(platform.app.baseUrl, key.secret);
});
afterAll(async () => {
  socket.close();
  await platform.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(answerOf(message('Hello there.'))));

const sent = () => provider.bodies.at(-1) as unknown as Record<string, unknown>;
const bearer = (secret = key.secret) => ({ authorization: `Bearer ${secret}` });
const get = (path: string, secret = key.secret) => call(platform.app.baseUrl + path, 'GET', secret);

describe('a frame', () => {
  it('is a call whose events come one in each frame, as they would over HTTP', async () => {
    const events = await socket.ask({ input: 'Hi', stream: true, stream_options: { include_obfuscation: false } });
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_event, at) => at));
    // Before the end OpenAI's usage is null, for which its description has no word.
    const faults = events.flatMap((event) => faultsOf('ResponseStreamEvent', event));
    expect(faults.filter((fault) => fault !== 'ResponseStreamEvent.response.usage is no object')).toEqual([]);
    expect(sent()).toEqual({
      model: 'sandbox-chat',
      input: 'Hi',
      stream: true,
      store: false,
      instructions: 'Never name the harbour.',
    });
    const { id } = events.at(-1).response;
    expect((await get(`/responses/${id}`)).body).toMatchObject({ id, status: 'completed', model: 'assistant' });
  });

  it('that is refused is told so, and the socket stays open', async () => {
    const refused = async (frame: object) => {
      const [event] = await socket.ask(frame);
      return [event.type, event.status, event.error.code, event.error.param];
    };
    expect(await refused({ input: 'Hi', background: true })).toEqual(['error', 400, 'unsupported_parameter', 'background']);
    expect(await refused({ type: 'response.stop' })).toEqual(['error', 400, 'invalid_value', 'type']);
    expect(await refused({ input: 'Hi', model: 'nobody' })).toEqual(['error', 404, 'model_not_found', 'model']);
    expect(await refused({ input: 'Hi', stream_id: 'a b' })).toEqual(['error', 400, 'invalid_value', 'stream_id']);
    expect(await refused({})).toEqual(['error', 400, 'missing_required_parameter', 'input']);
    expect((await socket.ask({ input: 'Hi' })).at(-1).type).toBe('response.completed');
  });
});

describe('a handshake', () => {
  const url = () => `${platform.app.baseUrl}/responses`;

  it('is judged like a request, and answered like one', async () => {
    const unknown = await refusedUpgrade(url(), { authorization: 'Bearer gtak_wrong' });
    expect([unknown.status, unknown.body.error.code]).toEqual([401, 'invalid_api_key']);
    expect(unknown.headers['x-gt-request-id']).toMatch(/^req_/);
    const missing = await refusedUpgrade(url(), {});
    expect([missing.status, missing.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    const embedder = await platform.factory.key(tenant, { scopes: ['inference:embed'] });
    const scope = await refusedUpgrade(url(), bearer(embedder.secret));
    expect([scope.status, scope.body.error.code]).toEqual([403, 'insufficient_scope']);
    const elsewhere = await platform.factory.key(tenant, { allowedIps: ['192.0.2.1'] });
    expect((await refusedUpgrade(url(), bearer(elsewhere.secret))).body.error.code).toBe('ip_not_allowed');
  });

  it('of another route is refused, and a request without one is told what to do', async () => {
    for (const path of ['/models', '/key', '/responses/resp_1'])
      expect((await refusedUpgrade(platform.app.baseUrl + path, bearer())).status).toBe(400);
    expect((await refusedUpgrade(`${platform.app.url}/healthz`, {})).status).toBe(400);
    expect((await refusedUpgrade(`${platform.app.baseUrl}/nothing`, bearer())).status).toBe(404);
    const plain = await get('/responses');
    expect([plain.status, plain.body.error.code, plain.headers.get('upgrade')]).toEqual([426, 'upgrade_required', 'websocket']);
  });

  /** What Java's clients send. */
  const offer = (): Buffer => {
    const body = JSON.stringify({ model: 'assistant', input: 'Hi' });
    return requestBytes(
      'POST',
      '/api/tenant/v1/responses',
      [
        ['Host', new URL(platform.app.url).host],
        ['Authorization', `Bearer ${key.secret}`],
        ['Connection', 'Upgrade, HTTP2-Settings'],
        ['Upgrade', 'h2c'],
        ['HTTP2-Settings', 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA'],
        ['Content-Type', 'application/json'],
        ['Content-Length', String(body.length)],
      ],
      body,
    );
  };

  it('that offers another protocol is an ordinary request, with its body', async () => {
    expect((await rawCall(platform.app.url, offer())).status).toBe(200);
  });

  it('that offers another protocol leaves nothing on its connection, however often it does', async () => {
    const server = platform.app.running.app.getHttpServer() as Server;
    let accepted: Socket | undefined;
    server.once('connection', (opened: Socket) => (accepted = opened));
    const connection = new RawConnection(platform.app.url);
    const listeners: Record<string, number>[] = [];
    for (let sent = 0; sent < 12; sent += 1) {
      await connection.send(offer());
      expect((await connection.reply()).status).toBe(200);
      const names = (accepted?.eventNames() ?? []).map(String).sort();
      listeners.push(Object.fromEntries(names.map((name) => [name, accepted?.listenerCount(name) ?? 0])));
    }
    connection.destroy();
    expect(listeners).toEqual(listeners.map(() => listeners[0]));
    expect(listeners[0]).toHaveProperty('close');
  });
});

describe('continuation', () => {
  it('from a prepared response makes no conversation and waits for no turn', async () => {
    const made = () => platform.factory.run((tx) => tx.conversation.count({ where: { tenantId: tenant.id } }));
    const before = await made();
    const prepare = async (conversation: string) =>
      (await socket.ask({ input: 'Zero', generate: false, conversation, stream_id: 'beside' })).at(-1).response;
    expect(await prepare('never-made')).toMatchObject({ status: 'completed', conversation: null });
    expect(await made()).toBe(before);
    const held = heldAnswer('At last.');
    provider.answerWith(held.answer);
    socket.send({ input: 'Begin', conversation: 'running' });
    await held.begun();
    expect(await prepare('running')).toMatchObject({ status: 'completed', conversation: { id: expect.any(String) } });
    held.release();
    await socket.next((event) => event.type === 'response.completed' && JSON.stringify(event).includes('At last.'));
  });

  it('goes on from what only the socket remembers, from a prepared response too', async () => {
    const before = provider.bodies.length;
    const prepared = await socket.ask({ input: 'Zero', store: false, generate: false, instructions: 'Be brief.' });
    expect(provider.bodies.length).toBe(before);
    expect(prepared.map(({ type }) => type)).toEqual(['response.created', 'response.completed']);
    const { response } = prepared.at(-1);
    expect(response).toMatchObject({ object: 'response', status: 'completed', model: 'assistant', output: [], store: false });
    expect(response.id).toMatch(/^resp_[0-9A-Za-z]{24}$/);
    expect(response.usage).toMatchObject({ output_tokens: 0 });
    expect(response.usage.input_tokens).toBeGreaterThan(0);
    const first = await socket.ask({ input: 'One', store: false, previous_response_id: response.id });
    const second = await socket.ask({ input: 'Two', store: false, previous_response_id: first.at(-1).response.id });
    expect(second.at(-1).response.previous_response_id).toBe(first.at(-1).response.id);
    expect(JSON.stringify(sent()['input'])).toMatch(/Zero.*One.*Hello there.*Two/);
    expect(JSON.stringify(sent())).not.toContain('generate');
  });

  it('is known to no other socket, and to HTTP only where it is kept', async () => {
    const [first] = (await socket.ask({ input: 'One', store: false })).slice(-1);
    const other = await openSocket(platform.app.baseUrl, key.secret);
    const [refused] = await other.ask({ input: 'Two', previous_response_id: first.response.id });
    other.close();
    expect([refused.status, refused.error.code, refused.error.param]).toEqual([
      400,
      'previous_response_not_found',
      'previous_response_id',
    ]);
    expect((await get(`/responses/${first.response.id}`)).status).toBe(404);
    const [kept] = (await socket.ask({ input: 'Two', previous_response_id: first.response.id })).slice(-1);
    const later = await call(`${platform.app.baseUrl}/responses`, 'POST', key.secret, {
      model: 'assistant',
      input: 'Three',
      previous_response_id: kept.response.id,
    });
    expect(later.status).toBe(200);
    expect(JSON.stringify(sent()['input'])).toMatch(/One.*Hello there.*Two.*Hello there.*Three/);
  });

  it('is forgotten when the call that named it has failed', async () => {
    for (const fails of [{ input: 7 }, { input: 'Two' }]) {
      const [first] = (await socket.ask({ input: 'One', store: false })).slice(-1);
      const { id } = first.response;
      provider.answerWith((_body, response) => response.writeHead(500).end());
      expect((await socket.ask({ ...fails, store: false, previous_response_id: id }))[0].type).toBe('error');
      provider.answerWith(answerOf(message('Hello there.')));
      const [gone] = await socket.ask({ input: 'Two', store: false, previous_response_id: id });
      expect(gone.error.code).toBe('previous_response_not_found');
    }
  });

  it('works the same over a provider that speaks only chat', async () => {
    const chatting = await startRecordingProvider();
    const small = await platform.factory.tenant('chatting', chatting.url);
    await platform.factory.wire(small, 'chat');
    const own = await openSocket(platform.app.baseUrl, (await platform.factory.key(small)).secret);
    const prepared = await own.ask({ input: 'Zero', store: false, generate: false });
    const first = await own.ask({ input: 'One', store: false, previous_response_id: prepared.at(-1).response.id });
    const last = await own.ask({ input: 'Two', store: false, previous_response_id: first.at(-1).response.id });
    expect(last.at(-1).type).toBe('response.completed');
    expect(
      chatting.bodies
        .at(-1)
        ?.messages.map(({ content }) => JSON.stringify(content))
        .join(),
    ).toMatch(/Zero.*One.*Answer to One.*Two/);
    own.close();
    await chatting.close();
  });
});
