/** As whom statements run: one tenant, all tenants, either by what the transaction names, or the login role itself. */
export type DatabaseRole = 'gt_app' | 'gt_platform' | 'gt_app or gt_platform' | 'login';

/** One file that holds or uses a connection to the database. */
interface ConnectionUse {
  readonly as: DatabaseRole;
  readonly why: string;
}

/**
 * The files that may hold a connection to the database or a type of its driver, besides those of `platform-repositories.ts`,
 * and as whom they run there. What runs as the login role reads no tenant's row: most logins own the tables, and a
 * superuser's sight no policy limits. The architecture test refuses any other file and any line here that is not needed.
 */
export const databaseConnections: Readonly<Record<string, ConnectionUse>> = {
  'platform/database/connection-pool.ts': { as: 'gt_app or gt_platform', why: 'The pool; the two databases choose the role.' },
  'platform/database/database.module.ts': { as: 'gt_app or gt_platform', why: "Makes the process's pool and closes it." },
  'platform/database/tenant-database.ts': { as: 'gt_app', why: 'Each transaction names its tenant.' },
  'platform/database/own-connection.ts': { as: 'login', why: 'Makes connections; who uses one takes its role.' },
  'platform/database/platform-database.ts': { as: 'gt_platform', why: 'Each transaction takes the role.' },
  'platform/database/feed-connection.ts': { as: 'gt_platform', why: 'Changes of all tenants, on a connection of its own.' },
  'platform/database/isolation-check.ts': { as: 'gt_app', why: 'Asks without a tenant and must see nothing.' },
  'platform/database/database-reach.ts': { as: 'login', why: 'Connects, and asks nothing.' },
  'platform/database/migrate.ts': { as: 'login', why: 'Makes the tables, which belong to the login role.' },
  'platform/embedded-postgres/embedded-postgres.ts': { as: 'login', why: 'Makes the database before it has any table.' },
  'platform/queue/queue.module.ts': { as: 'login', why: "Hands the process's pool to the queue's look at its schema." },
  'platform/queue/postgres-backend.ts': { as: 'login', why: "BullMQ's own schema belongs to the login role." },
  'platform/budgets/budget-store.ts': { as: 'gt_platform', why: 'Each exchange takes the role; it sees budgets alone.' },
  'platform/limits/postgres-limit-store.ts': { as: 'gt_platform', why: 'Each exchange takes the role; it sees limits alone.' },
  'platform/vectors/memory/memory-searcher.ts': { as: 'gt_app', why: 'Its pool; the chunk source names the tenant.' },
  'platform/vectors/memory/blocks.ts': { as: 'gt_app', why: 'Reads targets through the chunk source.' },
  'platform/vectors/memory/chunk-source.ts': { as: 'gt_app', why: 'Each transaction names its tenant.' },
  'platform/vectors/memory/copy-out.ts': { as: 'gt_app', why: "Copies within the chunk source's transaction." },
  'platform/vectors/pgvector/pgvector-database.ts': { as: 'login', why: 'Builds tables and indexes; searches name a tenant.' },
  'modules/system/database-readiness.ts': { as: 'login', why: 'Asks `select 1` and which migrations were applied.' },
  'modules/system/isolation-gate.ts': { as: 'gt_app', why: 'Runs the isolation check at the start.' },
};
