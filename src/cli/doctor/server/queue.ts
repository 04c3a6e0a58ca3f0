import { inTime } from '../../../kernel/in-time.js';
import type { ConnectionPool } from '../../../platform/database/connection-pool.js';
import type { PlatformDatabase } from '../../../platform/database/platform-database.js';
import { found, well, type Check } from '../check.js';

const limitMs = 5_000;
/** A worker looks for waiting files every few seconds; so long none waits while one is there and has a place. */
const standsMs = 120_000;

/** Whether jobs can be put into the queue, and whether somebody takes them. */
export async function checkQueue(
  redisUrl: string | undefined,
  url: string,
  pool: ConnectionPool['pool'],
  database: PlatformDatabase,
): Promise<Check[]> {
  const { RedisBackend } = await import('../../../platform/queue/redis-backend.js');
  const { PostgresBackend } = await import('../../../platform/queue/postgres-backend.js');
  const backend = redisUrl === undefined ? new PostgresBackend(url, pool) : new RedisBackend(redisUrl);
  const place = redisUrl === undefined ? 'in the database' : 'in Redis';
  try {
    await inTime(backend.ping(), limitMs, 'The job queue');
  } catch (error) {
    return [found('queue', 'queue-away', `It is ${place} (${(error as Error).message}).`)];
  } finally {
    await backend.close();
  }
  const { FileSweepRepository } = await import('../../../modules/files/ingestion/file-sweep.repository.js');
  const { waiting, running, oldestWaitingMs } = await new FileSweepRepository(database).queueState();
  if (running === 0 && oldestWaitingMs !== null && oldestWaitingMs > standsMs)
    return [found('queue', 'queue-stands', `${waiting} files wait, the oldest for ${Math.round(oldestWaitingMs / 1000)} s.`)];
  return [well('queue', `it is ${place}; ${waiting} files wait, ${running} are worked on.`)];
}
