import { databaseFault } from '../../database-access.js';
import { found, type Check } from '../check.js';
import { checkConnections } from './connections.js';
import { checkDatabase } from './database.js';
import { dataFolderCheck, nodeCheck, settingsCheck, type Environment } from './machine.js';
import { platformPlaces } from './platform.js';
import { checkQueue } from './queue.js';
import { checkRequestLog } from './request-log.js';
import { checkSandbox } from './sandbox.js';
import { checkStorage } from './storage.js';
import type { Config } from '../../../config/load-config.js';

/** Looks at the platform from its own machine, with the settings of its processes. */
export async function examineServer(env: Environment): Promise<Check[]> {
  const { check, config } = settingsCheck(env);
  const { checks, url } = await checkDatabase(env);
  const first = [nodeCheck(process.versions.node), check, dataFolderCheck(env), ...checks];
  if (url === undefined || config === undefined) return first;
  return [...first, ...(await parts(env, config, url))];
}

/** What needs a database that is well. */
async function parts(env: Environment, config: Config, url: string): Promise<Check[]> {
  const { ConnectionPool } = await import('../../../platform/database/connection-pool.js');
  const { PlatformDatabase } = await import('../../../platform/database/platform-database.js');
  const connections = new ConnectionPool({ DATABASE_URL: url, GT_DATABASE_POOL: 2 });
  const database = new PlatformDatabase(connections);
  const places = platformPlaces(env, config);
  try {
    return [
      ...(await checkQueue(places.redisUrl, url, connections.pool, database)),
      await checkStorage(config, database),
      await checkRequestLog(database, config.GT_REQUEST_LOG_DAYS),
      ...(places.sandboxUrl === null ? [] : [await checkSandbox(places.sandboxUrl)]),
      ...(await checkConnections(places, connections, database)),
    ];
  } catch (error) {
    return [found('database', 'database-away', databaseFault(error))];
  } finally {
    await connections.close();
  }
}
