import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { credentialHash, newCredential } from '../../src/kernel/credentials.js';
import { loadConfig } from '../../src/config/load-config.js';
import { newId } from '../../src/kernel/ids.js';
import { startWorker } from '../../src/worker/start-worker.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { compiledProduct } from '../support/compiled-product.js';
import { Factory, startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const minuteMs = 60_000;

function workerSettings(databaseUrl: string, settings: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...testSettings, DATABASE_URL: databaseUrl, GT_DATA_DIR: mkdtempSync(join(runFolder(), 'worker-data-')), ...settings };
}

/** A platform with expired and living rows. */
async function withExpiredRows(): Promise<{ database: TestDatabase; factory: Factory; tenant: SeededTenant; key: SeededKey }> {
  const database = await createMigratedDatabase();
  const factory = new Factory(database.url);
  const tenant = await factory.tenant('acme', 'http://127.0.0.1:1/v1');
  const key = await factory.key(tenant);
  const now = Date.now();
  await factory.run(async (tx) => {
    for (const expiresAt of [new Date(now - minuteMs), new Date(now + minuteMs)]) {
      const hash = credentialHash(newCredential('gtak_'));
      await tx.keySecret.create({
        data: { tenantId: tenant.id, id: newId('keySecret'), keyId: key.id, hash, lastFour: 'wxyz', expiresAt },
      });
    }
    await tx.changeFeed.updateMany({ data: { at: new Date(now - 61 * minuteMs) } });
    await tx.changeFeed.create({ data: { tenantId: tenant.id, kind: 'keys', ref: 'young', at: new Date(now - 59 * minuteMs) } });
  });
  return { database, factory, tenant, key };
}

async function leftOvers(factory: Factory): Promise<{ secrets: (Date | null)[]; changes: string[]; old: number }> {
  return factory.run(async (tx) => {
    const hourAgo = new Date(Date.now() - 60 * minuteMs);
    const secrets = await tx.keySecret.findMany({ orderBy: { createdAt: 'asc' } });
    const changes = await tx.changeFeed.findMany({ where: { ref: 'young' } });
    return {
      secrets: secrets.map(({ expiresAt }) => expiresAt),
      changes: changes.map(({ ref }) => ref),
      old: await tx.changeFeed.count({ where: { at: { lt: hourAgo } } }),
    };
  });
}

async function expectSweep(settings: Readonly<Record<string, string>>): Promise<void> {
  const { database, factory } = await withExpiredRows();
  expect(await leftOvers(factory)).toMatchObject({
    secrets: [null, expect.any(Date), expect.any(Date)],
    old: expect.any(Number),
  });
  expect((await leftOvers(factory)).old).toBeGreaterThan(0);
  const worker = await startWorker(loadConfig(workerSettings(database.url, settings)));
  await until('the sweep has run', async () => {
    const { secrets, old } = await leftOvers(factory);
    return old === 0 && secrets.length === 2;
  });
  const { secrets, changes } = await leftOvers(factory);
  expect(secrets.map((expiresAt) => expiresAt === null || expiresAt.getTime() > Date.now())).toEqual([true, true]);
  expect(changes).toEqual(['young']);
  await worker.close();
  await factory.close();
  await database.drop();
}

describe('platform.sweep', () => {
  it('removes old changes and ended secrets, and nothing that still counts', () => expectSweep({}));
});

describe('the worker process', () => {
  let database: TestDatabase;
  let script: string;
  let started: ChildProcess | undefined;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    script = join(await compiledProduct(), 'worker.js');
  });
  afterAll(async () => {
    if (started?.exitCode === null && started.signalCode === null && started.kill('SIGKILL')) await once(started, 'exit');
    await database.drop();
  });

  it('writes a structured line for each job and ends with code 0 on SIGTERM', async () => {
    const settings = workerSettings(database.url, { GT_LOG_LEVEL: 'info' });
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env['PATH'], ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started = child;
    const lines: Record<string, unknown>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
    const finished = await until('the sweep is reported', () =>
      lines.find(({ msg, job }) => msg === 'job finished' && job === 'platform.sweep'),
    );
    expect(finished).toMatchObject({
      level: 'info',
      job: 'platform.sweep',
      job_id: expect.stringContaining('platform.sweep'),
      attempt: 1,
      ms: expect.any(Number),
    });
    expect(lines.some(({ msg, pid }) => msg === 'working' && pid === child.pid)).toBe(true);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('writes what its services say as structured lines too, from the start on', async () => {
    const settings = workerSettings(database.url, { GT_LOG_LEVEL: 'info' });
    // A file where the folder of unfinished uploads belongs: the storage complains of it while the process starts.
    writeFileSync(join(settings['GT_DATA_DIR'] ?? '', 'files'), '');
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env['PATH'], ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started = child;
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => printed.push(line));
    const said = await until('the storage has complained', () => printed.find((line) => line.includes('could not be swept')));
    expect(JSON.parse(said)).toMatchObject({ level: 'error', context: 'Storage' });
    await until('the worker works', () => printed.some((line) => line.includes('"working"')));
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    for (const line of printed) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(Number) });
  });

  it('does not start on a database in which tenants could see each other', async () => {
    const open = await createMigratedDatabase();
    const owner = new pg.Client({ connectionString: open.url });
    await owner.connect();
    await owner.query('alter table keys no force row level security');
    await owner.end();
    await expect(startWorker(loadConfig(workerSettings(open.url)))).rejects.toThrow(
      'The table keys has no forced row-level security.',
    );
    await open.drop();
  });
});

describeWithRedis('with Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('platform.sweep runs on it too', () => expectSweep({ REDIS_URL: redis.url }));

  describe('that goes away', () => {
    let platform: TestPlatform;
    beforeAll(async () => {
      await redis.stop();
      platform = await startPlatform({ settings: { REDIS_URL: redis.url } });
    });
    afterAll(() => platform.close());

    async function readyz(): Promise<unknown> {
      return (await fetch(`${platform.app.url}/readyz`)).json();
    }

    /** With a key that no process has seen yet. */
    async function chat(): Promise<number> {
      const key = await platform.factory.key(platform.acme);
      const response = await fetch(`${platform.app.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'hello' }] }),
      });
      await response.arrayBuffer();
      return response.status;
    }

    const fine = { ok: true };
    const degraded = {
      status: 'degraded',
      checks: {
        database: fine,
        migrations: fine,
        storage: fine,
        journal: fine,
        limits: fine,
        queue: { ok: false, message: 'The job queue does not answer (REDIS_URL).' },
      },
    };

    it('the API starts, answers new keys and chats while Redis is away, and says so; all is well when it comes, hangs and comes back', async () => {
      expect(await readyz()).toEqual(degraded);
      expect(await chat()).toBe(200);
      await redis.start();
      await until('the API has found Redis', async () => ((await readyz()) as { status: string }).status === 'ok');
      redis.freeze();
      expect(await readyz()).toEqual(degraded);
      expect(await chat()).toBe(200);
      redis.thaw();
      await until('Redis answers again', async () => ((await readyz()) as { status: string }).status === 'ok');
      await redis.stop('SIGKILL');
      expect(await readyz()).toEqual(degraded);
      expect(await chat()).toBe(200);
    });
  });
});
