import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routeIds, routeRow, type RouteId } from '../../src/catalog/routes.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { post, user } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { publishOn, startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js';

const term = 'plumtree';

/** Every row that asks a model something: a new one is here by itself. */
const rows = routeIds.filter((id) => routeRow(id).modality !== undefined);

let platform: TestPlatform;
let provider: ScriptedProvider;

beforeAll(async () => {
  platform = await startPlatform();
  provider = await startScriptedProvider((response) => response.writeHead(500).end());
  await publishOn(platform, provider.url, 'everything');
});
afterAll(async () => {
  await provider.close();
  await platform.close();
});

const keyWith = (...guardrails: object[]): Promise<SeededKey> =>
  platform.factory.key(platform.acme, { promptPolicy: { guardrails } });

/** A request of the row that says this text; a row of a kind that is new says it as its `input`. */
function saying(id: RouteId, text: string): object {
  if (id === 'chat.completions.create') return { messages: [user(text)] };
  if (id === 'completions.create' || id === 'images.generate') return { prompt: text };
  return { input: text };
}

/** What the row answers: code and message of an error, or nothing of either. */
async function answerTo(id: RouteId, text: string, key: SeededKey): Promise<{ code?: string; message?: string }> {
  const { method, path, body } = routeRow(id);
  const { baseUrl } = platform.app;
  if (method === 'GET') {
    const socket = await openSocket(baseUrl, key.secret);
    const [event] = await socket.ask({ model: 'everything', ...saying(id, text) });
    socket.close();
    return event.error ?? event.response?.error ?? {};
  }
  const url = baseUrl + path;
  const reply =
    body === 'multipart'
      ? await fetch(url, { method, headers: { authorization: `Bearer ${key.secret}` }, body: formSaying(text) })
      : await post({ url, secret: key.secret, body: { model: 'everything', ...saying(id, text) } });
  return ((await reply.json()) as { error?: { code: string; message: string } }).error ?? {};
}

function formSaying(text: string): FormData {
  const form = new FormData();
  form.append('model', 'everything');
  for (const name of ['file', 'image']) form.append(name, new Blob(['bytes']), 'one.png');
  form.append('prompt', text);
  return form;
}

describe.each(rows)('%s', (id) => {
  it('refuses a blocked term before anything is sent', async () => {
    const key = await keyWith({ module: 'blocked_terms', terms: [term] });
    const asked = provider.requests();
    const { code, message } = await answerTo(id, `About the ${term}.`, key);
    expect([code, message]).toEqual(['content_policy', expect.stringContaining('(blocked_terms)')]);
    expect(message).not.toContain(term);
    expect(provider.requests()).toBe(asked);
    expect((await answerTo(id, 'About nothing.', key)).code).not.toBe('content_policy');
  });

  it('refuses personal data where it is blocked, and an input that is too long', async () => {
    const asked = provider.requests();
    const card = await answerTo(id, 'Take 4111 1111 1111 1111.', await keyWith({ module: 'pii', action: 'block' }));
    expect([card.code, card.message]).toEqual(['content_policy', expect.stringContaining('(pii)')]);
    const long = await answerTo(id, 'one two three four', await keyWith({ module: 'max_input_tokens', tokens: 3 }));
    expect([long.code, long.message]).toEqual(['content_policy', expect.stringContaining('(max_input_tokens)')]);
    expect(provider.requests()).toBe(asked);
  });
});
