import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routeRow, type RouteId } from '../../src/catalog/routes.js';
import { newId } from '../../src/kernel/ids.js';
import { inferenceKinds } from '../../src/modules/inference/kinds/kinds.js';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let key: SeededKey;
let overriding: SeededKey;
let recorded: Record<string, SeededKey>;

beforeAll(async () => {
  platform = await startPlatform();
  provider = await startRecordingProvider();
  const { factory, acme } = platform;
  const model = (name: string) => ({ connection: acme.connectionId, model: `sandbox-${name}` });
  const models = {
    chat: model('chat'),
    embed: model('embed'),
    transcribe: model('transcribe'),
    speech: { ...model('speech'), voice: 'alloy' },
    image: model('image'),
    moderate: model('moderate'),
  };
  await factory.alias(acme, 'everything', { models, sessions: true });
  key = await factory.key(acme);
  const scopes = ['inference:chat', 'inference:embed', 'inference:moderate', 'inference:image', 'inference:speech'] as const;
  overriding = await factory.key(acme, { scopes: [...scopes, 'inference:transcribe', 'inference:override', 'usage:read'] });
  recorded = {};
  for (const wire of ['openai', 'chat', 'responses']) {
    const tenant = await factory.tenant(`members-${wire}`, provider.url, { sessions: true });
    await factory.wire(tenant, wire);
    await factory.rawModel(tenant, 'painter', 'm', ['image']);
    recorded[wire] = await factory.key(tenant);
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

/** What each row asks; the rows that take a form get their file besides. */
const bodies: Readonly<Partial<Record<RouteId, object>>> = {
  'chat.completions.create': { messages: [{ role: 'user', content: 'hi' }] },
  'completions.create': { prompt: 'hi' },
  'embeddings.create': { input: 'hi' },
  'responses.create': { input: 'hi' },
  'responses.input_tokens': { input: 'hi' },
  'responses.compact': { input: 'hi' },
  'moderations.create': { input: 'hi' },
  'images.generate': { prompt: 'hi' },
  'audio.speech.create': { input: 'hi' },
  'audio.transcriptions.create': { prompt: 'hi' },
  'audio.translations.create': { prompt: 'hi' },
  'images.edit': { prompt: 'hi' },
  'images.vary': { n: 1 },
};
const rows = inferenceKinds.map(({ routeId }) => routeId);

function ask(id: RouteId, body: object, headers: Record<string, string> = {}, secret = key.secret): Promise<Response> {
  const url = platform.app.baseUrl + routeRow(id).path;
  const asked = { ...bodies[id], ...body };
  if (routeRow(id).body !== 'multipart') return post({ url, secret, body: asked, headers });
  return fetch(url, { method: 'POST', headers: { authorization: `Bearer ${secret}`, ...headers }, body: formOf(id, asked) });
}

/** The members as fields, and a file behind them. */
function formOf(id: RouteId, members: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(members)) if (value !== undefined) form.append(name, String(value));
  if (id.startsWith('audio.')) form.append('file', new Blob([Buffer.alloc(9_000, 's')], { type: 'audio/wav' }), 'talk.wav');
  else form.append('image', new Blob([Buffer.alloc(5_000, 'i')], { type: 'image/png' }), 'a.png');
  return form;
}

const outcome = async (reply: Promise<Response>): Promise<[number, string | undefined]> => {
  const { status, text } = { status: (await reply).status, text: await (await reply).text() };
  return [status, status === 200 ? undefined : (JSON.parse(text) as { error: { code: string } }).error.code];
};

describe.each(rows)('%s', (id) => {
  it('is asked here', () => expect(bodies[id]).toBeDefined());

  it('takes every spelling of a model', async () => {
    for (const model of ['everything', 'openclaw/everything', 'openclaw:everything', 'agent:everything'])
      expect([model, ...(await outcome(ask(id, { model })))]).toEqual([model, 200, undefined]);
    // The default agent of these tests serves chat and embeddings; of the others it has no model.
    const served = /^(?:chat|completions|embeddings|responses)/.test(id) ? [200, undefined] : [400, 'unsupported_modality'];
    for (const model of ['default', 'openclaw', 'openclaw/default']) expect(await outcome(ask(id, { model }))).toEqual(served);
  });

  it('takes x-openclaw-agent-id before the model', async () => {
    const headers = { 'x-openclaw-agent-id': 'everything' };
    for (const model of ['absent', undefined]) expect(await outcome(ask(id, { model }, headers))).toEqual([200, undefined]);
    const absent = { 'x-openclaw-agent-id': 'absent' };
    expect(await outcome(ask(id, { model: 'everything' }, absent))).toEqual([404, 'model_not_found']);
  });

  it('takes another backend model from a key that may name one', async () => {
    const headers = { 'x-gt-model': 'main/sandbox-other' };
    const narrow = await platform.factory.key(platform.acme, { preset: 'multimodal-workspace' });
    if (id !== 'moderations.create')
      expect(await outcome(ask(id, { model: 'everything' }, headers, narrow.secret))).toEqual([403, 'insufficient_scope']);
    expect(await outcome(ask(id, { model: 'everything' }, headers, overriding.secret))).toEqual([200, undefined]);
    if (id === 'responses.input_tokens') return;
    await until('the call is booked under that model', async () => {
      const { body } = await call(`${platform.app.baseUrl}/usage?limit=1`, 'GET', overriding.secret);
      return body.data[0]?.route === id && body.data[0]?.endpoint === 'main/sandbox-other';
    });
  });

  it('takes session headers and the user string, whatever it makes of them', async () => {
    const headers = { 'x-gt-session-key': `s-${id}`, 'x-openclaw-message-channel': 'mail' };
    expect(await outcome(ask(id, { model: 'everything', user: 'u-1' }, headers))).toEqual([200, undefined]);
    expect(await outcome(ask(id, { model: 'everything', user: 'u-1' }))).toEqual([200, undefined]);
  });
});

describe('a session', () => {
  const turn = async (body: object, headers: Record<string, string> = {}, id: RouteId = 'responses.create') => {
    const reply = await ask(id, { model: 'everything', ...body }, headers);
    return { status: reply.status, id: reply.headers.get('x-gt-conversation-id'), body: JSON.parse(await reply.text()) };
  };

  it('is one conversation through chat and responses, by header or user', async () => {
    const byUser = [await turn({ user: 'ann' }), await turn({ user: 'ann' }, {}, 'chat.completions.create')];
    expect(new Set(byUser.map(({ id }) => id)).size).toBe(1);
    const header = { 'x-gt-session-key': 'desk' };
    const byHeader = [
      await turn({ user: 'ann' }, header),
      await turn({}, { 'x-openclaw-session-key': 'desk' }),
      await turn({}, header, 'chat.completions.create'),
    ];
    expect(new Set(byHeader.map(({ id }) => id)).size).toBe(1);
    expect(byHeader[0]?.id).not.toBe(byUser[0]?.id);
  });

  it('counts for nothing where the request goes on from something else, or is not kept', async () => {
    const session = await turn({}, { 'x-gt-session-key': 'bank' });
    const first = await turn({});
    const { body: other } = await call(`${platform.app.baseUrl}/conversations`, 'POST', key.secret, {});
    for (const [body, headers, id] of [
      [{ store: false }, {}, null],
      [{ previous_response_id: first.body.id }, {}, null],
      [{ conversation: other.id }, {}, other.id],
      [{}, { 'x-gt-conversation-id': other.id }, other.id],
    ] as const) {
      for (const said of [{ user: 'bank' }, {}]) {
        const told = await turn({ ...body, ...said }, { ...headers, 'x-gt-session-key': 'bank' });
        expect([told.status, told.id]).toEqual([200, id]);
      }
    }
    expect(session.id).toMatch(/^conv_/);
  });

  it('that two headers name differently, or a conversation beside a previous response, is 400', async () => {
    const headers = { 'x-gt-session-key': 'a', 'x-openclaw-session-key': 'b' };
    for (const id of ['responses.create', 'chat.completions.create'] as const) {
      // Also where no session is kept: by a raw model, and beside what names a conversation.
      for (const body of [{}, { model: 'raw-chat' }, { store: false }]) {
        const refused = await turn(body, headers, id);
        expect([refused.status, refused.body.error.param]).toEqual([400, 'x-gt-session-key']);
      }
      const named = await turn({}, { ...headers, 'x-gt-conversation-id': 'chat-8' }, id);
      expect([named.status, named.body.error.param]).toEqual([400, 'x-gt-session-key']);
    }
    const first = await turn({});
    const refused = await turn({ previous_response_id: first.body.id }, { 'x-gt-conversation-id': 'chat-7' });
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
      400,
      'invalid_value',
      'previous_response_id',
    ]);
  });
});

