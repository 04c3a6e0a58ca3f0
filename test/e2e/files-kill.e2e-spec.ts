import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FileObject } from '../../src/contracts/files.js';
import { OrphanContents } from '../../src/modules/files/intake/orphan-contents.service.js';
import { FilesBench } from '../support/files.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
/** Several batches of passages. */
const long = Array.from({ length: 9_000 }, (_none, at) => `Sentence number ${at} of a long report.`).join(' ');

const faultPoints = [
  'file.after-claim',
  'file.after-parse',
  'file.after-chunk',
  'file.mid-embed',
  'file.after-embed',
  'file.before-ready',
  'file.after-ready',
];

/**
 * `npm run test:soak` kills at every step on both backends of the queue. `npm test` kills where the states differ: a file is
 * claimed, some of its passages are made, all are, it is ready. What Redis changes is how the next worker comes to a file.
 */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const samples = { postgres: /after-claim|mid-embed|before-ready|after-ready/, redis: /after-embed/ } as const;
const stepsOn = (backend: keyof typeof samples): readonly string[] =>
  faultPoints.filter((point) => isSoak || samples[backend].test(point));

/** Each file in its whole: ready, with one set of passages, all of the attempt that made it ready. */
async function expectWhole(bench: FilesBench, secret: string, files: readonly FileObject[], timeoutMs: number): Promise<void> {
  const sets: string[] = [];
  for (const { id } of files) {
    const file = await bench.ended(secret, id, timeoutMs);
    expect([file.status, file.gt.error]).toEqual(['ready', null]);
    const chunks = await bench.chunks(id);
    expect(chunks.map(({ ordinal }) => ordinal)).toEqual(chunks.map((_chunk, at) => at));
    expect(new Set(chunks.map(({ attempt }) => attempt))).toEqual(new Set([file.gt.attempts]));
    sets.push(JSON.stringify(chunks.map(({ text }) => text)));
  }
  expect(new Set(sets).size).toBe(1);
}

async function killAt(points: readonly string[], bench: FilesBench): Promise<void> {
  const key = await bench.key();
  const files: FileObject[] = [];
  for (const point of points) {
    files.push(await bench.accepted(key.secret, path, { name: `${point}.txt`, bytes: long }));
    // It may die at a file that another one left to it, and before it has said that it works.
    const death = bench.worker({ GT_FAULT_POINT: point }).then(
      ({ ended }) => ended,
      (error: unknown) => String(error),
    );
    expect(await death).toContain('SIGKILL');
  }
  await bench.worker();
  await expectWhole(bench, key.secret, files, 300_000);
}

describe('a worker that is killed', () => {
  let bench: FilesBench;
  beforeAll(async () => {
    bench = await FilesBench.start();
  });
  afterAll(() => bench.close());

  it(
    'at whatever step loses nothing and doubles nothing: another one brings each file to its end',
    () => killAt(stepsOn('postgres'), bench),
    600_000,
  );
});

describe('an API that is killed in an upload', () => {
  let bench: FilesBench;
  let key: { readonly secret: string };
  beforeAll(async () => {
    bench = await FilesBench.start();
    key = await bench.key();
  });
  afterAll(() => bench.close());

  const contents = (): string[] => {
    const folder = join(bench.dataDir, 'files');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.name.startsWith('obj_') ? [join(entry.parentPath, entry.name)] : [],
    );
  };

  it('between content and row leaves a content that a sweep removes when it is an hour old, and no other', async () => {
    const accepted = await bench.accepted(key.secret, path, { name: 'kept.txt', bytes: 'Kept.' });
    const api = await bench.api({ GT_FAULT_POINT: 'upload.after-content' });
    await expect(bench.upload(key.secret, path, { name: 'lost.txt', bytes: 'Lost.' }, api)).rejects.toThrow();
    expect(await api.ended).toBe('SIGKILL');
    expect(contents()).toHaveLength(2);
    const sweep = bench.platform.app.running.app.get(OrphanContents, { strict: false });
    expect(await sweep.removeOrphans(new AbortController().signal)).toBe(0);
    for (const content of contents()) utimesSync(content, new Date(), new Date(Date.now() - 61 * 60_000));
    expect(await sweep.removeOrphans(new AbortController().signal)).toBe(1);
    expect(contents().map((content) => basename(content))).toEqual([accepted.id.replace('file-', 'obj_')]);
  });

  it('between row and job has accepted the file: a sweep queues it', async () => {
    const api = await bench.api({ GT_FAULT_POINT: 'upload.after-row' });
    await expect(bench.upload(key.secret, path, { name: 'orphan.txt', bytes: 'Not lost.' }, api)).rejects.toThrow();
    const listed = (await bench.call(key.secret, 'GET', `${path}?limit=1`)).body.data[0] as FileObject;
    expect([listed.filename, listed.status]).toEqual(['orphan.txt', 'queued']);
    await bench.worker();
    expect((await bench.ended(key.secret, listed.id, 60_000)).status).toBe('ready');
  });
});

describeWithRedis('with Redis', () => {
  let redis: TestRedis;
  let bench: FilesBench;
  beforeAll(async () => {
    redis = await startRedis();
    bench = await FilesBench.start({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await bench.close();
    await redis.stop();
  });

  it(
    'a worker that is killed at whatever step loses nothing and doubles nothing',
    () => killAt(stepsOn('redis'), bench),
    600_000,
  );

  const absences: Readonly<Record<string, () => Promise<void>>> = {
    'is killed': () => redis.stop('SIGKILL'),
    hangs: () => Promise.resolve(redis.freeze()),
  };

  it.each(isSoak ? Object.keys(absences) : ['hangs'])(
    'that %s for 8 s, uploads are accepted all the same and go on when it is back, not only with the next sweep',
    async (how) => {
      const key = await bench.key();
      const [api] = await Promise.all([bench.api(), bench.worker()]);
      await absences[how]?.();
      const names = ['one', 'two', 'three'];
      const accepted = names.map((name) => bench.upload(key.secret, path, { name: `${how} ${name}.txt`, bytes: name }, api));
      const files = (await Promise.all(accepted)).map(({ body }) => body as FileObject);
      expect(files.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
      // Whoever made them is gone: only their rows tell of them.
      await api.kill();
      await wait(8_000);
      if (how === 'hangs') redis.thaw();
      else await redis.start();
      const attempts = () =>
        bench.platform.factory.run((tx) =>
          tx.file.count({ where: { id: { in: files.map(({ id }) => id) }, attempts: { gt: 0 } } }),
        );
      // Before a sweep would come, which looks for files that were left behind.
      await until('all of them go on', async () => (await attempts()) === 3, 20_000);
      for (const { id } of files) expect((await bench.ended(key.secret, id, 60_000)).status).toBe('ready');
    },
    120_000,
  );
});
