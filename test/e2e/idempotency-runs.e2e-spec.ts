import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApiProcess } from '../support/api-process.js';
import { startApp, type TestApp } from '../support/app.js';
import { keyedPost, newKey, patiently, rowsOf, type KeyedAnswer } from '../support/idempotency.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { post, statsOf, until, user } from '../support/relay.js';

let platform: TestPlatform;
let other: TestApp;
let key: SeededKey;

beforeAll(async () => {
  platform = await startPlatform();
  other = await startApp({ databaseUrl: platform.app.databaseUrl });
  key = await platform.factory.key(platform.acme);
});
beforeEach(async () => {
  await fetch(`${platform.sandbox.url}/sandbox/stats/reset`, { method: 'POST' });
  await platform.factory.run((tx) => tx.idempotentRequest.deleteMany());
});
afterAll(async () => {
  await other.close();
  await platform.close();
});

const asked = async (): Promise<number> => (await statsOf(platform.sandbox)).total;
const chat = (prompt: string, stream = false): object => ({ model: 'raw-chat', stream, messages: [user(prompt)] });
const sendTo = (app: { readonly baseUrl: string }, idempotencyKey: string, body: object): Promise<KeyedAnswer> =>
  keyedPost({ url: `${app.baseUrl}/chat/completions`, secret: key.secret, key: idempotencyKey, body });

/** Makes the sign of life of every run so much older. */
const age = (seconds: number) =>
  platform.factory.run(
    (tx) => tx.$executeRaw`update idempotent_requests set alive_at = now() - make_interval(secs => ${seconds})`,
  );

describe('two API processes on one database', () => {
  it.each([false, true])('make one call of a storm of 20 and give all the same answer (stream: %s)', async (stream) => {
    const idempotencyKey = newKey();
    const body = chat('storm [[slow:150]] [[chunks:5]]', stream);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, at) =>
        patiently(() => sendTo(at % 2 === 0 ? platform.app : other, idempotencyKey, body)),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ headers }) => headers.get('x-gt-request-id'))).size).toBe(20);
    expect(await asked()).toBe(1);
  });

  it('make one call after the other of a storm whose calls the provider refuses, and keep no key', async () => {
    const idempotencyKey = newKey();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_unused, at) =>
        patiently(() => sendTo(at % 2 === 0 ? platform.app : other, idempotencyKey, chat('[[status:429]]'))),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(429));
    expect(await asked()).toBe(10);
    expect(await rowsOf(platform.factory)).toEqual([]);
  });
});

describe('a run whose transaction hangs', () => {
  let hanging: pg.Client;
  beforeEach(async () => {
    hanging = new pg.Client({ connectionString: platform.app.databaseUrl });
    await hanging.connect();
    await hanging.query('begin');
  });
  afterEach(() => hanging.end());

  const claimed = `
    insert into idempotent_requests (tenant_id, key_id, id, request_hash, state, owner, alive_at, expires_at)
    values ($1, $2, $3, 'x', 'running', 'req_x', now(), now() + interval '1 day')`;
  const ended = 'select 1 from idempotent_requests where tenant_id = $1 and key_id = $2 and id = $3 for update';

  it.each([
    ['claims the key', claimed, false],
    ['writes its end', ended, true],
  ])('while it %s keeps no connection busy with repeats: they are told to come again', async (_when, sql, isThere) => {
    const idempotencyKey = newKey();
    const names = [platform.acme.id, key.id, createHash('sha256').update(idempotencyKey).digest('hex')];
    if (isThere) await platform.factory.run((tx) => tx.$executeRawUnsafe(claimed, ...names));
    await hanging.query(sql, names);
    // Three times as many as this process has connections.
    const repeats = Array.from({ length: 12 }, () => sendTo(platform.app, idempotencyKey, chat('hello')));
    const others = Array.from({ length: 6 }, () => sendTo(platform.app, newKey(), chat('hello')));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect((await Promise.all(repeats)).map(({ code }) => code)).toEqual(Array(12).fill('idempotency_in_progress'));
    await hanging.query('rollback');
    await platform.factory.run((tx) => tx.idempotentRequest.deleteMany());
    expect((await sendTo(platform.app, idempotencyKey, chat('hello'))).status).toBe(200);
  });

  it('keeps no other run from its sign of life', async () => {
    const [stuck, lively] = [newKey(), newKey()];
    const body = chat('hello [[slow:9000]]');
    const running = [stuck, lively].map((idempotencyKey) => sendTo(platform.app, idempotencyKey, body));
    await until('both have their keys', async () => (await rowsOf(platform.factory)).length === 2);
    const id = createHash('sha256').update(stuck).digest('hex');
    await hanging.query('select 1 from idempotent_requests where id = $1 for update', [id]);
    await platform.factory.run(
      (tx) => tx.$executeRaw`update idempotent_requests set alive_at = now() - interval '20 seconds' where id <> ${id}`,
    );
    await until('the other one lives', async () => {
      const rows = await rowsOf(platform.factory);
      return rows.some((row) => row.id !== id && Date.now() - row.aliveAt.getTime() < 10_000);
    });
    await hanging.query('rollback');
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  }, 30_000);
});