describe.each(['openai', 'chat', 'responses'])('over %s', (wire) => {
  it.each(['/responses', '/chat/completions'])('the client’s own names go on unchanged from %s', async (path) => {
    const named = { prompt_cache_key: 'cache-1', safety_identifier: 'safe-1', user: 'user-1' };
    if (wire === 'responses' || (wire === 'openai' && path === '/responses')) provider.answerWith(answerOf(message('Hello.')));
    else
      provider.answerWith((_body, response) =>
        response.setHeader('content-type', 'application/json').end(
          JSON.stringify({
            id: 'chatcmpl-1',
            object: 'chat.completion',
            created: 1,
            model: 'm',
            choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
          }),
        ),
      );
    const asked = path === '/responses' ? { input: 'Hi' } : { messages: [{ role: 'user', content: 'Hi' }] };
    const url = platform.app.baseUrl + path;
    const reply = await post({ url, secret: recorded[wire]?.secret ?? '', body: { model: 'assistant', ...asked, ...named } });
    expect(reply.status).toBe(200);
    expect(provider.bodies.at(-1)).toMatchObject(named);
  });
});

describe.each([
  ['chat', /^(?:chat|completions|embeddings|responses)/],
  ['responses', /^(?:chat|completions|responses)/],
])('a raw model over %s', (wire, served) => {
  const isUnsupported = async (id: RouteId, model: string): Promise<boolean> => {
    provider.answerWith((_body, response) => response.writeHead(400).end('{"error":{"message":"no","code":"asked"}}'));
    return (await outcome(ask(id, { model }, {}, recorded[wire]?.secret)))[1] === 'unsupported_modality';
  };

  it.each(rows)('serves %s where the wire has it', async (id) => {
    expect(await isUnsupported(id, 'raw-chat')).toBe(!served.test(id));
  });

  it('serves what it says itself', async () => {
    expect(await isUnsupported('images.generate', 'painter')).toBe(false);
    expect(await isUnsupported('chat.completions.create', 'painter')).toBe(true);
  });
});

it('another backend model on a connection that serves no such thing is 400', async () => {
  const { acme, factory } = platform;
  const id = newId('connection');
  const connection = { tenantId: acme.id, id, name: 'small', baseUrl: provider.url, authMode: 'none', wire: 'chat' };
  await factory.run((tx) => tx.connection.create({ data: connection }));
  const draw = () => outcome(ask('images.generate', { model: 'everything' }, { 'x-gt-model': 'small/m' }, overriding.secret));
  await until('the connection is known', async () => (await draw())[0] !== 200);
  expect(await draw()).toEqual([400, 'unsupported_modality']);
});
