import pg from 'pg';

/**
 * One connection beside the pool, which is made when it is first used: however busy the others are, what is asked over it is asked at
 * once. One that breaks is replaced by the next query; whoever waits hears of it there.
 * @param name as Postgres shows it. @param patienceMs for a connection, and for an answer.
 */
export function ownConnection(databaseUrl: string, name: string, patienceMs: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    idleTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: name,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
