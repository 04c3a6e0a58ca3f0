import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { ObjectStore } from '../../../platform/storage/object-store.js';
import type { StorageSettings } from '../../../platform/storage/storage-settings.js';
import { found, skipped, well, type Check } from '../check.js';

const check = 'storage';

/** Whether the storage takes files, and whose they are. Makes nothing that is not there. */
export async function checkStorage(settings: StorageSettings, database: PlatformDatabase): Promise<Check> {
  const isLocal = settings.GT_STORAGE === 'local';
  if (isLocal && !existsSync(join(settings.GT_DATA_DIR, 'files')))
    return skipped(check, 'There is no folder of files yet: the first start makes it.');
  const { createStore } = await import('../../../platform/storage/storage.module.js');
  const store = await createStore(settings);
  try {
    await store.ping();
    return await ownership(store, isLocal ? 'the data folder' : `the bucket ${settings.GT_S3_BUCKET}`, database);
  } catch (error) {
    return found(check, 'storage-away', `(${reasonOf(error)})`);
  } finally {
    await store.close();
  }
}

async function ownership(store: ObjectStore, place: string, database: PlatformDatabase): Promise<Check> {
  const { InstallationRepository } = await import('../../../modules/files/intake/installation.repository.js');
  const own = await new InstallationRepository(database).read();
  const owner = await store.owner(own.id);
  if (owner !== null && owner !== own.database)
    return found(check, 'storage-claimed', `They are under ${own.id}, of ${owner}; this database is ${own.database}.`);
  return well(check, `${place} takes files.`);
}

/** The storage's own error says what went wrong by its cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const { name, code, message } = (cause ?? error) as { name?: unknown; code?: unknown; message?: unknown };
  return [code ?? name, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
}
