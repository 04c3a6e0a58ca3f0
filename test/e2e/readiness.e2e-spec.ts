import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runFolder } from '../support/postgres.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { post, until, user } from '../support/relay.js';
import { startS3, type S3Server } from '../support/s3.js';

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly message?: string }>>;
}

const fine = { ok: true };
const allFine = {
  status: 'ok',
  checks: { database: fine, migrations: fine, queue: fine, storage: fine, journal: fine },
};

async function readyz({ app }: TestPlatform): Promise<Readiness> {
  return (await (await fetch(`${app.url}/readyz`)).json()) as Readiness;
}

/** Takes a folder's place with a file, so that nothing can be written below; the function that is given back undoes it. */
function obstruct(folder: string): () => void {
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, '');
  return () => {
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
  };
}

describe('readyz and metrics of a process with a local store', () => {
  const metricsToken = 'a-metrics-token-of-tests';
  const dataDir = mkdtempSync(join(runFolder(), 'ready-'));
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ settings: { GT_DATA_DIR: dataDir, GT_METRICS_TOKEN: metricsToken } });
  });
  afterAll(() => platform.close());

  async function chat(): Promise<number> {
    const { secret } = await platform.factory.key(platform.acme);
    const reply = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret,
      body: { model: 'assistant', messages: [user('hi')] },
    });
    await reply.arrayBuffer();
    return reply.status;
  }

  async function gauge(name: string): Promise<number> {
    const reply = await fetch(`${platform.app.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(await reply.text())?.[1];
    return value === undefined ? NaN : Number(value);
  }

  it('say that the journal of calls cannot be written while calls go on, and that it is whole again', async () => {
    // Before the first call, which opens a file: one that is open takes more, whatever becomes of its folder's name.
    const restore = obstruct(join(dataDir, 'journal'));
    expect(await chat()).toBe(200);
    const { status, checks } = await readyz(platform);
    expect(status).toBe('degraded');
    const { journal, ...others } = checks;
    expect(journal).toEqual({
      ok: false,
      message: 'The journal of calls cannot be written; usage is kept in memory alone (GT_DATA_DIR).',
    });
    expect(Object.values(others)).toEqual([fine, fine, fine, fine]);
    restore();
    await until('the journal is whole', async () => (await readyz(platform)).status === 'ok', 10_000);
    expect(await gauge('gt_journal_lost_calls')).toBe(0);
  });

  it('name every part', async () => {
    expect(await chat()).toBe(200);
    expect(await readyz(platform)).toEqual(allFine);
  });

  it('say that the file store takes nothing, and that it does again', async () => {
    const restore = obstruct(join(dataDir, 'files'));
    expect(await readyz(platform)).toEqual({
      status: 'degraded',
      checks: {
        ...allFine.checks,
        storage: { ok: false, message: 'The file store does not take data (GT_DATA_DIR, GT_STORAGE).' },
      },
    });
    restore();
    expect(await readyz(platform)).toEqual(allFine);
  });

  it('count the calls that are open, and those that wait for the database', async () => {
    const { secret } = await platform.factory.key(platform.acme);
    const leaving = new AbortController();
    const reply = await post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret,
      body: { model: 'assistant', stream: true, messages: [user('[[chunks:100000]] [[pace:10]]')] },
      signal: leaving.signal,
    });
    expect(reply.status).toBe(200);
    expect(await gauge('gt_journal_open_calls')).toBe(1);
    leaving.abort();
    await until('the call is closed', async () => (await gauge('gt_journal_open_calls')) === 0);
    await until('all calls are drained', async () => (await gauge('gt_journal_undrained_calls')) === 0);
    expect(await gauge('gt_journal_lost_calls')).toBe(0);
  });
});

describe('readyz of a process with an S3 store', () => {
  let s3: S3Server;
  let platform: TestPlatform;
  beforeAll(async () => {
    s3 = await startS3();
    platform = await startPlatform({
      settings: {
        GT_STORAGE: 's3',
        GT_S3_ENDPOINT: s3.endpoint,
        GT_S3_BUCKET: s3.bucket,
        GT_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
        GT_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      },
    });
  });
  afterAll(async () => {
    await platform.close();
    await s3.close();
  });

  it('asks the bucket, in time also when it does not answer', async () => {
    expect(await readyz(platform)).toEqual(allFine);
    s3.fault = () => 'answer 500';
    expect((await readyz(platform)).checks['storage']?.ok).toBe(false);
    s3.fault = () => undefined;
    await until('the bucket answers', async () => (await readyz(platform)).status === 'ok');
  });

  it('asks the store once for callers that ask at the same time', async () => {
    await until('nothing is under way', async () => (await readyz(platform)).status === 'ok');
    const before = s3.requests.length;
    await Promise.all(Array.from({ length: 20 }, () => readyz(platform)));
    expect(s3.requests.length - before).toBeLessThan(20);
  });
});
