import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ExportTablesRepository, type ExportedTable } from '../../src/modules/tenant-data/export-tables.repository.js';
import { leftOutColumns, leftOutTables } from '../../src/modules/tenant-data/left-out.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase } from '../support/app.js';
import { Factory, type SeededTenant } from '../support/platform.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let pool: pg.Pool;
let connections: ConnectionPool;
let tables: ExportTablesRepository;
let factory: Factory;
let tenant: SeededTenant;

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
  tables = new ExportTablesRepository(new TenantDatabase(connections));
  factory = new Factory(database.url);
  tenant = await factory.tenant('acme', 'http://127.0.0.1:1/v1');
  await factory.tenant('other', 'http://127.0.0.1:1/v1');
});
afterAll(async () => {
  await factory.close();
  await connections.close();
  await pool.end();
  await database.drop();
});

interface FoundColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** Columns of all tables whose rows have a tenant. */
async function columns(): Promise<FoundColumn[]> {
  const { rows } = await pool.query<FoundColumn>(`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
       and (c.relname = 'tenants' or exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id'))`);
  return rows;
}

/** Names that sound like secrets and are none. */
const harmless = [
  'audit.hash',
  'approvals.body_sha256',
  'audit_chains.hash',
  'audit_chains.sealed_at',
  'batches.completed',
  'files.sha256',
  'runbook_runs.sha256',
];

describe('an export of a tenant', () => {
  it('has every table whose rows have a tenant, but for those that are named with a reason', async () => {
    const all = [...new Set((await columns()).map(({ table }) => table))];
    const exported = (await tables.tables(tenant.id)).map(({ name }) => name);
    expect([...exported, ...Object.keys(leftOutTables)].sort()).toEqual(all.sort());
  });

  it('leaves out columns that there are, and has all others', async () => {
    const all = await columns();
    for (const [table, names] of Object.entries(leftOutColumns))
      for (const column of Object.keys(names)) expect(all).toContainEqual(expect.objectContaining({ table, column }));
    for (const { name, columns: chosen } of await tables.tables(tenant.id)) {
      const left = Object.keys(leftOutColumns[name] ?? {});
      expect([...chosen, ...left].sort()).toEqual(
        all
          .filter(({ table }) => table === name)
          .map(({ column }) => column)
          .sort(),
      );
    }
  });

  it('has no column that could hold a secret', async () => {
    const exported = await tables.tables(tenant.id);
    const suspicious = (await columns()).filter(
      ({ table, column, type }) =>
        exported.some(({ name, columns: chosen }) => name === table && chosen.includes(column)) &&
        (type === 'bytea' || /secret|password|hash|(^|_)tokens?$|recovery|cipher|sealed/.test(column)) &&
        // Numbers of tokens of a model.
        !['integer', 'bigint'].includes(type),
    );
    expect(suspicious.map(({ table, column }) => `${table}.${column}`).filter((name) => !harmless.includes(name))).toEqual([]);
  });

  it('has each row once and in pages that are small, however many and however large rows are', async () => {
    await pool.query(
      `insert into budget_periods (tenant_id, budget_id, starts_at, ends_at)
       select $1, 'bud_' || (n % 7), '2026-01-01'::timestamptz + n * interval '1 minute', '2030-01-01' from generate_series(1, 1203) n`,
      [tenant.id],
    );
    await pool.query(
      `insert into audit (tenant_id, id, request_id, actor, actor_role, action, kind, object_id, changes)
       select $1, 'aud_large' || n, 'req_x', 'x', 'owner', 'update', 'tenant', $1, jsonb_build_object('text', repeat('x', 700000)) from generate_series(1, 5) n`,
      [tenant.id],
    );
    const all = await tables.tables(tenant.id);
    const read = async (name: string): Promise<string[][]> => {
      const table = all.find((one) => one.name === name) as ExportedTable;
      const pages: string[][] = [];
      for (let after: readonly string[] | undefined, isOver = false; !isOver; isOver = after === undefined) {
        const page = await tables.page(tenant.id, table, after);
        pages.push(page.text.split('\n').slice(0, -1));
        expect(page.count).toBe(pages.at(-1)?.length);
        expect(page.text.length).toBeLessThan(2 * 1024 * 1024);
        ({ after } = page);
      }
      return pages;
    };
    const periods = (await read('budget_periods')).flat();
    expect([periods.length, new Set(periods).size]).toEqual([1_203, 1_203]);
    const audit = await read('audit');
    expect(audit.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(new Set(audit.flat().map((row) => (JSON.parse(row) as { id: string }).id)).size).toBe(5);
    expect((await read('tenants')).flat().map((row) => JSON.parse(row) as object)).toEqual([
      expect.objectContaining({ slug: 'acme' }),
    ]);
  });
});
