import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, renameSync, mkdirSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import type { FileObject } from '../../src/contracts/files.js';
import { OrphanContents } from '../../src/modules/files/intake/orphan-contents.service.js';
import { createMigratedDatabase } from '../support/app.js';
import { runCli } from '../support/cli.js';
import { FilesBench } from '../support/files.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
const signal = new AbortController().signal;

/** Two platforms, each with a database of its own, on one storage. */
let dataDir: string;
let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let one: FilesBench;
let two: FilesBench;

beforeAll(async () => {
  dataDir = mkdtempSync(join(runFolder(), 'shared-storage-'));
  one = await FilesBench.start({ GT_DATA_DIR: dataDir });
  database = await createMigratedDatabase();
  // The databases of these tests are copies of one template: this one becomes a platform of its own.
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`update installation set id = 'ins_2222222222222222'`);
  await client.end();
  two = await FilesBench.start({ GT_DATA_DIR: dataDir }, database.url);
});
afterAll(async () => {
  await one.close();
  await two.close();
  await database.drop();
});

const sweepOf = (bench: FilesBench): OrphanContents => bench.platform.app.running.app.get(OrphanContents, { strict: false });
const removedBy = (bench: FilesBench): Promise<number> => sweepOf(bench).removeOrphans(signal);
const installationOf = async ({ platform }: FilesBench): Promise<string> =>
  (await platform.factory.run((tx) => tx.installation.findFirstOrThrow())).id;

function contents(): string[] {
  const entries = readdirSync(join(dataDir, 'files'), { recursive: true, withFileTypes: true });
  return entries.filter(({ name }) => /^(obj_|file-)/.test(name)).map(({ name, parentPath }) => join(parentPath, name));
}

function ageAll(): void {
  const old = new Date(Date.now() - 61 * 60_000);
  for (const content of contents()) utimesSync(content, old, old);
}

/** Uploads a file and forgets it, so that its content is an orphan. */
async function orphan(bench: FilesBench): Promise<string> {
  const { secret } = await bench.key();
  const { id } = await bench.accepted(secret, path, { name: 'orphan.txt', bytes: 'Nobody knows it.' });
  await bench.platform.factory.run((tx) => tx.file.deleteMany({ where: { id } }));
  return id;
}

describe('two platforms on one storage', () => {
  it('keep their files apart, and each sweeps its own orphans alone', async () => {
    const kept: FileObject[] = [];
    for (const bench of [one, two]) {
      kept.push(await bench.accepted((await bench.key()).secret, path, { name: 'kept.txt', bytes: 'Kept.' }));
      await orphan(bench);
    }
    ageAll();
    expect(contents()).toHaveLength(4);
    expect(await removedBy(one)).toBe(1);
    expect(await removedBy(one)).toBe(0);
    expect(await removedBy(two)).toBe(1);
    expect(
      contents()
        .map((content) => basename(content).replace('obj_', 'file-'))
        .sort(),
    ).toEqual(kept.map(({ id }) => id).sort());
    for (const [at, bench] of [one, two].entries()) {
      const own = contents().filter((content) => content.includes(kept[at]?.id.slice(5) ?? '-'));
      const id = await installationOf(bench);
      expect(own.map((content) => basename(dirname(dirname(content))).startsWith(id))).toEqual([true]);
    }
  });

  it('of which one is a copy of the other: it sweeps nothing, says what to do, and does so once it has adopted', async () => {
    const copy = await FilesBench.start({ GT_DATA_DIR: dataDir });
    try {
      const id = await installationOf(one);
      expect(await installationOf(copy)).toBe(id);
      await one.accepted((await one.key()).secret, path, { name: 'original.txt', bytes: 'Known to the original alone.' });
      ageAll();
      const before = contents().length;
      const worker = await copy.worker();
      await until('the copy says what to do', () => JSON.stringify(worker.lines).includes('gt storage adopt'));
      expect(await removedBy(copy)).toBe(0);
      expect(contents()).toHaveLength(before);
      const env = { DATABASE_URL: copy.platform.app.databaseUrl, GT_DATA_DIR: dataDir };
      expect((await runCli(['storage', 'adopt'], env)).out).toContain(`The objects under ${id} are this database's now`);
      expect((await runCli(['storage', 'adopt'], env)).out).toContain('already');
      expect(await removedBy(one)).toBe(0);
      expect(await removedBy(copy)).toBeGreaterThan(0);
    } finally {
      await copy.close();
    }
  });
});

describe('a content that the release before wrote', () => {
  it('is read where it is, and never swept', async () => {
    const { secret } = await two.key();
    const file = await two.accepted(secret, path, { name: 'former.txt', bytes: 'From the release before.' });
    const { tenantId, storageKey } = await two.platform.factory.run((tx) =>
      tx.file.findFirstOrThrow({ where: { id: file.id }, select: { tenantId: true, storageKey: true } }),
    );
    const root = join(dataDir, 'files');
    const former = join(root, tenantId, file.id.slice(-1), file.id);
    const [folder = '', object = ''] = storageKey.split('/');
    mkdirSync(dirname(former), { recursive: true });
    renameSync(join(root, folder, object.slice(-1), object), former);
    await two.platform.factory.run((tx) =>
      tx.file.updateMany({ where: { id: file.id }, data: { storageKey: `${tenantId}/${file.id}` } }),
    );
    ageAll();
    expect(await removedBy(two)).toBe(0);
    await two.worker();
    expect((await two.ended(secret, file.id, 60_000)).status).toBe('ready');
  });
});
