import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { callsTools, given, result, says, user } from '../support/short-history.js';

let platform: TestPlatform;
let provider: RecordingProvider;
const keys = new Map<string, SeededKey>();

const wires = ['openai', 'chat', 'responses'] as const;
const played = wires.flatMap((wire) => (['chat', 'responses'] as const).map((door) => ({ wire, door })));

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const wire of wires) {
    const tenant = await platform.factory.tenant(`long-${wire}`, provider.url, { context_tokens: 2_000 });
    await platform.factory.wire(tenant, wire);
    keys.set(wire, await platform.factory.key(tenant));
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

describe.each(played)('a turn that is longer than the context, through $door over $wire', ({ wire, door }) => {
  const asChat = (said: Record<string, unknown>): object => {
    const { role, content, call_id: id, output } = said;
    return role === undefined ? { role: 'tool', tool_call_id: id, content: output } : { role, content };
  };
  const ask = async (...said: Record<string, unknown>[]) => {
    const answer = await post({
      url: `${platform.app.baseUrl}/${door === 'chat' ? 'chat/completions' : 'responses'}`,
      secret: keys.get(wire)?.secret ?? '',
      body: { model: 'assistant', ...(door === 'chat' ? { messages: said.map(asChat) } : { input: said }) },
      headers: { 'x-gt-conversation-id': 'long' },
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  };

  it('has what was asked, and the calls whose results come now', async () => {
    says(provider, 'Yes.');
    await ask(user('Before'));
    callsTools(provider, 'one');
    await ask(user('Q'));
    callsTools(provider, 'two');
    await ask(result('one', 'x'.repeat(9_000)));
    expect(given(provider.bodies.at(-1))).toEqual(['user Q', 'call one', 'result one']);
    callsTools(provider, 'three', 'four');
    await ask(result('two'));
    expect(given(provider.bodies.at(-1))).toEqual(['user Q', 'call two', 'result two']);
    says(provider, 'Done.');
    await ask(result('three', 'x'.repeat(9_000)), result('four'));
    expect(given(provider.bodies.at(-1))).toEqual(['user Q', 'call three', 'call four', 'result three', 'result four']);
  });
});
