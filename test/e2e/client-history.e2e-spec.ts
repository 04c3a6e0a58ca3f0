import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { answerOf, message, reasoning } from '../support/responses-provider.js';
import * as shortly from '../support/short-history.js';
import { assistant, called, result, short, user } from '../support/short-history.js';

/** Whoever keeps the history, a conversation holds each thing once, and its model is given it once. */
const wires = ['openai', 'chat'] as const;

let platform: TestPlatform;
let provider: RecordingProvider;
const keys = new Map<string, SeededKey>();
let number = 0;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const wire of wires) {
    const tenant = await platform.factory.tenant(`history-${wire}`, provider.url, { sessions: true });
    await platform.factory.wire(tenant, wire);
    keys.set(wire, await platform.factory.key(tenant));
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const says = (...texts: readonly string[]): void => shortly.says(provider, ...texts);
const callsTools = (...ids: readonly string[]): void => shortly.callsTools(provider, ...ids);
const given = (): string[] => shortly.given(provider.bodies.at(-1));
beforeEach(() => says());

/** A tenant's client: what it asks, and what its conversations hold. */
function clientOf(wire: string) {
  const secret = (): string => keys.get(wire)?.secret ?? '';
  const rest = (method: string, path: string, body?: object) => call(`${platform.app.baseUrl}${path}`, method, secret(), body);
  const send = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await post({ url: `${platform.app.baseUrl}${path}`, secret: secret(), body, headers });
    const told = JSON.parse(await answer.text());
    expect([answer.status, told]).toEqual([200, expect.anything()]);
    return told;
  };
  const ask = async (input: readonly object[], named: { header?: string; body?: object }) => {
    const headers: Record<string, string> = named.header === undefined ? {} : { 'x-gt-conversation-id': named.header };
    return send('/responses', { model: 'assistant', input, ...named.body }, headers);
  };
  const held = async (id: string) => short((await rest('GET', `/conversations/${id}/items?order=asc&limit=100`)).body.data);
  return { rest, send, ask, held };
}
const newName = (): string => `own-${(number += 1)}`;

