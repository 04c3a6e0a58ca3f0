import { Injectable } from '@nestjs/common';
import { decideDataset } from '../../catalog/decide.js';
import type { KeyFacts } from '../../catalog/facts.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import type { Dataset } from '../../platform/database/generated/client.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { DatasetDirectory, type DatasetName } from './dataset-directory.js';
import { KeyDatasetsRepository, type CountedDataset } from './key-datasets.repository.js';

/** More targets than anybody would choose from. */
const mostTargets = 1_000;

/** Datasets as keys see them: those of their allowlist. */
@Injectable()
export class KeyDatasetsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly datasets: KeyDatasetsRepository,
    private readonly directory: DatasetDirectory,
  ) {}

  /**
   * The dataset of this id or alias.
   * @throws AppError not_found when the tenant has none, target_not_allowed when the key may not use it.
   */
  async resolve(key: KeyFacts, reference: string): Promise<Dataset> {
    return allowed(key, await this.database.run(key.tenantId, (tx) => this.datasets.find(tx, key.tenantId, reference)));
  }

  /** The same from this process's memory, for who finds out anyhow when the dataset is gone. @throws AppError as `resolve`, overloaded. */
  async recall(key: KeyFacts, reference: string): Promise<DatasetName> {
    return allowed(key, await this.directory.find(key.tenantId, reference));
  }

  /** @throws AppError as `resolve` does. */
  async get(key: KeyFacts, reference: string): Promise<CountedDataset> {
    const dataset = await this.resolve(key, reference);
    const [counted] = await this.database.run(key.tenantId, (tx) => this.datasets.withCounts(tx, key.tenantId, [dataset]));
    return counted ?? { ...dataset, counts: { total: 0, ready: 0, failed: 0 } };
  }

  async list({ tenantId, datasets }: KeyFacts, query: ListQuery): Promise<RowPage<CountedDataset>> {
    return this.database.run(tenantId, async (tx) => {
      const { rows, hasMore } = await this.datasets.list(tx, tenantId, datasets, query);
      return { rows: await this.datasets.withCounts(tx, tenantId, rows), hasMore };
    });
  }

  /** Where the key may upload: nothing without the scope for it. */
  async targets({ tenantId, datasets, effectiveScopes }: KeyFacts): Promise<Dataset[]> {
    if (!effectiveScopes.has('datasets:write')) return [];
    return this.database.run(tenantId, (tx) => this.datasets.allowed(tx, tenantId, datasets, mostTargets));
  }
}

function allowed<D extends DatasetName>(key: KeyFacts, dataset: D | null | undefined): D {
  if (dataset == null) throw new AppError('not_found', { param: 'dataset_id', message: 'No such dataset.' });
  const refused = decideDataset(key, dataset);
  if (refused === undefined) return dataset;
  throw new AppError(refused.code, { param: 'dataset_id', message: 'This API key may not use this dataset.' });
}
