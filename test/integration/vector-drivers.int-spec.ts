import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import pg from 'pg';
import { checkIsolation } from '../../src/platform/database/isolation-check.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { MemoryVectorSearch } from '../../src/platform/vectors/memory/memory-vector-search.js';
import {
  pgvectorDatabase,
  type PgvectorDatabase,
  type SqlSession,
} from '../../src/platform/vectors/pgvector/pgvector-database.js';
import { buildIndex, preparePgvector } from '../../src/platform/vectors/pgvector/pgvector-schema.js';
import { PgvectorVectorSearch } from '../../src/platform/vectors/pgvector/pgvector-vector-search.js';
import type { IngestionKey, VectorHit, VectorScope, VectorSearch } from '../../src/platform/vectors/vector-search.js';
import { signBits, vectorBytes } from '../../src/platform/vectors/vector-bytes.js';
import { createMigratedDatabase } from '../support/app.js';
import { compileSource } from '../support/compile-source.js';
import { addFile, addTenant, type FixtureFile, type RunSql } from '../support/passages.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';

/*
 * pgvector's SQL runs in PGlite, which is PostgreSQL with the real extension inside this process; exact search runs on a
 * server without it. Both hold the same rows.
 */
const dimensions = 24;
const tenantId = 'ten_acme';
const model = 'm';
const migrations = fileURLToPath(new URL('../../prisma/migrations/', import.meta.url));
const compiled = join(runFolder(), `vectors-${process.pid}`);

let lite: PGlite;
let database: TestDatabase;
let pool: pg.Pool;
let exact: MemoryVectorSearch;

const liteSession: SqlSession = {
  query: async <Row>(text: string, values: readonly unknown[] = []) => (await lite.query<Row>(text, [...values])).rows,
};
const runLite: RunSql = (text, values = []) => lite.query(text, [...values]);
const runServer: RunSql = (text, values = []) => pool.query(text, [...values]);

/** What `pgvectorDatabase` does over the process's connections. */
const liteDatabase: PgvectorDatabase = {
  inTenant: (tenant, work) =>
    lite.transaction(async (transaction) => {
      await transaction.query(`select set_config('role', 'gt_app', true), set_config('gt.tenant_id', $1, true)`, [tenant]);
      return work({
        query: async <Row>(text: string, values: readonly unknown[] = []) =>
          (await transaction.query<Row>(text, [...values])).rows,
      });
    }),
  asOwner: (work) => work(liteSession),
  close: () => Promise.resolve(),
};

/** The table as the release before made it by hand, where it found pgvector. */
const madeByHand = [
  `create table chunk_vectors (
     tenant_id text not null, file_id text not null, ordinal integer not null,
     dataset_id text, conversation_id text, attempt integer not null,
     embedding_model text not null, dimensions integer not null, embedding vector not null,
     primary key (tenant_id, file_id, ordinal),
     foreign key (tenant_id, file_id, ordinal) references chunks (tenant_id, file_id, ordinal) on delete cascade on update cascade)`,
  `create index chunk_vectors_dataset on chunk_vectors (tenant_id, dataset_id)`,
  `create index chunk_vectors_conversation on chunk_vectors (tenant_id, conversation_id)`,
  `select gt_protect('chunk_vectors', 'SELECT, INSERT, UPDATE, DELETE')`,
  `create or replace function gt_store_vector() returns trigger language plpgsql set search_path = public as $$
   begin
     delete from chunk_vectors v where v.tenant_id = new.tenant_id and v.file_id = new.file_id and v.ordinal = new.ordinal;
     if new.embedding_model is not null and cardinality(new.embedding) between 1 and 16000 then
       insert into chunk_vectors
         select new.tenant_id, new.file_id, new.ordinal, new.dataset_id, new.conversation_id, new.attempt,
                new.embedding_model, cardinality(new.embedding), new.embedding::vector
          where vector_norm(new.embedding::vector) > 0;
     end if;
     return null;
   end
   $$`,
  `create trigger chunks_vector
     after insert or update of tenant_id, file_id, ordinal, dataset_id, conversation_id, attempt, embedding_model, embedding
     on chunks for each row execute function gt_store_vector()`,
];

