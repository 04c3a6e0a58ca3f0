import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countUsage } from '../../src/modules/inference/counting/count-usage.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { dataLines, post, statsOf, until, user } from '../support/relay.js';

let platform: TestPlatform;
let second: ApiProcess;
let bases: readonly [string, string];

beforeAll(async () => {
  const settings = { GT_SHUTDOWN_GRACE_MS: '1000' };
  platform = await startPlatform({ settings });
  second = await startApiProcess({
    databaseUrl: platform.app.databaseUrl,
    dataDir: mkdtempSync(join(runFolder(), 'second-')),
    settings,
  });
  bases = [platform.app.baseUrl, second.baseUrl];
  // The first call that is counted starts the thread, which takes long beside all that jest does.
  await countUsage('', Buffer.from('{}'), { form: 'json', bytes: [] });
});
afterAll(async () => {
  await second.stop();
  await platform.close();
});

interface EndedStream {
  readonly endedAt: number;
  readonly lines: readonly string[];
  /** How many data lines came after this moment. */
  readonly linesAfter: (moment: number) => number;
}

/** So many chunks does the provider send in a second; a machine under load sends fewer, and is no slower by this count. */
const chunksOfASecond = 100;

/** Reads to the end, and keeps when each part came. */
async function readToEnd(reply: Response): Promise<EndedStream> {
  const decoder = new TextDecoder();
  const parts: { readonly at: number; readonly text: string }[] = [];
  for await (const bytes of reply.body ?? [])
    parts.push({ at: performance.now(), text: decoder.decode(bytes, { stream: true }) });
  const linesFrom = (moment: number) =>
    dataLines(
      parts
        .filter(({ at }) => at > moment)
        .map(({ text }) => text)
        .join(''),
    );
  return { endedAt: performance.now(), lines: linesFrom(0), linesAfter: (moment) => linesFrom(moment).length };
}

/** Opens an endless stream; resolves when it runs, with the promise of its end. */
async function openStream(baseUrl: string, key: SeededKey): Promise<{ readonly end: Promise<EndedStream> }> {
  const body = { model: 'assistant', stream: true, messages: [user('[[chunks:100000]] [[pace:10]]')] };
  const reply = await post({ url: `${baseUrl}/chat/completions`, secret: key.secret, body });
  expect(reply.status).toBe(200);
  return { end: readToEnd(reply) };
}

const plain = (baseUrl: string, key: SeededKey) =>
  call(`${baseUrl}/chat/completions`, 'POST', key.secret, { model: 'assistant', messages: [user('hi')] });

async function change(path: string, body: object = {}): Promise<number> {
  const { status } = await platform.app.admin('POST', path, { tenant: 'acme', ...body });
  expect(status).toBe(200);
  return performance.now();
}

