import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { checkIsolation } from '../../src/platform/database/isolation-check.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { createMigratedDatabase } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';
import { schemaTables, type TableShape } from '../support/prisma-schema.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function databaseTables(): Promise<Record<string, TableShape>> {
  const { rows } = await pool.query<{ table: string } & TableShape>(`
    select c.relname as table,
      (select json_object_agg(a.attname, json_build_object('type', format_type(a.atttypid, a.atttypmod), 'nullable', not a.attnotnull,
              'hasDefault', a.atthasdef and a.attgenerated = ''))
         from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      (select coalesce(json_agg(k.attname order by k.n), '[]') from (select a.attname, u.n from pg_index i, unnest(i.indkey) with ordinality u(key, n)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = u.key where i.indrelid = c.oid and i.indisprimary) k) as "primaryKey",
      (select coalesce(json_agg(x.cols order by x.cols), '[]') from (select (select string_agg(a.attname, ',' order by u.n) from unnest(i.indkey) with ordinality u(key, n)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = u.key) as cols from pg_index i where i.indrelid = c.oid and i.indisunique and not i.indisprimary and i.indpred is null and i.indexprs is null) x) as uniques,
      (select coalesce(json_agg(x.cols order by x.cols), '[]') from (select (select string_agg(a.attname, ',' order by u.n) from unnest(i.indkey) with ordinality u(key, n)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = u.key) as cols from pg_index i where i.indrelid = c.oid and not i.indisunique and i.indpred is null and i.indexprs is null) x) as indexes,
      (select coalesce(json_agg(x.fk order by x.fk), '[]') from (select (select string_agg(a.attname, ',' order by u.n) from unnest(f.conkey) with ordinality u(key, n)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = u.key) || ' -> ' || f.confrelid::regclass::text || ' on delete ' ||
         (case f.confdeltype when 'c' then 'cascade' when 'r' then 'restrict' when 'a' then 'no action' when 'n' then 'setnull' end) as fk
         from pg_constraint f where f.conrelid = c.oid and f.contype = 'f') x) as "foreignKeys"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> '_prisma_migrations'`);
  return Object.fromEntries(rows.map(({ table, ...shape }) => [table, shape]));
}

/** Postgres and JavaScript sort punctuation differently. */
function normal(tables: Readonly<Record<string, TableShape>>): unknown {
  return Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      {
        ...table,
        uniques: [...table.uniques].sort(),
        indexes: [...table.indexes].sort(),
        foreignKeys: [...table.foreignKeys].sort(),
      },
    ]),
  );
}