describe.each(wires)('a history that a client keeps, over a provider that speaks %s', (wire) => {
  const { rest, ask, held } = clientOf(wire);

  it.each([
    ['its header', (name: string) => ({ header: name })],
    ['the user of a session', (name: string) => ({ body: { user: name } })],
  ])('is kept once where %s names the conversation, and given to the model as it is', async (_what, namedBy) => {
    const named = namedBy(newName());
    says('a1', 'b1', 'c1');
    const instructions = { role: 'developer', content: 'Mine.' };
    const turns = [user('A'), assistant('a1'), user('B'), assistant('b1'), user('C')];
    const first = await ask([instructions, ...turns.slice(0, 1)], named);
    const id = first.gt.conversation_id as string;
    expect(first.gt.history).toBe('server');
    await ask([instructions, ...turns.slice(0, 3)], named);
    const third = await ask([instructions, ...turns], named);
    expect(third.gt).toEqual({ history: 'client', conversation_id: id });
    expect(given().slice(1)).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1', 'user C']);
    expect(await held(id)).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1', 'user C', 'assistant c1']);
    // What the request sent is told whole.
    expect((await rest('GET', `/responses/${third.id}/input_items`)).body.data).toHaveLength(6);
  });

  it.each([
    ['behind all calls', [0, 1, 2, 3]],
    ['each behind its call', [0, 2, 1, 3]],
  ])('has results of tools once, %s', async (_what, order) => {
    const named = { header: newName() };
    callsTools('one', 'two');
    const { gt } = await ask([user('Q')], named);
    says('Done.', 'More.');
    const parts = [called('one'), called('two'), result('one'), result('two')];
    await ask([user('Q'), ...order.map((at) => parts[at] as object)], named);
    const told = ['user Q', 'call one', 'call two', 'result one', 'result two'];
    expect([...given()].sort()).toEqual([...told].sort());
    expect(await held(gt.conversation_id)).toEqual([...told, 'assistant Done.']);
    // From then on the platform may be left the history.
    await ask([user('And?')], named);
    expect(given()).toEqual([...told, 'assistant Done.', 'user And?']);
  });

  it('has a call that the conversation does not know together with its result', async () => {
    const named = { header: newName() };
    says('Done.', 'More.');
    const { gt } = await ask([user('Q'), called('one'), result('one')], named);
    expect(gt.history).toBe('client');
    expect(await held(gt.conversation_id)).toEqual(['call one', 'result one', 'assistant Done.']);
    await ask([user('And?')], named);
    expect(given()).toEqual(['call one', 'result one', 'assistant Done.', 'user And?']);
  });

  it('may be of references to items', async () => {
    const named = { header: newName() };
    callsTools('one');
    const first = await ask([user('Q')], named);
    says('Done.', 'More.');
    const reference = (item: { id: string }) => ({ type: 'item_reference', id: item.id });
    const second = await ask([user('Q'), ...first.output.map(reference), result('one')], named);
    expect(given()).toEqual(['user Q', 'call one', 'result one']);
    await ask([user('Q'), ...first.output.map(reference), result('one'), ...second.output.map(reference), user('B')], named);
    expect(given()).toEqual(['user Q', 'call one', 'result one', 'assistant Done.', 'user B']);
    expect(await held(first.gt.conversation_id)).toEqual([...given(), 'assistant More.']);
  });

  it('may come with the ids that the platform gave it, and is known by them', async () => {
    const named = { header: newName() };
    says('a1', 'b1', 'c1');
    const first = await ask([user('A')], named);
    const id = first.gt.conversation_id as string;
    const [asked, answered] = (await rest('GET', `/conversations/${id}/items?order=asc`)).body.data as object[];
    if (asked === undefined || answered === undefined) throw new Error('nothing is kept');
    // The caller's own messages make no history: what stands in the one before them is not told twice.
    await ask([asked, user('B')], named);
    expect(given()).toEqual(['user A', 'assistant a1', 'user B']);
    // All of it, where the request itself names the conversation.
    await ask([asked, answered, user('C')], { body: { conversation: id } });
    expect(given()).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1', 'user C']);
    expect(await held(id)).toEqual([...given(), 'assistant c1']);
  });

  it('is added as it is where the request itself names the conversation', async () => {
    const { body: made } = await rest('POST', '/conversations', {});
    const named = { body: { conversation: made.id } };
    says('One.', 'Two.');
    const input = [{ role: 'developer', content: 'Mine.' }, user('A'), assistant('a1'), user('B')];
    const { gt } = await ask(input, named);
    expect(gt.history).toBe('server');
    await ask([user('C')], named);
    const [instructions, ...talk] = await held(made.id);
    expect(instructions).toMatch(/^(?:developer|system) Mine\.$/);
    expect(talk).toEqual(['user A', 'assistant a1', 'user B', 'assistant One.', 'user C', 'assistant Two.']);
    expect(given().slice(1)).toEqual(['user A', 'assistant a1', 'user B', 'assistant One.', 'user C']);
  });

  it('that the platform keeps stands behind the instructions of each request, which it does not keep', async () => {
    const named = { header: newName() };
    says('a1', 'b1');
    const instructions = { role: 'system', content: 'Mine.' };
    const { gt } = await ask([instructions, user('A')], named);
    await ask([instructions, user('B')], named);
    expect(given()).toEqual(['system Mine.', 'user A', 'assistant a1', 'user B']);
    expect(await held(gt.conversation_id)).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1']);
  });

  it('goes on through the frames of a socket, and through what only the socket remembers', async () => {
    const socket = await openSocket(platform.app.baseUrl, keys.get(wire)?.secret ?? '');
    try {
      says('a1', 'b1', 'c1');
      const session = newName();
      const [first] = (await socket.ask({ input: [user('A')], user: session })).slice(-1);
      const [second] = (await socket.ask({ input: [user('A'), assistant('a1'), user('B')], user: session })).slice(-1);
      const [third] = (
        await socket.ask({ input: [user('C')], user: session, store: false, previous_response_id: second.response.id })
      ).slice(-1);
      expect(third.response.status).toBe('completed');
      expect(given()).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1', 'user C']);
      says('d1');
      await socket.ask({ input: [user('D')], store: false, previous_response_id: third.response.id });
      expect(given()).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1', 'user C', 'assistant c1', 'user D']);
      expect(await held(first.response.gt.conversation_id)).toEqual(['user A', 'assistant a1', 'user B', 'assistant b1']);
    } finally {
      socket.close();
    }
  });
});

it('reasoning that a client brings back is part of its history', async () => {
  const { ask, held } = clientOf('openai');
  const named = { header: newName(), body: { reasoning: {}, include: ['reasoning.encrypted_content'] } };
  provider.answerWith(answerOf(reasoning('sealed-words'), message('a1')));
  const first = await ask([user('A')], named);
  provider.answerWith(answerOf(message('b1')));
  await ask([user('A'), ...first.output, user('B')], named);
  expect(given()).toEqual(['user A', 'reasoning', 'assistant a1', 'user B']);
  expect(await held(first.gt.conversation_id)).toEqual([...given(), 'assistant b1']);
});

it('a chat and a response keep the same of the same history', async () => {
  const { send, held } = clientOf('chat');
  const chat = (messages: readonly object[], header: string) =>
    send('/chat/completions', { model: 'assistant', messages }, { 'x-gt-conversation-id': header });
  const header = newName();
  const tool = (id: string) => ({ id, type: 'function', function: { name: 'clock', arguments: '{}' } });
  const calls = (...ids: string[]) => ({ role: 'assistant', content: null, tool_calls: ids.map(tool) });
  const output = (id: string) => ({ role: 'tool', tool_call_id: id, content: `result of ${id}` });
  callsTools('one', 'two');
  const { gt } = await chat([user('Q')], header);
  says('Done.');
  // A client that sees one call at a time.
  await chat([user('Q'), calls('one'), output('one'), calls('two'), output('two')], header);
  expect(await held(gt.conversation_id)).toEqual([
    'user Q',
    'call one',
    'call two',
    'result one',
    'result two',
    'assistant Done.',
  ]);
});
