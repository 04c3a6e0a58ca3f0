import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiModule } from '../../src/api/api.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createApi } from '../../src/http/create-api.js';
import { AppError } from '../../src/kernel/app-error.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { keyedPost, newKey, patiently, type KeyedAnswer } from '../support/idempotency.js';
import { Factory, type SeededKey } from '../support/platform.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/relay.js';

/** The product with one route of the test's own, which answers through Fastify in every way that a handler may. */
interface Doors {
  readonly app: NestFastifyApplication;
  readonly url: string;
}

/** What the handler made. */
const made: string[] = [];
let finishNow: (() => void) | undefined;

async function things(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const order = JSON.parse((request.body as Buffer).toString()) as {
    readonly status?: number;
    readonly code?: 'conflict' | 'invalid_value' | 'internal_error';
    readonly wait?: true;
  };
  if (order.wait) await new Promise<void>((resolve) => (finishNow = resolve));
  if (order.code !== undefined) throw new AppError(order.code);
  made.push(request.gt.requestId);
  void reply
    .code(order.status ?? 200)
    .headers({ 'x-gt-conversation-id': `conv_${made.length}`, 'x-ratelimit-remaining-requests': '7' });
  return reply.send(order.status === 204 ? undefined : { object: 'thing', number: made.length });
}

async function startDoors(databaseUrl: string): Promise<Doors> {
  const config = loadConfig({
    ...testSettings,
    DATABASE_URL: databaseUrl,
    GT_DATA_DIR: mkdtempSync(join(runFolder(), 'doors-')),
  });
  const app = await createApi(ApiModule.with(config), config);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.post('/api/tenant/v1/test/things', { config: { gtRoute: 'embeddings.create' } }, things);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url: `${await app.getUrl()}/api/tenant/v1/test` };
}

let database: TestDatabase;
let factory: Factory;
let key: SeededKey;
let doors: Doors;

beforeAll(async () => {
  database = await createMigratedDatabase();
  factory = new Factory(database.url);
  key = await factory.key(await factory.tenant('acme', 'http://127.0.0.1:1/v1'));
  doors = await startDoors(database.url);
});
beforeEach(() => void (made.length = 0));
afterAll(async () => {
  await factory.close();
  await doors.app.close();
  await database.drop();
});

describe('a handler that answers through Fastify', () => {
  const send = (idempotencyKey: string, body: object): Promise<KeyedAnswer> =>
    keyedPost({ url: `${doors.url}/things`, secret: key.secret, key: idempotencyKey, body });
  const twice = async (body: object): Promise<[KeyedAnswer, KeyedAnswer]> => {
    const idempotencyKey = newKey();
    return [await send(idempotencyKey, body), await send(idempotencyKey, body)];
  };

  it.each([200, 201, 204])('is run once; status, headers and body come again (%s)', async (status) => {
    const [first, second] = await twice({ status });
    expect([second.status, second.text, second.replayed]).toEqual([status, first.text, true]);
    expect(second.headers.get('x-gt-conversation-id')).toBe('conv_1');
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(second.headers.get('x-gt-request-id')).not.toBe(first.headers.get('x-gt-request-id'));
    expect(made).toHaveLength(1);
  });

  it('gives no header again that belongs to one reply', async () => {
    const [first, second] = await twice({});
    expect([first.headers.get('x-ratelimit-remaining-requests'), second.headers.get('x-ratelimit-remaining-requests')]).toEqual([
      '7',
      null,
    ]);
  });

  it('is run again after a refusal of ours, and not after a failure in the middle', async () => {
    for (const code of ['conflict', 'invalid_value'] as const) expect((await twice({ code }))[1].replayed).toBe(false);
    const [first, second] = await twice({ code: 'internal_error' });
    expect([first.status, second.status, second.replayed]).toEqual([500, 500, true]);
  });

  it('keeps its answer for a client that gave up waiting', async () => {
    const idempotencyKey = newKey();
    const leave = new AbortController();
    const gone = keyedPost({
      url: `${doors.url}/things`,
      secret: key.secret,
      key: idempotencyKey,
      body: { wait: true },
      signal: leave.signal,
    });
    await until('the handler works', () => finishNow);
    leave.abort();
    await expect(gone).rejects.toThrow();
    expect((await send(idempotencyKey, { wait: true })).status).toBe(409);
    finishNow?.();
    const answer = await patiently(() => send(idempotencyKey, { wait: true }));
    expect([answer.status, answer.replayed, made.length]).toEqual([200, true, 1]);
  });
});
