import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PassageVectorsRepository } from '../../src/modules/files/ingestion/passage-vectors.repository.js';
import { PassageVectorsService } from '../../src/modules/files/ingestion/passage-vectors.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { MemorySearcher } from '../../src/platform/vectors/memory/memory-searcher.js';
import { createMigratedDatabase } from '../support/app.js';
import { addFile, addTenant, model, vectorOf, type RunSql } from '../support/passages.js';
import type { TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let pool: pg.Pool;
let connections: ConnectionPool;
let repository: PassageVectorsRepository;

const run: RunSql = (text, values = []) => pool.query(text, [...values]);
const bringOver = (): Promise<void> => new PassageVectorsService(repository).bringOver(new AbortController().signal);
const count = async (table: string, where = 'true'): Promise<number> =>
  (await pool.query<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)).rows[0]?.n ?? 0;
/** As the release before stores it: vectors in the chunks, and of the file no ingestion. */
const addOld = async (slug: string, id: string, texts: readonly string[]): Promise<void> => {
  await addFile(run, { tenantId: `ten_${slug}`, id, datasetId: `ds_${slug}`, chunks: texts });
  await run(`delete from ingestions where file_id = $1`, [id]);
};
/** Found by a searcher that has nothing in memory. */
const found = async (question: string): Promise<string[]> => {
  const searcher = new MemorySearcher({ databaseUrl: database.url, memoryBytes: 1_000_000 });
  const scope = { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: model };
  const hits = await searcher.nearest('ten_acme', scope, Float32Array.from(vectorOf(question)), 5);
  await searcher.close();
  return hits.map(({ fileId, ordinal, score }) => `${fileId} ${ordinal} ${score.toFixed(5)}`);
};

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
  pool.on('error', () => undefined);
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 3 });
  repository = new PassageVectorsRepository(new PlatformDatabase(connections));
});
afterAll(async () => {
  await connections.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  for (const slug of ['acme', 'other']) await addTenant(run, slug);
});
afterEach(async () => {
  await pool.query('delete from tenants');
});

const texts = ['the red pump', 'the blue valve', 'lunch at noon', 'a red valve'];

describe('vectors of the release before', () => {
  it('are found before and after the job has moved them, then from their own table', async () => {
    for (const at of [0, 1, 2])
      await addOld(
        'acme',
        `file-${at}`,
        texts.map((text) => `${text} ${at}`),
      );
    const before = await found('red pump');
    expect(before).toHaveLength(5);
    await bringOver();
    expect(await count('passage_vectors')).toBe(12);
    expect(await count('ingestions', 'is_own and vector_attempt = attempts')).toBe(3);
    expect(await found('red pump')).toEqual(before);
    // Twice is once, and the chunks stay as they were for the release before.
    const rows = async () => (await pool.query('select *, xmin::text from passage_vectors order by file_id, ordinal')).rows;
    const once = await rows();
    await bringOver();
    expect(await rows()).toEqual(once);
    expect(await count('chunks', 'embedding is not null')).toBe(12);
    await pool.query('update chunks set embedding = null');
    expect(await found('red pump')).toEqual(before);
  });

  it('that a process of that release writes meanwhile are found at once, and moved by the next run', async () => {
    await addOld('acme', 'file-a', texts);
    await bringOver();
    await pool.query(`delete from chunks where file_id = 'file-a'`);
    expect(await count('passage_vectors')).toBe(0);
    await pool.query(`delete from files where id = 'file-a'`);
    await addFile(run, { tenantId: 'ten_acme', id: 'file-a', datasetId: 'ds_acme', attempts: 2, chunks: texts });
    expect((await found('the red pump'))[0]).toBe('file-a 0 1.00000');
    await bringOver();
    expect(await count('passage_vectors')).toBe(4);
  });

  it('are moved whole or not at all when the worker is killed midway, and by the next one', async () => {
    await addOld('acme', 'file-a', texts);
    await repository.adoptFiles(10);
    expect(await repository.copySome(1, 2)).toBe(1);
    expect(await count('passage_vectors')).toBe(2);
    const holder = await pool.connect();
    await holder.query(`begin; select from chunks where ordinal = 3 for update`);
    const copying = repository.copySome(1, 10).then(
      () => 'ended',
      () => 'killed',
    );
    const killed = async () =>
      (
        await pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        )
      ).rowCount === 1;
    await until('it waits, and is killed', killed);
    expect(await copying).toBe('killed');
    await holder.query('rollback');
    holder.release();
    expect(await count('passage_vectors')).toBe(2);
    await bringOver();
    expect(await count('passage_vectors')).toBe(4);
    expect(await repository.copySome(1, 10)).toBe(0);
  });

  it("of one tenant's many files do not stand before another's one", async () => {
    for (const at of [0, 1, 2, 3, 4]) await addOld('acme', `file-a${at}`, texts);
    await addOld('other', 'file-z', texts);
    await repository.adoptFiles(10);
    await repository.copySome(4, 200);
    expect(await count('passage_vectors', `tenant_id = 'ten_other'`)).toBe(4);
    expect(await count('passage_vectors', `tenant_id = 'ten_acme'`)).toBe(4);
  });
});