/** Two streams in each process, which must end with an error event within a second's chunks of the moment that is given back. */
async function expectEnd(key: SeededKey, work: () => Promise<number>): Promise<EndedStream[]> {
  const open = await Promise.all([...bases, ...bases].map((base) => openStream(base, key)));
  const changedAt = await work();
  const ended = await Promise.all(open.map(({ end }) => end));
  for (const { lines, linesAfter } of ended) {
    expect(linesAfter(changedAt)).toBeLessThanOrEqual(chunksOfASecond);
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
  await until('the provider is let go', async () => (await statsOf(platform.sandbox)).active === 0);
  return ended;
}

/** The streams end at this moment, in milliseconds since 1970: not before it, and within a second's chunks. */
async function expectEndAt(key: SeededKey, work: () => Promise<number>): Promise<void> {
  let at = Infinity;
  const ended = await expectEnd(key, async () => {
    at = (await work()) - Date.now() + performance.now();
    return at;
  });
  for (const { endedAt } of ended) expect(endedAt).toBeGreaterThan(at - 20);
}

/** Gives the key a new secret; the former ones live on for so long. */
async function rotated(key: SeededKey, seconds: number): Promise<SeededKey> {
  const { status, body } = await platform.app.admin('POST', `/keys/${key.id}/rotate`, {
    tenant: 'acme',
    overlap_seconds: seconds,
  });
  expect(status).toBe(200);
  return { id: key.id, secret: body.secret as string };
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

  it('sound that is still being spoken breaks off', async () => {
    const key = await platform.factory.key(platform.acme);
    const speak = { model: 'raw-chat', voice: 'alloy', input: '[[chunks:3000]] [[pace:10]]' };
    const spoken = await Promise.all(bases.map((base) => post({ url: `${base}/audio/speech`, secret: key.secret, body: speak })));
    let changedAt = Infinity;
    const listen = async (reply: Response): Promise<number> => {
      let parts = 0;
      try {
        for await (const bytes of reply.body ?? []) if (bytes.length > 0 && performance.now() > changedAt) parts += 1;
      } catch {
        return parts;
      }
      throw new Error('The sound ended as if it were whole.');
    };
    const partsAfter = spoken.map(listen);
    expect(spoken.map(({ status }) => status)).toEqual([200, 200]);
    changedAt = await change(`/keys/${key.id}/revoke`);
    for (const parts of await Promise.all(partsAfter)) expect(parts).toBeLessThanOrEqual(chunksOfASecond);
    await until('the provider is let go', async () => (await statsOf(platform.sandbox)).active === 0);
  });

  it('a key that is enabled again is served again', async () => {
    const key = await platform.factory.key(platform.acme);
    await change(`/keys/${key.id}/disable`);
    for (const base of bases) await until('the key is refused', async () => (await plain(base, key)).status === 401, 1000);
    await change(`/keys/${key.id}/enable`);
    for (const base of bases) await until('the key is served', async () => (await plain(base, key)).status === 200);
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

  it('the open streams of a secret end that a rotation without overlap takes away', async () => {
    const key = await platform.factory.key(platform.acme);
    const renewed: SeededKey[] = [];
    await expectEnd(key, async () => {
      renewed.push(await rotated(key, 0));
      return performance.now();
    });
    for (const base of bases) {
      expect((await plain(base, key)).status).toBe(401);
      for (const now of renewed) expect((await plain(base, now)).status).toBe(200);
    }
  });

  it('a rotation with overlap ends no open stream, neither of the former secret nor of the present one', async () => {
    const first = await platform.factory.key(platform.acme);
    const open = await Promise.all(bases.map((base) => openStream(base, first)));
    const second = await rotated(first, 3600);
    open.push(...(await Promise.all(bases.map((base) => openStream(base, second)))));
    const third = await rotated(first, 3600);
    for (const base of bases) await until('the rotation is heard of', async () => (await plain(base, third)).status === 200);
    expect((await statsOf(platform.sandbox)).active).toBe(4);
    await change(`/keys/${first.id}/revoke`);
    await Promise.all(open.map(({ end }) => end));
  });

  it('the open streams of a former secret end with its overlap', async () => {
    const key = await platform.factory.key(platform.acme);
    await expectEndAt(key, async () => {
      await rotated(key, 5);
      return platform.factory.run(async (tx) => {
        const former = await tx.keySecret.findFirstOrThrow({ where: { keyId: key.id, expiresAt: { not: null } } });
        return former.expiresAt?.getTime() ?? NaN;
      });
    });
  });

  it('the open streams of a key end when its time is over', async () => {
    const expiresAt = new Date(Date.now() + 8_000);
    const key = await platform.factory.key(platform.acme, { expiresAt });
    await expectEndAt(key, () => Promise.resolve(expiresAt.getTime()));
  });

  it('the open streams of a conversation key end when the time of the inference key behind it is over', async () => {
    const expiresAt = new Date(Date.now() + 8_000);
    const inference = await platform.factory.key(platform.acme, { preset: 'chat-plus-embeddings', expiresAt });
    const key = await platform.factory.key(platform.acme, {
      preset: 'conversation-app',
      purpose: 'conversation',
      inferenceKeyId: inference.id,
    });
    await expectEndAt(key, () => Promise.resolve(expiresAt.getTime()));
  });

  it('a tenant that is suspended has no open streams', async () => {
    const other = await platform.factory.tenant('other', `${platform.sandbox.url}/v1`);
    const key = await platform.factory.key(other);
    await expectEnd(key, async () => {
      expect((await platform.app.admin('PATCH', '/tenants/other', { state: 'suspended' })).status).toBe(200);
      return performance.now();
    });
  });

  it('the open streams of a key end when it is narrowed so that it may not use their model any more', async () => {
    const key = await platform.factory.key(platform.acme);
    await expectEnd(key, async () => {
      const { status } = await platform.app.admin('PATCH', `/keys/${key.id}`, { tenant: 'acme', agents: ['another'] });
      expect(status).toBe(200);
      return performance.now();
    });
    for (const base of bases) expect((await plain(base, key)).status).toBe(404);
  });

  it.each<[string, boolean, (key: SeededKey) => Promise<unknown>]>([
    ['a stream, its key revoked', true, (key) => change(`/keys/${key.id}/revoke`)],
    ['a plain answer, its key revoked', false, (key) => change(`/keys/${key.id}/revoke`)],
    ['a stream, its secret taken away', true, (key) => rotated(key, 0)],
    ['a plain answer, its secret taken away', false, (key) => rotated(key, 0)],
  ])('a call whose body is still coming is not served any more: %s', async (_what, stream, work) => {
    const key = await platform.factory.key(platform.acme);
    const calls = await Promise.all(bases.map((base) => slowCall(base, key, stream)));
    await work(key);
    for (const base of bases) await until('the key is refused', async () => (await plain(base, key)).status === 401, 1000);
    const before = await statsOf(platform.sandbox);
    for (const call of calls) {
      const { status, body } = await call.finish();
      expect([status, (JSON.parse(body) as { error: { code: string } }).error.code]).toEqual([401, 'invalid_api_key']);
    }
    expect((await statsOf(platform.sandbox)).total).toBe(before.total);
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

/** A call whose key has been judged and whose body ends when the test says so. */
async function slowCall(
  baseUrl: string,
  key: SeededKey,
  stream: boolean,
): Promise<{ finish(): Promise<{ status: number; body: string }> }> {
  const body = JSON.stringify({ model: 'assistant', stream, messages: [user('hi')] });
  const headers = {
    authorization: `Bearer ${key.secret}`,
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  };
  const asked = request(`${baseUrl}/chat/completions`, { method: 'POST', headers });
  const answer = once(asked, 'response');
  asked.flushHeaders();
  await once(asked, 'continue');
  asked.write(body.slice(0, 10));
  // A second request on the same process is answered after the first one's head was judged.
  expect((await plain(baseUrl, key)).status).toBe(200);
  return {
    finish: async () => {
      asked.end(body.slice(10));
      const [reply] = (await answer) as [IncomingMessage];
      const parts: Buffer[] = [];
      for await (const part of reply) parts.push(part as Buffer);
      return { status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString() };
    },
  };
}

async function expectEndOf(key: SeededKey): Promise<void> {
  const open = await Promise.all(bases.map((base) => openStream(base, key)));
  await change(`/keys/${key.id}/revoke`);
  await Promise.all(open.map(({ end }) => end));
  await until('the provider is let go', async () => (await statsOf(platform.sandbox)).active === 2, 1000);
}