describe('schema and migrations', () => {
  it('describe the same tables, columns, keys and indexes', async () => {
    expect(normal(await databaseTables())).toEqual(normal(schemaTables()));
  });

  it('differ only by the indexes in part or on expressions that are listed here', async () => {
    const { rows } = await pool.query<{ name: string; unique: boolean }>(
      `select c.relname as name, i.indisunique as unique from pg_index i join pg_class c on c.oid = i.indexrelid
        join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and (i.indpred is not null or i.indexprs is not null) order by 1`,
    );
    expect(rows).toEqual([
      { name: 'approvals_open', unique: false },
      { name: 'approvals_same_request', unique: true },
      { name: 'audit_of_creations', unique: false },
      { name: 'audit_sealed', unique: false },
      { name: 'audit_unsealed', unique: false },
      { name: 'background_responses_open', unique: false },
      { name: 'batch_lines_pending', unique: false },
      { name: 'batch_lines_running', unique: false },
      { name: 'batch_runs_alone', unique: true },
      { name: 'batches_open', unique: false },
      { name: 'batches_uncleared', unique: false },
      { name: 'budget_slices_of_journal', unique: false },
      { name: 'budget_slices_of_period', unique: false },
      { name: 'budgets_once_a_subject', unique: true },
      { name: 'chunks_search_words_idx', unique: false },
      { name: 'chunks_without_search_words', unique: false },
      { name: 'endpoints_one_default', unique: true },
      { name: 'files_expiring', unique: false },
      { name: 'files_of_tenant', unique: false },
      { name: 'files_unfinished', unique: false },
      { name: 'fine_tuning_jobs_open', unique: false },
      { name: 'ingestions_batch', unique: false },
      { name: 'ingestions_leaving', unique: false },
      { name: 'ingestions_unfinished', unique: false },
      { name: 'ingestions_unmoved', unique: false },
      { name: 'installation_one', unique: true },
      { name: 'operator_audit_sealed', unique: false },
      { name: 'operator_audit_unsealed', unique: false },
      { name: 'passage_vectors_text_hash', unique: false },
      { name: 'request_log_error_codes', unique: false },
      { name: 'request_log_statuses', unique: false },
      { name: 'runbook_runs_ended', unique: false },
      { name: 'runbook_runs_open', unique: false },
      { name: 'runbook_runs_passed', unique: false },
      { name: 'uploads_open', unique: false },
      { name: 'vector_stores_expiring', unique: false },
      { name: 'vector_stores_leaving', unique: false },
    ]);
  });

  it('a second run of the migrations changes nothing', async () => {
    expect(await migrate(database.url)).toEqual({ applied: [] });
  });

  it('an overlap of more than half a passage becomes what was done with it, and no other dataset changes', async () => {
    const { url, drop } = await createMigratedDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`
        drop table webhook_former_secrets;
        delete from _prisma_migrations where migration_name = '20261120000300_webhook_secret_overlap';
        insert into tenants (id, slug, name) values ('ten_1', 'one', 'One');
        insert into connections (tenant_id, id, name, base_url) values ('ten_1', 'con_1', 'main', 'http://a.example');
        insert into datasets (tenant_id, id, alias, connection_id, model, chunk_tokens, overlap_tokens)
          select 'ten_1', alias, alias, 'con_1', 'm', chunk, overlap
            from (values ('half', 64, 32), ('odd', 65, 64), ('wide', 64, 33)) as old (alias, chunk, overlap)`);
      expect(await migrate(url)).toEqual({ applied: ['20261120000300_webhook_secret_overlap'] });
      const { rows } = await client.query('select alias, overlap_tokens from datasets order by alias');
      expect(rows.map(({ alias, overlap_tokens: overlap }) => [alias, overlap])).toEqual([
        ['half', 32],
        ['odd', 32],
        ['wide', 32],
      ]);
    } finally {
      await client.end();
      await drop();
    }
  });

  it('are applied while processes hold what they need, also across one another', async () => {
    const { url, drop } = await createMigratedDatabase();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    try {
      const name = '20261128000502_state_checks_validated';
      await other.query('delete from _prisma_migrations where migration_name = $1', [name]);
      await other.query('begin; lock table webhook_deliveries in access exclusive mode');
      const migrated = migrate(url);
      const waiting = `select from pg_stat_activity where application_name = 'gt-migrate' and wait_event_type = 'Lock' and datname = $1`;
      const named = [new URL(url).pathname.slice(1)];
      await until('the migration waits', async () => (await pool.query(waiting, named)).rowCount === 1);
      // Postgres ends one of the two; when it is the migration, that begins anew.
      await other.query('lock table tenants in access exclusive mode').catch(() => undefined);
      await other.query('rollback');
      expect(await migrated).toEqual({ applied: [name] });
    } finally {
      await other.end();
      await drop();
    }
  });

  it('two starters at once migrate once', async () => {
    const empty = await createTestDatabase();
    const runs = await Promise.all([migrate(empty.url), migrate(empty.url)]);
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([
      0,
      (await pool.query('select from _prisma_migrations')).rowCount,
    ]);
    await empty.drop();
  });

  it('a migration whose text was changed after it had been applied stops the start', async () => {
    await pool.query(`update _prisma_migrations set checksum = 'changed' where migration_name like '20261120000000%'`);
    await expect(migrate(database.url)).rejects.toThrow('was changed after it had been applied');
    await pool.query(`delete from _prisma_migrations where checksum = 'changed'`);
  });
});

describe('isolation check', () => {
  it('passes on the migrated database', async () => {
    await expect(checkIsolation({ pool })).resolves.toBeUndefined();
  });

  it('refuses a table whose row-level security is not forced', async () => {
    await pool.query('alter table connections no force row level security');
    await expect(checkIsolation({ pool })).rejects.toThrow('The table connections has no forced row-level security.');
    await pool.query('alter table connections force row level security');
  });

  it('refuses a policy that shows rows without a tenant', async () => {
    await pool.query(`insert into tenants (id, slug, name) values ('ten_x', 'x', 'x')`);
    await pool.query('create policy leak on tenants to gt_app using (true)');
    await expect(checkIsolation({ pool })).rejects.toThrow('Without a tenant, rows of the table tenants can be seen.');
    await pool.query('drop policy leak on tenants');
    await expect(checkIsolation({ pool })).resolves.toBeUndefined();
  });

  it('refuses a role that may bypass the policies', async () => {
    const { rows } = await pool.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind = 'r' and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')`,
    );
    expect(rows.length).toBeGreaterThan(15);
    for (const { name } of rows.filter((row) => row.name !== 'change_feed')) {
      const client = await pool.connect();
      await client.query(`begin; set local role gt_app; select set_config('gt.tenant_id', 'ten_other', true)`);
      const seen = await client.query(`select from "${name}"`);
      await client.query('rollback');
      client.release();
      expect(seen.rowCount).toBe(0);
    }
  });
});
