import { newId } from '../../../kernel/ids.js';
import { ConnectionPool } from '../../../platform/database/connection-pool.js';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import { createStore } from '../../../platform/storage/storage.module.js';
import type { StorageSettings } from '../../../platform/storage/storage-settings.js';
import { InstallationRepository, type Installation } from './installation.repository.js';

/** The installation whose objects were taken over, and whose they were before: its own database's when nothing changed. */
export interface Adoption extends Installation {
  readonly before: string;
}

/**
 * Gives the objects under this database's installation to this database, whoever has claimed them, and writes that into
 * the operators' audit. The other database's platform must have ended before: both would sweep.
 */
export async function adoptStorage(databaseUrl: string, settings: StorageSettings): Promise<Adoption> {
  const connections = new ConnectionPool({ DATABASE_URL: databaseUrl, GT_DATABASE_POOL: 2 });
  const store = await createStore(settings);
  try {
    const database = new PlatformDatabase(connections);
    const own = await new InstallationRepository(database).read();
    const before = await store.claim(own.id, own.database);
    if (before === own.database) return { ...own, before };
    await store.reclaim(own.id, own.database);
    const entry = { actor: 'command line', action: 'adopt', kind: 'storage', objectId: own.id, requestId: '' };
    const values = { changes: { database: own.database }, before: { database: before } };
    await database.run((tx) => tx.operatorAudit.create({ data: { id: newId('audit'), ...entry, ...values } }));
    return { ...own, before };
  } finally {
    await store.close();
    await connections.close();
  }
}