/** Numbers between -1 and 1 that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const next = numbers(7);
const vectorAt = (): number[] => Array.from({ length: dimensions }, next);
const twin = vectorAt();

/** 60 files: two datasets, a conversation, another tenant, files that are not ready, old attempts, other models, ties. */
const files: FixtureFile[] = Array.from({ length: 60 }, (_, at): FixtureFile => {
  const other = at % 10 === 9;
  const slug = other ? 'other' : 'acme';
  const place = at % 4 === 0 ? { conversationId: `conv_${slug}` } : { datasetId: at % 4 === 1 ? `ds_${slug}_2` : `ds_${slug}` };
  return {
    tenantId: `ten_${slug}`,
    id: `file-${String(at).padStart(2, '0')}`,
    ...place,
    state: at % 11 === 10 ? 'stored' : 'ready',
    attempts: at % 13 === 12 ? 2 : 1,
    chunkAttempt: 1,
    model: at % 17 === 16 ? 'another' : model,
    chunks: Array.from({ length: 12 }, (_chunk, ordinal) => ({
      text: `${at} ${ordinal}`,
      embedding:
        ordinal === 5
          ? twin
          : ordinal === 6
            ? new Array<number>(dimensions).fill(0)
            : ordinal === 7
              ? [1, 2]
              : ordinal === 8
                ? null
                : vectorAt(),
    })),
  };
});

/** The own ingestions of these files. */
function own(...places: number[]): IngestionKey[] {
  return places.map((at) => ({ fileId: `file-${String(at).padStart(2, '0')}`, ingestionId: '' }));
}

const scopes: VectorScope[] = [
  { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: model },
  { datasetIds: ['ds_acme_2'], conversationIds: ['conv_acme'], embeddingModel: model },
  { datasetIds: ['ds_acme', 'ds_acme_2'], conversationIds: ['conv_acme'], embeddingModel: model },
  { datasetIds: ['ds_other', 'ds_acme_2'], conversationIds: ['conv_other'], embeddingModel: model },
  { datasetIds: ['ds_acme'], conversationIds: ['conv_acme'], embeddingModel: 'another' },
  { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: 'unknown' },
  // Filters: files of the scope, of another one, another tenant's, an absent one, one that failed to become ready.
  { datasetIds: ['ds_acme', 'ds_acme_2'], conversationIds: [], embeddingModel: model, only: own(2, 3, 5, 8, 9, 10, 99) },
  { datasetIds: ['ds_acme'], conversationIds: ['conv_acme'], embeddingModel: model, only: own(7) },
];
const questions = [twin, ...Array.from({ length: 8 }, vectorAt)];

const nameOf = ({ fileId, ordinal }: VectorHit): string => `${fileId} ${ordinal}`;

