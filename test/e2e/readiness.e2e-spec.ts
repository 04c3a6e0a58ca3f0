import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
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
  checks: { database: fine, migrations: fine, queue: fine, storage: fine, journal: fine, limits: fine },
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
    expect(Object.values(others)).toEqual([fine, fine, fine, fine, fine]);
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

  it('say nothing against a database of which all connections for tenants are busy', async () => {
    const { id } = await platform.factory.key(platform.acme);
    const client = (): pg.Client => new pg.Client({ connectionString: platform.app.databaseUrl });
    const [holding, watching] = [client(), client()];
    await Promise.all([holding.connect(), watching.connect()]);
    await holding.query('begin');
    await holding.query('select 1 from keys where id = $1 for update', [id]);
    // More than the process has connections for tenants, three of four; each waits for the key's row.
    const waiting = Array.from({ length: 6 }, () => platform.app.admin('POST', `/keys/${id}/disable`, { tenant: 'acme' }));
    await until('they are all busy', async () => {
      const { rows } = await watching.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
          where application_name = 'gt-api' and datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0]?.count === 3;
    });
    expect((await readyz(platform)).checks).toMatchObject({ database: fine, migrations: fine });
    await holding.query('rollback');
    await Promise.all([holding.end(), watching.end()]);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(6).fill(200));
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

  it('asks the bucket', async () => {
    expect(await readyz(platform)).toEqual(allFine);
    s3.fault = () => 'answer 500';
    expect((await readyz(platform)).checks['storage']?.ok).toBe(false);
    s3.fault = () => undefined;
    await until('the bucket answers', async () => (await readyz(platform)).status === 'ok');
  });

  it('answers within the promised 6 s also while the bucket hangs, for as many as ask', async () => {
    s3.fault = () => 'hang';
    for (let time = 0; time < 3; time += 1) {
      const from = performance.now();
      const seen = await Promise.all(Array.from({ length: 20 }, () => readyz(platform)));
      expect(performance.now() - from).toBeLessThan(6_000);
      expect(seen.map(({ status, checks }) => [status, checks['storage']?.ok])).toEqual(Array(20).fill(['degraded', false]));
    }
    s3.fault = () => undefined;
    await until('the bucket answers', async () => (await readyz(platform)).status === 'ok');
  }, 30_000);

  it('asks the store once for callers that ask at the same time', async () => {
    await until('nothing is under way', async () => (await readyz(platform)).status === 'ok');
    const before = s3.requests.length;
    await Promise.all(Array.from({ length: 20 }, () => readyz(platform)));
    expect(s3.requests.length - before).toBeLessThan(20);
  });
});
