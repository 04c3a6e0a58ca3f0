import { hash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiModule } from '../../src/api/api.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createApi } from '../../src/http/create-api.js';
import { IdempotentCalls } from '../../src/http/idempotency/idempotent-calls.js';
import { AppError } from '../../src/kernel/app-error.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { keyedPost, newKey, patiently, readAnswer, rowsOf, type KeyedAnswer } from '../support/idempotency.js';
import { Factory, type SeededKey } from '../support/platform.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/relay.js';

/**
 * The two kinds of handlers that answer through Fastify, on routes of the test's own: one of JSON and one of uploads as
 * the handlers of files are to be written. Everything before and behind them is the product's.
 */
interface Doors {
  readonly app: NestFastifyApplication;
  readonly url: string;
}

/** What the handlers made, over all processes. */
const made: string[] = [];
/** Uploads that a handler read and threw away. */
const thrownAway: string[] = [];
let finishNow: (() => void) | undefined;

async function things(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const order = JSON.parse((request.body as Buffer).toString()) as { readonly status?: number; readonly code?: 'conflict' | 'invalid_value' | 'internal_error'; readonly wait?: true };
  if (order.wait) await new Promise<void>((resolve) => (finishNow = resolve));
  if (order.code !== undefined) throw new AppError(order.code);
  made.push(request.gt.requestId);
  void reply.code(order.status ?? 200).headers({ 'x-gt-conversation-id': `conv_${made.length}`, 'x-ratelimit-remaining-requests': '7' });
  return reply.send(order.status === 204 ? undefined : { object: 'thing', number: made.length });
}

function uploads(calls: IdempotentCalls) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = await new Response(Readable.toWeb(request.raw) as ReadableStream, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
    const fields: [string, string][] = [];
    const files: { field: string; filename: string; sha256: string }[] = [];
    for (const [field, value] of form) {
      if (typeof value === 'string') fields.push([field, value]);
      else files.push({ field, filename: value.name, sha256: hash('sha256', Buffer.from(await value.arrayBuffer()), 'hex') });
    }
    try {
      if (!(await calls.claimUpload(request, reply, { fields, files }))) {
        thrownAway.push('replayed');
        return reply;
      }
    } catch (error) {
      thrownAway.push('refused');
      throw error;
    }
    if (files.length !== 1) throw new AppError('invalid_value', { param: 'file' });
    made.push(files[0]?.sha256 ?? '');
    return reply.send({ id: `file-${made.length}`, object: 'file', filename: files[0]?.filename });
  };
}

async function startDoors(databaseUrl: string): Promise<Doors> {
  const config = loadConfig({ ...testSettings, DATABASE_URL: databaseUrl, GT_DATA_DIR: mkdtempSync(join(runFolder(), 'doors-')) });
  const app = await createApi(ApiModule.with(config), config);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.post('/api/tenant/v1/test/things', { config: { gtRoute: 'embeddings.create' } }, things);
  fastify.post('/api/tenant/v1/test/uploads/:dataset_id', { config: { gtRoute: 'datasets.files.create' } }, uploads(app.get(IdempotentCalls)));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url: `${await app.getUrl()}/api/tenant/v1/test` };
}

let database: TestDatabase;
let factory: Factory;
let key: SeededKey;
let one: Doors;
let other: Doors;

beforeAll(async () => {
  database = await createMigratedDatabase();
  factory = new Factory(database.url);
  key = await factory.key(await factory.tenant('acme', 'http://127.0.0.1:1/v1'));
  [one, other] = await Promise.all([startDoors(database.url), startDoors(database.url)]);
});
beforeEach(async () => {
  made.length = 0;
  thrownAway.length = 0;
  await factory.run((tx) => tx.idempotentRequest.deleteMany());
});
afterAll(async () => {
  await factory.close();
  await Promise.all([one.app.close(), other.app.close()]);
  await database.drop();
});