/** Scores may differ in the seventh place, and chunks whose scores are equal to that place may change seats. */
function expectSame(found: readonly VectorHit[], expected: readonly VectorHit[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach(({ score }, index) => expect(score).toBeCloseTo(expected[index]?.score ?? NaN, 5));
  const last = expected.at(-1)?.score ?? 0;
  const sure = (hits: readonly VectorHit[]): string[] =>
    hits
      .filter(({ score }) => score - last > 1e-5)
      .map(nameOf)
      .sort();
  expect(sure(found)).toEqual(sure(expected));
}

async function expectSameEverywhere(search: VectorSearch): Promise<number> {
  let compared = 0;
  for (const scope of scopes) {
    for (const question of questions) {
      const expected = await exact.nearest(tenantId, scope, question, 7);
      expectSame(await search.nearest(tenantId, scope, question, 7), expected);
      compared += expected.length;
    }
  }
  return compared;
}

beforeAll(async () => {
  await compileSource(compiled, ['platform/vectors/vector-search.ts', 'platform/vectors/memory']);
  lite = await PGlite.create({ extensions: { vector } });
  const names = (await readdir(migrations)).filter((name) => /^\d/.test(name)).sort();
  const run = async (part: readonly string[]): Promise<void> => {
    for (const name of part) await lite.exec(await readFile(join(migrations, name, 'migration.sql'), 'utf8'));
  };
  await run(names.filter((name) => name < '20261128000401'));
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
  exact = new MemoryVectorSearch({
    databaseUrl: database.url,
    memoryBytes: 1024 * 1024,
    thread: pathToFileURL(join(compiled, 'platform/vectors/memory/vector-thread.js')),
  });
  for (const sql of [runLite, runServer]) for (const slug of ['acme', 'other']) await addTenant(sql, slug);
  for (const file of files) await addFile(runServer, file);
  // A third before there is pgvector, a third into the table that was made by hand, the last after its migration.
  for (const file of files.slice(0, 20)) await addFile(runLite, file);
  await lite.exec('create extension vector');
  for (const statement of madeByHand) await lite.exec(statement);
  await lite.exec('set role gt_platform; update chunks set attempt = attempt; reset role');
  for (const file of files.slice(20, 40)) await addFile(runLite, file);
  await run(names.filter((name) => name >= '20261128000401'));
  for (const file of files.slice(40)) await addFile(runLite, file);
});
afterAll(async () => {
  await exact.close();
  await pool.end();
  await database.drop();
  await lite.close();
});

describe('both vector drivers', () => {
  it('give the same top results when pgvector compares all', async () => {
    expect(await expectSameEverywhere(new PgvectorVectorSearch(liteDatabase))).toBeGreaterThan(150);
  });

  it('give the same when pgvector came after passages that stand in the present form alone', async () => {
    // As in a database that this release made: no numbers in the chunks.
    const { rows } = await pool.query<Record<string, unknown>>(
      `select tenant_id, file_id, ordinal, embedding_model, dataset_id, conversation_id, embedding from chunks where cardinality(embedding) > 0`,
    );
    await lite.exec('drop table chunk_vectors; drop trigger chunks_vector on chunks');
    for (const row of rows) {
      const numbers = Float32Array.from(row['embedding'] as number[]);
      await lite.query(
        `insert into passage_vectors (tenant_id, file_id, ordinal, embedding_model, dataset_id, conversation_id, dimensions, signs, vector)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [...Object.values(row).slice(0, 6), numbers.length, signBits(numbers), vectorBytes(numbers)],
      );
    }
    await lite.exec(`update chunks set embedding = '{}'`);
    expect((await lite.query('select gt_prepare_pgvector() as prepared')).rows).toEqual([{ prepared: true }]);
    expect(await expectSameEverywhere(new PgvectorVectorSearch(liteDatabase))).toBeGreaterThan(150);
  });

  it('give the same top results when pgvector asks its index', async () => {
    const indexed = new PgvectorVectorSearch(liteDatabase, { exactUpTo: 0 });
    await indexed.nearest(tenantId, scopes[0] ?? { datasetIds: [], conversationIds: [], embeddingModel: '' }, twin, 5);
    await indexed.settled();
    const built = await liteSession.query<{ valid: boolean }>(
      `select indisvalid as valid from pg_index where indexrelid = to_regclass('chunk_vectors_24')`,
    );
    expect(built).toEqual([{ valid: true }]);
    await lite.exec('analyze chunk_vectors; set enable_seqscan = off; set enable_sort = off');
    expect(await expectSameEverywhere(indexed)).toBeGreaterThan(150);
    await lite.exec('reset enable_seqscan; reset enable_sort; select pg_stat_force_next_flush()');
    const [use] = await liteSession.query<{ scans: number }>(
      `select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = 'chunk_vectors_24'`,
    );
    expect(use?.scans).toBeGreaterThan(20);
  });

  it('measure the recall of a scope that the index answers, and none where all are compared', async () => {
    const kind = { target: { column: 'dataset_id', id: 'ds_acme' }, model, dimensions } as const;
    const recall = await new PgvectorVectorSearch(liteDatabase, { exactUpTo: 0 }).recall(tenantId, kind, 5);
    expect(recall?.sampled).toBe(5);
    expect(recall?.value).toBeGreaterThan(0.9);
    expect(await new PgvectorVectorSearch(liteDatabase).recall(tenantId, kind, 5)).toBeNull();
    expect(await exact.recall(tenantId, kind, 5)).toBeNull();
  });

  // More than are compared one by one, which the many are for.
  const many = process.env['GT_TEST_SOAK'] === '1' ? 49_999 : 20_500;

  it(`find the one passage behind ${many} that a filter keeps, and nothing that it does not keep`, async () => {
    const crowd: FixtureFile = {
      tenantId,
      id: 'file-crowd',
      datasetId: 'ds_acme',
      model: 'crowd',
      chunks: Array.from({ length: many }, (_, at) => ({ text: 'x', embedding: [1, at / 1e6, 0] })),
    };
    const lone: FixtureFile = { ...crowd, id: 'file-lone', chunks: [{ text: 'x', embedding: [-1, 0, 0.1] }] };
    for (const sql of [runLite, runServer]) for (const file of [crowd, lone]) await addFile(sql, file);
    const scope = { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: 'crowd' };
    const lonely = { ...scope, only: [{ fileId: 'file-lone', ingestionId: '' }] };
    const indexed = new PgvectorVectorSearch(liteDatabase, { exactUpTo: 0 });
    for (const search of [exact, new PgvectorVectorSearch(liteDatabase), indexed]) {
      const found = async (given: VectorScope): Promise<string[]> =>
        (await search.nearest(tenantId, given, [1, 0, 0], 3)).map(nameOf);
      expect(await found(lonely)).toEqual(['file-lone 0']);
      expect(await found({ ...lonely, only: [...lonely.only, { fileId: 'file-crowd', ingestionId: 'ing_else' }] })).toEqual([
        'file-lone 0',
      ]);
      expect(await found({ ...scope, only: [] })).toEqual([]);
      expect(await found(scope)).toHaveLength(3);
    }
    await indexed.settled();
    expect((await indexed.nearest(tenantId, lonely, [1, 0, 0], 3)).map(nameOf)).toEqual(['file-lone 0']);
    for (const sql of [runLite, runServer]) await sql(`delete from files where id in ('file-crowd', 'file-lone')`);
  });

  it('answer odd questions with nothing', async () => {
    const [scope] = scopes;
    if (scope === undefined) throw new Error('There is a scope.');
    const odd = [[], [0, 0], [NaN, 1], [1e39, 1], new Array<number>(16_001).fill(1), [1, 2, 3]];
    for (const search of [exact, new PgvectorVectorSearch(liteDatabase)]) {
      for (const question of odd) expect(await search.nearest(tenantId, scope, question, 5)).toEqual([]);
      expect(await search.nearest(tenantId, { ...scope, datasetIds: [] }, twin, 5)).toEqual([]);
      expect(await search.nearest(tenantId, scope, twin, 0)).toEqual([]);
    }
  });
});

describe('the table of pgvector', () => {
  it('is made once, and made again where pgvector came after the migrations', async () => {
    const count = async () => (await liteSession.query<{ n: number }>('select count(*)::int as n from chunk_vectors'))[0]?.n;
    const before = await count();
    await lite.exec('drop trigger chunks_vector on chunks; drop table chunk_vectors');
    expect(await preparePgvector(liteSession)).toBe(true);
    expect(await count()).toBe(before);
    expect(await preparePgvector(liteSession)).toBe(true);
    expect(await liteSession.query(`select from pg_trigger where tgname = 'chunks_vector'`)).toHaveLength(1);
  });

  it('stands behind row-level security', async () => {
    const client = {
      query: (text: string, values: unknown[] = []) =>
        values.length === 0 && text.includes(';') ? lite.exec(text) : lite.query(text, values),
      release: () => undefined,
    };
    await expect(
      checkIsolation({ pool: { connect: () => Promise.resolve(client) } as unknown as pg.Pool }),
    ).resolves.toBeUndefined();
    const seen = await liteDatabase.inTenant('ten_other', (session) =>
      session.query<{ tenant_id: string }>('select distinct tenant_id from chunk_vectors'),
    );
    expect(seen).toEqual([{ tenant_id: 'ten_other' }]);
  });

  it('follows the chunks in their own transaction: replaced, deleted, undone', async () => {
    const search = new PgvectorVectorSearch(liteDatabase);
    const scope = { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: 'fresh' };
    const names = async (): Promise<string[]> => (await search.nearest(tenantId, scope, [1, 0], 5)).map(nameOf);
    const chunk = (embedding: number[]): { text: string; embedding: number[] } => ({ text: 'x', embedding });
    await addFile(runLite, {
      tenantId,
      id: 'file-fresh',
      datasetId: 'ds_acme',
      model: 'fresh',
      chunks: [chunk([1, 0]), chunk([0, 1])],
    });
    expect(await names()).toEqual(['file-fresh 0', 'file-fresh 1']);
    await lite.query(`update chunks set embedding = '{-1,0}' where file_id = 'file-fresh' and ordinal = 0`);
    expect(await names()).toEqual(['file-fresh 1', 'file-fresh 0']);
    await lite.exec(`begin; delete from chunks where file_id = 'file-fresh'; rollback`);
    expect(await names()).toHaveLength(2);
    await lite.query(`delete from chunks where file_id = 'file-fresh' and ordinal = 1`);
    expect(await names()).toEqual(['file-fresh 0']);
    await lite.query(`delete from files where id = 'file-fresh'`);
    expect(await liteSession.query(`select from chunk_vectors where file_id = 'file-fresh'`)).toEqual([]);
  });

  it('takes vectors of every length that a model has, with an index up to 4,000 dimensions', async () => {
    const search = new PgvectorVectorSearch(liteDatabase, { exactUpTo: 0 });
    for (const length of [1, 2_000, 3_072, 5_000]) {
      const embedding = Array.from({ length }, (_, at) => Math.sin(at + 1));
      const long = `long-${length}`;
      await addFile(runLite, {
        tenantId,
        id: `file-${long}`,
        datasetId: 'ds_acme',
        model: long,
        chunks: [{ text: 'x', embedding }],
      });
      const [hit] = await search.nearest(
        tenantId,
        { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: long },
        embedding,
        3,
      );
      await search.settled();
      expect(hit?.score).toBeCloseTo(1, 5);
      const index = await liteSession.query(`select from pg_class where relname = $1`, [`chunk_vectors_${length}`]);
      expect(index).toHaveLength(length <= 4_000 ? 1 : 0);
    }
  });

  it('mends an index whose building was broken off', async () => {
    await lite.exec(`update pg_index set indisvalid = false where indexrelid = to_regclass('chunk_vectors_3072')`);
    expect(await buildIndex(liteSession, 3_072)).toBe(true);
    expect(
      await liteSession.query(`select from pg_index where indexrelid = to_regclass('chunk_vectors_3072') and indisvalid`),
    ).toHaveLength(1);
  });

  it('is not made where there is no pgvector', async () => {
    const connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
    const server = pgvectorDatabase(new TenantDatabase(connections), database.url);
    const offered = await server.asOwner((session) => session.query(`select from pg_available_extensions where name = 'vector'`));
    expect(await server.asOwner(preparePgvector)).toBe(offered.length > 0);
    const tables = await server.asOwner((session) =>
      session.query<{ name: string | null }>(`select to_regclass('chunk_vectors')::text as name`),
    );
    expect(tables).toEqual([{ name: offered.length > 0 ? 'chunk_vectors' : null }]);
    await server.close();
    await connections.close();
  });

  it('is reached in a transaction of the tenant over the real connections', async () => {
    const connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
    const server = pgvectorDatabase(new TenantDatabase(connections), database.url);
    const rows = await server.inTenant('ten_other', (session) =>
      session.query('select gt_tenant() as tenant, current_user::text as role, $1::text[] as list, $2::int + 1 as number', [
        ['a', 'b'],
        1,
      ]),
    );
    expect(rows).toEqual([{ tenant: 'ten_other', role: 'gt_app', list: ['a', 'b'], number: 2 }]);
    await connections.close();
  });
});
