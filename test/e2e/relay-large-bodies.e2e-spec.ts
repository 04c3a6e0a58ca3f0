import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post, untilPublished } from '../support/relay.js';

let platform: TestPlatform;
let recorder: RecordingProvider;
let keys: SeededKey[];

beforeAll(async () => {
  recorder = await startRecordingProvider();
  recorder.answerWith((body, response) => {
    const last = body.messages.at(-1)?.content;
    reply(response, body, { content: `${hash(String(last))} ${body.messages.length}` });
  });
  platform = await startPlatform();
  const tenants = [platform.acme, await platform.factory.tenant('globex', recorder.url)];
  keys = await Promise.all(tenants.map(publish));
});
afterAll(async () => {
  await platform.close();
  await recorder.close();
});

async function publish(tenant: SeededTenant): Promise<SeededKey> {
  const { factory } = platform;
  const connectionId = newId('connection');
  await factory.run((tx) =>
    tx.connection.create({
      data: { tenantId: tenant.id, id: connectionId, name: 'big', baseUrl: recorder.url, authMode: 'none' },
    }),
  );
  await factory.rawModel({ ...tenant, connectionId }, 'hashing', 'provider-model');
  return factory.key(tenant);
}

describe('large bodies of two tenants at once', () => {
  it('reach the provider each as it was sent, whole or streamed, while other callers leave in the middle', async () => {
    await untilPublished(platform, 'hashing');
    for (let round = 0; round < 6; round += 1) {
      const calls = Array.from({ length: 24 }, (_, at) => call(round, at));
      const answers = await Promise.all(calls.map(({ answer }) => answer));
      expect(answers).toEqual(calls.map(({ expected }) => expected));
    }
  });
});

/** One call; every fifth leaves before its answer. `expected` is what its provider hashed. */
function call(round: number, at: number): { answer: Promise<string>; expected: string } {
  const key = keys[at % keys.length];
  const text = `${round} ${at} `.repeat(9_000 + 4_000 * (at % 7));
  const leaves = at % 5 === 4;
  const body = JSON.stringify({ model: 'hashing', stream: at % 3 === 0, messages: [{ role: 'user', content: text }] });
  const answer = post({
    url: `${platform.app.baseUrl}/chat/completions`,
    secret: key?.secret ?? '',
    body,
    ...(leaves ? { signal: AbortSignal.timeout(3) } : {}),
  }).then(
    async (response) => /[0-9a-f]{64} 1/.exec(await response.text())?.[0] ?? `status ${response.status}`,
    () => 'left',
  );
  const expected = `${hash(text)} 1`;
  return {
    answer: leaves
      ? answer.then(
          () => expected,
          () => expected,
        )
      : answer,
    expected,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