describe('a handler that answers through Fastify', () => {
  const send = (idempotencyKey: string, body: object): Promise<KeyedAnswer> => keyedPost({ url: `${one.url}/things`, secret: key.secret, key: idempotencyKey, body });
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
    expect([first.headers.get('x-ratelimit-remaining-requests'), second.headers.get('x-ratelimit-remaining-requests')]).toEqual(['7', null]);
  });

  it('is run again after a refusal of ours, and not after a failure in the middle', async () => {
    for (const code of ['conflict', 'invalid_value'] as const) expect((await twice({ code }))[1].replayed).toBe(false);
    const [first, second] = await twice({ code: 'internal_error' });
    expect([first.status, second.status, second.replayed]).toEqual([500, 500, true]);
  });

  it('keeps its answer for a client that gave up waiting', async () => {
    const idempotencyKey = newKey();
    const leave = new AbortController();
    const gone = keyedPost({ url: `${one.url}/things`, secret: key.secret, key: idempotencyKey, body: { wait: true }, signal: leave.signal });
    await until('the handler works', () => finishNow);
    leave.abort();
    await expect(gone).rejects.toThrow();
    expect((await send(idempotencyKey, { wait: true })).status).toBe(409);
    finishNow?.();
    const answer = await patiently(() => send(idempotencyKey, { wait: true }));
    expect([answer.status, answer.replayed, made.length]).toEqual([200, true, 1]);
  });
});

describe('a handler of uploads', () => {
  interface Upload {
    readonly doors?: Doors;
    readonly dataset?: string;
    readonly bytes?: string;
    readonly filename?: string;
    readonly title?: string;
    readonly key?: string;
  }
  async function upload({ doors = one, dataset = 'ds_1', bytes = 'some bytes', filename = 'a.txt', title = 'A', key: idempotencyKey }: Upload): Promise<KeyedAnswer> {
    const form = new FormData();
    form.append('title', title);
    form.append('file', new Blob([bytes]), filename);
    const headers = { authorization: `Bearer ${key.secret}`, ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }) };
    return readAnswer(await fetch(`${doors.url}/uploads/${dataset}`, { method: 'POST', headers, body: form }));
  }

  it('makes one object of the same upload, whatever its boundary', async () => {
    const idempotencyKey = newKey();
    const first = await upload({ key: idempotencyKey });
    const second = await upload({ key: idempotencyKey });
    expect([second.status, second.text, second.replayed]).toEqual([200, first.text, true]);
    expect(made).toHaveLength(1);
    expect(thrownAway).toEqual(['replayed']);
  });

  it.each<[string, Upload]>([
    ['other bytes', { bytes: 'other bytes' }],
    ['another file name', { filename: 'b.txt' }],
    ['another field', { title: 'B' }],
    ['another dataset', { dataset: 'ds_2' }],
  ])('refuses %s under the key with 422 and makes nothing of it', async (_what, change) => {
    const idempotencyKey = newKey();
    await upload({ key: idempotencyKey });
    const refused = await upload({ key: idempotencyKey, ...change });
    expect([refused.status, refused.code]).toEqual([422, 'idempotency_mismatch']);
    expect(made).toHaveLength(1);
    expect(thrownAway).toEqual(['refused']);
  });

  it('makes one object of a storm of 20 over two processes', async () => {
    const idempotencyKey = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, (_unused, at) => patiently(() => upload({ doors: at % 2 === 0 ? one : other, key: idempotencyKey }))));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(made).toHaveLength(1);
  });

  it('makes an object of each upload without the header, and keeps nothing', async () => {
    await upload({});
    await upload({});
    expect(made).toHaveLength(2);
    expect(await rowsOf(factory)).toEqual([]);
  });

  it('is not reached with a header of the wrong form', async () => {
    expect((await upload({ key: 'two words' })).status).toBe(400);
    expect([made, thrownAway]).toEqual([[], []]);
  });
});
