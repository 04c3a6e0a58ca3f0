import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, reply, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';

type Item = Record<string, unknown>;

let platform: TestPlatform;
let provider: RecordingProvider;
const keys = new Map<string, SeededKey>();

/** Two tenants of one provider: to one it speaks chat, to the other Responses. Their agents' models hold 2,000 tokens. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const wire of ['chat', 'responses']) {
    const tenant = await platform.factory.tenant(`narrow-${wire}`, provider.url, { context_tokens: 2000 });
    await platform.factory.wire(tenant, wire);
    keys.set(wire, await platform.factory.key(tenant));
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() =>
  provider.answerWith((body, response) => {
    if ('messages' in body) reply(response, body, { content: 'Noted.' });
    else answerOf(message('Noted.'))(body, response);
  }),
);

/** About 250 tokens. */
const said = (word: string): string => `${word} ${'x'.repeat(1000)}`;

describe.each(['chat', 'responses'])('an input that is too long for its model, over the wire %s', (wire) => {
  const ask = async (body: object) => {
    const secret = keys.get(wire)?.secret ?? '';
    const answer = await post({ url: `${platform.app.baseUrl}/responses`, secret, body: { model: 'assistant', ...body } });
    return { status: answer.status, body: (await answer.json()) as Record<string, never> };
  };
  /** What the provider was given: the first words of each item, or its type. */
  const given = (): string[] => {
    const body = provider.bodies.at(-1) as unknown as Record<string, unknown>;
    return ((body['messages'] ?? body['input']) as Item[]).map(({ content, role, type }) => {
      const text = typeof content === 'string' ? content : (content as { text: string }[] | undefined)?.[0]?.text;
      return text?.split(' ')[0] ?? String(role ?? type);
    });
  };
  const chain = async (body: object = {}): Promise<string> => {
    let id: string | undefined;
    for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
      const answer = await ask({ input: said(word), previous_response_id: id, ...body });
      id = answer.body['id'];
    }
    return String(id);
  };

  it('loses the oldest of its chain where the request wants that, and nothing where it does not', async () => {
    const id = await chain();
    expect(given().filter((word) => word !== 'Noted.')).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven']);
    const last = { input: said('eight'), previous_response_id: id };
    const answer = await ask({ ...last, truncation: 'auto' });
    const words = given();
    expect([answer.status, answer.body['truncation']]).toEqual([200, 'auto']);
    expect(words).not.toContain('two');
    expect(words.slice(-3)).toEqual(['seven', 'Noted.', 'eight']);
    await ask({ ...last, truncation: 'disabled' });
    expect(given()).toContain('one');
    await ask({ ...last, model: 'raw-chat', truncation: 'auto' });
    expect(given()).toContain('one');
  });

  it('loses no call without its output', async () => {
    const turn = (id: string): Item[] => [
      { type: 'function_call', call_id: id, name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: id, output: said(id) },
    ];
    const input = [{ role: 'developer', content: 'Rule' }, { role: 'user', content: 'Go' }, ...[...'abcdefghi'].flatMap(turn)];
    expect((await ask({ input, truncation: 'auto' })).status).toBe(200);
    const text = JSON.stringify(provider.bodies.at(-1));
    expect(given().slice(0, 2)).toEqual(['Rule', 'Go']);
    for (const id of 'abcdefghi') expect(text.includes(`"${id} x`)).toBe(text.includes(`"${id}"`));
    expect([text.includes('"a"'), text.includes('"i"')]).toEqual([false, true]);
  });

  it('is refused as its provider refuses it', async () => {
    provider.answerWith((_body, response) => {
      const error = { message: 'Too long.', type: 'invalid_request_error', param: 'input', code: 'context_length_exceeded' };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const answer = await ask({ input: 'Hi', truncation: 'disabled' });
    expect([answer.status, (answer.body['error'] as unknown as Item)['code']]).toEqual([400, 'context_length_exceeded']);
  });

  it('knows no other truncation', async () => {
    expect((await ask({ input: 'Hi', truncation: 'middle' })).status).toBe(400);
  });
});
