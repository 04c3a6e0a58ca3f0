import pg from 'pg';
import type { TenantDatabase } from '../../database/tenant-database.js';

/** Runs statements, each with its parameters, on one connection. */
export interface SqlSession {
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** What the driver needs of the database. */
export interface PgvectorDatabase {
  /** In one transaction that sees this tenant's rows alone. */
  inTenant<T>(tenantId: string, work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** On a connection of its own, as the database's own user and outside a transaction. */
  asOwner<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** Breaks off what `asOwner` runs. */
  close(): Promise<void>;
}

/** The same over the process's settings and connections. */
export function pgvectorDatabase(tenants: TenantDatabase, databaseUrl: string): PgvectorDatabase {
  const owners = new Set<pg.Client>();
  return {
    inTenant: (tenantId, work) =>
      tenants.run(tenantId, (transaction) =>
        work({ query: (text, values = []) => transaction.$queryRawUnsafe(text, ...values) }),
      ),
    asOwner: async (work) => {
      const client = new pg.Client({
        connectionString: databaseUrl,
        application_name: 'gt-vectors',
        connectionTimeoutMillis: 5_000,
      });
      client.on('error', () => undefined);
      await client.connect();
      owners.add(client);
      try {
        return await work({ query: async (text, values = []) => (await client.query(text, [...values])).rows });
      } finally {
        owners.delete(client);
        await client.end();
      }
    },
    close: async () => {
      await Promise.all([...owners].map((client) => client.end()));
    },
  };
}
