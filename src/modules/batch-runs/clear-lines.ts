import type { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { BatchLinesRepository } from '../batches/batch-lines.repository.js';
import type { BatchPlace } from '../batches/batch-record.js';

const mostAtOnce = 1_000;

/** Removes all requests of a batch, in commits that hold up nobody. */
export async function clearLines(database: TenantDatabase, lines: BatchLinesRepository, place: BatchPlace): Promise<void> {
  for (let removed = mostAtOnce; removed === mostAtOnce;)
    removed = await database.run(place.tenantId, (tx) => lines.remove(tx, place, mostAtOnce));
}
