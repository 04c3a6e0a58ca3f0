import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import pg from 'pg';
import { PassagesRepository } from '../../src/modules/files/ingestion/passages.repository.js';
import type { ClaimedFile } from '../../src/modules/files/record/file-record.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { vectorBytes } from '../../src/platform/vectors/vector-bytes.js';
import { createMigratedDatabase } from '../support/app.js';
import { addFile, addTenant, keepFormerPassages, type RunSql } from '../support/passages.js';
import type { TestDatabase } from '../support/postgres.js';

const migration = new URL('../../prisma/migrations/20261130012000_former_passages/migration.sql', import.meta.url);

let database: TestDatabase;
let pool: pg.Pool;
let connections: ConnectionPool;

const run: RunSql = (text, values = []) => pool.query(text, [...values]);

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
  await addTenant(run, 'acme');
  await addFile(run, { tenantId: 'ten_acme', id: 'file-a', datasetId: 'ds_acme', chunks: [] });
});
afterAll(async () => {
  await connections.close();
  await pool.end();
  await database.drop();
});

/** Stores one passage as the pipeline does, and gives what stands of it in the form of the release before. */
async function formerOfStored(): Promise<unknown> {
  const file = { tenantId: 'ten_acme', id: 'file-a', ingestionId: '', attempt: 1, datasetId: 'ds_acme', conversationId: null };
  await new TenantDatabase(connections).runPlain('ten_acme', (tx) =>
    new PassagesRepository().replace(tx, file as ClaimedFile, [{ text: 'The red pump.', tokens: 4, source: {} }], 'text-embed', [
      Float32Array.of(0.5, -2),
    ]),
  );
  const { rows } = await pool.query<object>(
    `select c.words::text, c.embedding, v.dimensions from chunks c join passage_vectors v using (tenant_id, file_id, ingestion_id, ordinal)`,
  );
  return rows;
}

describe('the form of passages that the release before reads', () => {
  it('is not written in a database that this release made', async () => {
    expect(await formerOfStored()).toEqual([{ words: null, embedding: [], dimensions: 2 }]);
  });

  it('is written in one that had tenants when it was migrated', async () => {
    await keepFormerPassages(run);
    await run('drop function gt_keeps_former_passages, gt_vector_numbers');
    await run(await readFile(migration, 'utf8'));
    expect(await formerOfStored()).toEqual([{ words: "'pump':3 'red':2 'the':1", embedding: [0.5, -2], dimensions: 2 }]);
  });

  it('can be made of the present one, to the last bit', async () => {
    const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(numbers, async (given) => {
        const vector = Float32Array.from(given);
        const { rows } = await pool.query<{ numbers: number[] }>('select gt_vector_numbers($1) as numbers', [
          vectorBytes(vector),
        ]);
        expect(rows[0]?.numbers.map((number) => Math.fround(number) + 0)).toEqual([...vector].map((number) => number + 0));
      }),
      { numRuns: 100 },
    );
  });
});
