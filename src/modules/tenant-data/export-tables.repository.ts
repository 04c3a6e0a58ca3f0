import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { leftOutColumns, leftOutTables } from './left-out.js';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** A table with what an export has of it. */
export interface ExportedTable {
  readonly name: string;
  /** The column that says whose a row is. */
  readonly owner: string;
  readonly columns: readonly string[];
  /** The key, which orders the rows. */
  readonly key: readonly Column[];
}

/** Some rows as lines of JSON, and where to go on; undefined where there are no more. */
export interface ExportedRows {
  readonly text: string;
  readonly count: number;
  readonly after: readonly string[] | undefined;
}

const pageRows = 500;
/** A page has so many bytes, and at most one row more. */
const pageBytes = 1024 * 1024;

/** All tables whose rows have a tenant, and that of the tenants themselves. Partitions are read by way of their table. */
const catalogue = `
  select c.relname as name, case c.relname when 'tenants' then 'id' else 'tenant_id' end as owner,
         array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
         (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by k.place), '[]')
            from pg_index i, unnest(i.indkey) with ordinality k (number, place) join pg_attribute a on a.attnum = k.number
           where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid) as key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
     and (c.relname = 'tenants' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
   order by 1`;

/** Reads a tenant's rows of all tables that the database itself names, so that none can be forgotten. */
@Injectable()
export class ExportTablesRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** The tables of an export, without the columns that it leaves out. */
  async tables(tenantId: string): Promise<readonly ExportedTable[]> {
    const all = await this.database.runPlain(tenantId, (transaction) => transaction.query<ExportedTable>(catalogue, []));
    return all
      .filter(({ name }) => !Object.hasOwn(leftOutTables, name))
      .map((table) => ({
        ...table,
        columns: table.columns.filter((column) => leftOutColumns[table.name]?.[column] === undefined),
      }));
  }

  /** The next rows in the order of the key. @param after what the page before said; undefined for the first one. */
  async page(tenantId: string, table: ExportedTable, after: readonly string[] | undefined): Promise<ExportedRows> {
    const statement = pageOf(table, after !== undefined);
    const rows = await this.database.runPlain(tenantId, (transaction) =>
      transaction.query<{ row: string; key: string[]; is_last: boolean }>(statement, [tenantId, ...(after ?? [])]),
    );
    const last = rows.at(-1);
    return {
      text: rows.map(({ row }) => `${row}\n`).join(''),
      count: rows.length,
      after: last === undefined || last.is_last ? undefined : last.key,
    };
  }
}

/** Rows are measured where they are: those that would make a page too large stay there. */
function pageOf({ name, owner, columns, key }: ExportedTable, isLater: boolean): string {
  const names = key.map((column) => `t."${column.name}"`).join(', ');
  const values = key.map(({ type }, at) => `$${at + 2}::text::${type}`).join(', ');
  const texts = key.map((column) => `t."${column.name}"::text`).join(', ');
  return `
    with page as materialized (
      select row_to_json(chosen)::text as row, array[${texts}] as key, row_number() over (order by ${names}) as place
        from (select * from "${name}" where "${owner}" = $1${isLater ? ` and (${names.replaceAll('t.', '')}) > (${values})` : ''}
               order by ${names.replaceAll('t.', '')} limit ${pageRows}) t,
             lateral (select ${columns.map((column) => `t."${column}"`).join(', ')}) chosen),
    measured as (select *, sum(octet_length(row)) over (order by place) - octet_length(row) as before, count(*) over () as total from page)
    select row, key, total < ${pageRows} and place = total as is_last from measured where before < ${pageBytes} order by place`;
}
