import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let key: SeededKey;

beforeAll(async () => {
  provider = await startRecordingProvider();
  provider.answerWith((body, response) => reply(response, body, { content: 'ok' }));
  platform = await startPlatform();
  const tenant = await platform.factory.tenant('numbers', provider.url);
  key = await platform.factory.key(tenant);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

/** The bytes that reach the provider for this chat body. */
async function sent(more: string, headers: Record<string, string> = {}): Promise<string> {
  const body = `{"model":"assistant","messages":[{"role":"user","content":"hi"}],${more}}`;
  const answer = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body, headers });
  expect(answer.status).toBe(200);
  return provider.texts.at(-1) ?? '';
}

describe('the numbers of a request', () => {
  const numbers = '"seed":9223372036854775807,"temperature":1e400,"top_p":1.0,"presence_penalty":-0,"x":12345678901234567890.10';
  const tool = (name: string): string =>
    `"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"${name}":{"type":"string"},"since":{"maximum":9223372036854775807,"default":1.0}}}}}]`;

  it.each(['container', 'file_id', 'file_ids', 'vector_store_ids', 'item_reference', 'file\\u005fid', 'plain'])(
    'reach the provider as they were written beside a member that is called %s',
    async (name) => {
      const text = await sent(`${numbers},${tool(name)}`);
      expect(text).toContain(numbers);
      expect(text).toContain(tool(name));
    },
  );

  it('do so in a turn of a conversation, and beside names that stand twice', async () => {
    const headers = { 'x-gt-conversation-id': 'numbers' };
    for (let turn = 0; turn < 2; turn += 1) expect(await sent(`${numbers},${tool('container')}`, headers)).toContain(numbers);
    expect(await sent(`"user":"a",${numbers},"user":"b"`)).toContain('"seed":9223372036854775807');
  });

  it('do so within messages behind a history, and within the options of a stream', async () => {
    const headers = { 'x-gt-conversation-id': 'numbers-in-messages' };
    await sent('"n":1', headers);
    const system = '{"role":"system","content":"Be exact.","weight":9223372036854775807}';
    const asked = '{"role":"user","content":"hi","weight":1.0,"x":[1e400, -0]}';
    const body = `{"model":"assistant","messages":[${system} , ${asked}]}`;
    const answer = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body, headers });
    expect(answer.status).toBe(200);
    expect(provider.texts.at(-1)).toMatch(
      /"messages":\[.*9223372036854775807\},\{"role":"user","content":"hi"\},.*"x":\[1e400, -0\]\}\]/,
    );
    expect(provider.texts.at(-1)).toContain(asked);
    expect(await sent(`"stream":true,"stream_options":{"x":9223372036854775807,"y":1.0}`)).toContain(
      '"stream_options":{"x":9223372036854775807,"y":1.0,"include_usage":true}',
    );
  });
});