describe('a run', () => {
  it('is dead 30 seconds after its last sign of life, not before; then its key is free for any request', async () => {
    const idempotencyKey = newKey();
    await sendTo(platform.app, idempotencyKey, chat('hello'));
    await platform.factory.run((tx) =>
      tx.idempotentRequest.updateMany({ data: { state: 'running', owner: 'req_of_a_dead_process', body: null } }),
    );
    await age(29);
    expect((await sendTo(platform.app, idempotencyKey, chat('hello'))).status).toBe(409);
    await age(31);
    const anew = await sendTo(platform.app, idempotencyKey, chat('another request'));
    expect([anew.status, anew.replayed]).toEqual([200, false]);
    expect((await sendTo(other, idempotencyKey, chat('another request'))).replayed).toBe(true);
  });

  it('of a living process gives signs of life for as long as it takes', async () => {
    const idempotencyKey = newKey();
    const body = chat('hello [[slow:7000]]');
    const running = sendTo(platform.app, idempotencyKey, body);
    await until('it has its key', async () => (await rowsOf(platform.factory)).length === 1);
    await age(31);
    await until(
      'its sign of life is young again',
      async () => {
        const [row] = await rowsOf(platform.factory);
        return row !== undefined && Date.now() - row.aliveAt.getTime() < 20_000;
      },
      6_500,
    );
    expect((await sendTo(other, idempotencyKey, body)).status).toBe(409);
    expect((await running).status).toBe(200);
    expect(await asked()).toBe(1);
  });

  it('that was taken for dead answers its own client and leaves the key to the one that took it', async () => {
    const idempotencyKey = newKey();
    const late = sendTo(platform.app, idempotencyKey, chat('late [[slow:600]]'));
    await until('the provider is asked', async () => (await asked()) === 1);
    await age(31);
    const quick = await sendTo(other, idempotencyKey, chat('quick'));
    expect((await late).text).toContain('late');
    const again = await sendTo(platform.app, idempotencyKey, chat('quick'));
    expect([again.replayed, again.text]).toEqual([true, quick.text]);
  });
});

describe('a process that is killed', () => {
  it('leaves its finished answers to all others, and its running key free after 30 seconds', async () => {
    const dataDir = mkdtempSync(join(runFolder(), 'killed-'));
    const doomed = await startApiProcess({ databaseUrl: platform.app.databaseUrl, dataDir });
    const [finished, running] = [newKey(), newKey()];
    const answer = await sendTo(doomed, finished, chat('finished', true));
    const body = chat('running [[slow:3000]]');
    const broken = sendTo(doomed, running, body).catch(() => 'broken');
    await until('the provider is asked twice', async () => (await asked()) === 2);
    await doomed.kill();
    expect(await broken).toBe('broken');

    const again = await sendTo(platform.app, finished, chat('finished', true));
    expect([again.replayed, again.text]).toEqual([true, answer.text]);
    expect((await sendTo(platform.app, running, chat('running [[slow:3000]]'))).status).toBe(409);
    await age(31);
    const anew = await sendTo(platform.app, running, chat('running'));
    expect([anew.status, anew.replayed]).toEqual([200, false]);
  });

  it('in good order frees the keys of the calls that it breaks off', async () => {
    const stopping = await startApp({ databaseUrl: platform.app.databaseUrl, settings: { GT_SHUTDOWN_GRACE_MS: '100' } });
    const idempotencyKey = newKey();
    const broken = sendTo(stopping, idempotencyKey, chat('hello [[slow:5000]]')).catch(() => 'broken');
    await until('the provider is asked', async () => (await asked()) === 1);
    await stopping.close();
    expect(await broken).toBe('broken');
    expect(await rowsOf(platform.factory)).toEqual([]);
  });
});

describe('a table that cannot be reached', () => {
  it('is a 503 for a request with the header, which is not run, and nothing for one without', async () => {
    const call = { url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body: chat('hello') };
    await withOwner((client) => client.query('alter table idempotent_requests rename to hidden'));
    try {
      const refused = await keyedPost(call);
      expect([refused.status, refused.code, refused.headers.get('retry-after')]).toEqual([503, 'overloaded', '1']);
      expect(refused.text).not.toMatch(/idempotent_requests|relation|Prisma/);
      expect((await post(call)).status).toBe(200);
      expect(await asked()).toBe(1);
    } finally {
      await withOwner((client) => client.query('alter table hidden rename to idempotent_requests'));
    }
    expect((await keyedPost(call)).status).toBe(200);
  });
});

/** As the database's owner, who may change tables. */
async function withOwner(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: platform.app.databaseUrl });
  await client.connect();
  await work(client);
  await client.end();
}
