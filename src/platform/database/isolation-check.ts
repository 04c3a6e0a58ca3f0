import type { ConnectionPool } from './connection-pool.js';

/** Row-level security does not hold in this database. Start-up prints the message and ends. */
export class IsolationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IsolationError';
  }
}

interface ProtectedTable {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
}

const platformTables = ['change_feed'];

/**
 * Proves at every start that a forgotten filter shows nothing: each table with a tenant_id (and `tenants`) has forced
 * row-level security, the role gt_app cannot bypass it, and a probe without a tenant sees no row of any of them.
 * @throws IsolationError naming the table.
 */
export async function checkIsolation({ pool }: Pick<ConnectionPool, 'pool'>): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows: roles } = await client.query<{ bypasses: boolean }>(
      `select rolsuper or rolbypassrls as bypasses from pg_roles where rolname = 'gt_app'`,
    );
    if (roles[0] === undefined || roles[0].bypasses) {
      throw new IsolationError(
        'The database role gt_app is missing or may bypass row-level security. Run: npx --no -- gt migrate',
      );
    }
    const { rows: tables } = await client.query<ProtectedTable>(
      `select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> all ($1)
          and (c.relname = 'tenants' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))`,
      [platformTables],
    );
    await client.query(`begin; set local role gt_app`);
    for (const table of tables) {
      if (!table.enabled || !table.forced) throw new IsolationError(`The table ${table.name} has no forced row-level security.`);
      const { rows } = await client.query<{ seen: boolean }>(`select exists (select from "${table.name}") as seen`);
      if (rows[0]?.seen !== false) throw new IsolationError(`Without a tenant, rows of the table ${table.name} can be seen.`);
    }
  } finally {
    await client.query('rollback').catch(() => undefined);
    client.release();
  }
}
