import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { inDeletionOrder, type OwnedTable } from './deletion-order.js';

/** A table of the database, as its own catalogue says. */
export interface FoundTable extends OwnedTable {
  /** Its rows have a tenant. */
  readonly owned: boolean;
  readonly readable: boolean;
  readonly deletable: boolean;
  readonly partitioned: boolean;
  readonly bytes: number;
}

/** A value that names the tenant, and how rows are found by it. */
export type Search = 'tenant_id' | 'id in the text' | 'slug as a word';

const batchRows = 2_000;
/** Rows of partitions have no address of their own, so that each batch looks at all rows of the tenant. */
const partitionedRows = 20_000;
const deleteMs = 300_000;
/** Rows beyond these are not counted. */
const mostCounted = 1_000;

/** Partitions are read by way of their table. */
const catalogue = `
  select c.oid::regclass::text as name, c.relkind = 'p' as partitioned,
         exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.atttypid = 'text'::regtype) as owned,
         has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable,
         has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'delete') as deletable,
         (pg_relation_size(c.oid) + coalesce((select sum(pg_relation_size(t.relid)) from pg_partition_tree(c.oid) t), 0))::float8 as bytes,
         array(select distinct f.confrelid::regclass::text from pg_constraint f
                where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as references
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
   order by 1`;

const rowsOf = ({ name, partitioned }: FoundTable): string =>
  partitioned
    ? `(tableoid, ctid) in (select tableoid, ctid from ${name} where tenant_id = $1 limit ${partitionedRows})`
    : `ctid = any (array(select ctid from ${name} where tenant_id = $1 limit ${batchRows}))`;

/** Bytes stand in the text of a row as hexadecimal digits. */
const searches: Readonly<Record<Search, string>> = {
  tenant_id: 't.tenant_id = $1',
  'id in the text': `strpos(t::text, $1) > 0 or strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`,
  'slug as a word': `t::text ~ ('(?<![a-z0-9-])' || $1 || '(?![a-z0-9-])')`,
};

/** Deletes and finds all rows of a tenant, in whichever table: what tables there are says the database itself. */
@Injectable()
export class TenantRowsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async tables(): Promise<readonly FoundTable[]> {
    return this.database.runSql(async (client) => (await client.query<FoundTable>(catalogue)).rows);
  }

  /**
   * Deletes all rows of a tenant in batches, then the tenant with what was written meanwhile, then what no tenant holds.
   * Several at once do no harm. @param but tables that keep their rows.
   */
  async deleteAll(tenantId: string, but: readonly string[], signal: AbortSignal): Promise<void> {
    const tables = (await this.tables()).filter(({ name, owned, deletable }) => owned && deletable && !but.includes(name));
    for (const table of inDeletionOrder(tables)) await this.deleteRows(table, tenantId, signal);
    signal.throwIfAborted();
    await this.database.run(async (transaction) => transaction.$executeRaw`delete from tenants where id = ${tenantId}`, deleteMs);
    for (const table of tables) await this.deleteRows(table, tenantId, signal);
  }

  /** How many rows of a table are found, at most 1,000. @param value the id of the tenant, or its slug. */
  async count({ name }: FoundTable, search: Search, value: string): Promise<number> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int as count from (select from ${name} t where ${searches[search]} limit ${mostCounted}) found`,
        [value],
      );
      return rows[0]?.count ?? 0;
    });
  }

  private async deleteRows(table: FoundTable, tenantId: string, signal: AbortSignal): Promise<void> {
    for (let deleted = 1; deleted > 0;) {
      signal.throwIfAborted();
      deleted = await this.database.runSql(
        async (client) => (await client.query(`delete from ${table.name} where ${rowsOf(table)}`, [tenantId])).rowCount ?? 0,
      );
    }
  }
}
