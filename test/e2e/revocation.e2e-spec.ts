import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { dataLines, post, statsOf, until, user } from '../support/relay.js';

let platform: TestPlatform;
let second: ApiProcess;
let bases: readonly [string, string];

beforeAll(async () => {
  platform = await startPlatform();
  second = await startApiProcess({ databaseUrl: platform.app.databaseUrl, dataDir: mkdtempSync(join(runFolder(), 'second-')) });
  bases = [platform.app.baseUrl, second.baseUrl];
  // The first stream that is cut loads the tokenizer, which takes long inside jest.
  const key = await platform.factory.key(platform.acme);
  for (const base of bases)
    await call(`${base}/chat/completions`, 'POST', key.secret, { model: 'assistant', messages: [user('[[no-usage]]')] });
});
afterAll(async () => {
  await second.stop();
  await platform.close();
});

interface EndedStream {
  readonly endedAt: number;
  readonly lines: readonly string[];
}

/** Opens an endless stream; resolves when it runs, with the promise of its end. */
async function openStream(baseUrl: string, key: SeededKey): Promise<{ readonly end: Promise<EndedStream> }> {
  const body = { model: 'assistant', stream: true, messages: [user('[[chunks:100000]] [[pace:10]]')] };
  const reply = await post({ url: `${baseUrl}/chat/completions`, secret: key.secret, body });
  expect(reply.status).toBe(200);
  return { end: reply.text().then((text) => ({ endedAt: performance.now(), lines: dataLines(text) })) };
}

const plain = (baseUrl: string, key: SeededKey) =>
  call(`${baseUrl}/chat/completions`, 'POST', key.secret, { model: 'assistant', messages: [user('hi')] });

async function change(path: string): Promise<number> {
  const { status } = await platform.app.admin('POST', path, { tenant: 'acme' });
  expect(status).toBe(200);
  return performance.now();
}

/** Two streams in each process, which must end with an error event within a second of the change. */
async function expectEnd(key: SeededKey, work: () => Promise<number>): Promise<void> {
  const open = await Promise.all([...bases, ...bases].map((base) => openStream(base, key)));
  const changedAt = await work();
  const ended = await Promise.all(open.map(({ end }) => end));
  for (const { endedAt, lines } of ended) {
    expect(endedAt - changedAt).toBeLessThan(1000);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      error: {
        message: 'This API key may no longer be used for this call.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    expect(lines).not.toContain('[DONE]');
  }
  await until('the provider is let go', async () => (await statsOf(platform.sandbox)).active === 0, 1000);
}

describe('in every process, within a second of the answer to the change', () => {
  it.each(['revoke', 'disable'])('the open streams of a key end with an error event, and its calls are 401: %s', async (verb) => {
    const key = await platform.factory.key(platform.acme);
    await expectEnd(key, () => change(`/keys/${key.id}/${verb}`));
    for (const base of bases) {
      const { status, body } = await plain(base, key);
      expect([status, body.error.code]).toEqual([401, 'invalid_api_key']);
      expect(body.error.message).toMatch(verb === 'revoke' ? /has been revoked/ : /is disabled/);
    }
  });

  it('a key that is enabled again is served again', async () => {
    const key = await platform.factory.key(platform.acme);
    await change(`/keys/${key.id}/disable`);
    for (const base of bases) await until('the key is refused', async () => (await plain(base, key)).status === 401, 1000);
    await change(`/keys/${key.id}/enable`);
    for (const base of bases) await until('the key is served', async () => (await plain(base, key)).status === 200, 1000);
  });

  it('the open streams of a conversation key end when the inference key behind it is revoked, and its calls are 403', async () => {
    const inference = await platform.factory.key(platform.acme, { preset: 'chat-plus-embeddings' });
    const key = await platform.factory.key(platform.acme, {
      preset: 'conversation-app',
      purpose: 'conversation',
      inferenceKeyId: inference.id,
    });
    await expectEnd(key, () => change(`/keys/${inference.id}/revoke`));
    for (const base of bases) {
      expect([(await plain(base, key)).status, (await plain(base, inference)).status]).toEqual([403, 401]);
    }
  });

  it('a tenant that is suspended has no open streams', async () => {
    const other = await platform.factory.tenant('other', `${platform.sandbox.url}/v1`);
    const key = await platform.factory.key(other);
    await expectEnd(key, async () => {
      expect((await platform.app.admin('PATCH', '/tenants/other', { state: 'suspended' })).status).toBe(200);
      return performance.now();
    });
  });

  it('the streams of other keys go on', async () => {
    const [leaving, staying] = [await platform.factory.key(platform.acme), await platform.factory.key(platform.acme)];
    const stays = await Promise.all(bases.map((base) => openStream(base, staying)));
    await expectEndOf(leaving);
    expect((await statsOf(platform.sandbox)).active).toBe(2);
    await change(`/keys/${staying.id}/revoke`);
    await Promise.all(stays.map(({ end }) => end));
  });
});

async function expectEndOf(key: SeededKey): Promise<void> {
  const open = await Promise.all(bases.map((base) => openStream(base, key)));
  await change(`/keys/${key.id}/revoke`);
  await Promise.all(open.map(({ end }) => end));
  await until('the provider is let go', async () => (await statsOf(platform.sandbox)).active === 2, 1000);
}
