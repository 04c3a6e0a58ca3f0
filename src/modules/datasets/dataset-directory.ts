import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import type { Dataset } from '../../platform/database/generated/client.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { KeyDatasetsRepository } from './key-datasets.repository.js';

/** A dataset as far as it decides on where a file may go. */
export type DatasetName = Readonly<Pick<Dataset, 'tenantId' | 'id' | 'alias'>>;

/** Which datasets ids and aliases stand for, kept in memory and current to within the change feed. */
@Injectable()
export class DatasetDirectory {
  private readonly known: LiveCache<DatasetName>;

  constructor(
    private readonly database: TenantDatabase,
    private readonly datasets: KeyDatasetsRepository,
    feed: ChangeFeed,
    config: Config,
  ) {
    this.known = new LiveCache<DatasetName>(feed, {
      load: (place) => this.load(place),
      tenantOf: (_place, { tenantId }) => tenantId,
      touches: (change, _place, { id }) => change.kind === 'datasets' && change.ref === id,
      creates: (change) => change.kind === 'datasets',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** The dataset of this id or alias; undefined when the tenant has none. @throws AppError overloaded when it cannot be read. */
  async find(tenantId: string, reference: string): Promise<DatasetName | undefined> {
    return this.known.get(`${tenantId}/${reference}`);
  }

  private async load(place: string): Promise<DatasetName | undefined> {
    const at = place.indexOf('/');
    const tenantId = place.slice(0, at);
    const dataset = await this.database.run(tenantId, (tx) => this.datasets.find(tx, tenantId, place.slice(at + 1)));
    return dataset === null ? undefined : { tenantId, id: dataset.id, alias: dataset.alias };
  }
}
