import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { RecallSample } from '../../platform/vectors/vector-search.js';

/** A dataset that is large enough to be searched by signs or an index, and the kind of its vectors. */
export interface LargeDataset {
  readonly tenantId: string;
  readonly datasetId: string;
  readonly model: string;
  readonly dimensions: number;
}

/** Those that were never measured come first, then those of the longest ago. */
const due = `
  select l.tenant_id as "tenantId", l.dataset_id as "datasetId", v.embedding_model as model, v.dimensions
    from (select i.tenant_id, i.dataset_id from ingestions i where i.dataset_id is not null and i.state <> 'failed'
           group by 1, 2 having sum(i.passages) >= $1) l
    left join dataset_recalls r on r.tenant_id = l.tenant_id and r.dataset_id = l.dataset_id,
         lateral (select embedding_model, dimensions from passage_vectors p
                   where p.tenant_id = l.tenant_id and p.dataset_id = l.dataset_id limit 1) v
   where r.at is null or r.at < now() - make_interval(hours => $2)
   order by r.at nulls first limit $3`;

const keep = `
  insert into dataset_recalls (tenant_id, dataset_id, value, sampled)
  select tenant_id, id, $3, $4 from datasets where tenant_id = $1 and id = $2
  on conflict (tenant_id, dataset_id) do update set at = now(), value = excluded.value, sampled = excluded.sampled`;

const forget = `delete from dataset_recalls where tenant_id = $1 and dataset_id = $2`;

const ofAll = `select min(value) as lowest, avg(value) as mean from dataset_recalls`;

/** What was measured of the searches of large datasets, of all tenants. */
@Injectable()
export class RecallRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Up to `limit` datasets of so many passages that were not measured for so many hours. */
  async due(passages: number, hours: number, limit: number): Promise<LargeDataset[]> {
    return this.database.runSql(async (client) => (await client.query<LargeDataset>(due, [passages, hours, limit])).rows);
  }

  /** The lowest recall that was measured last and the mean, over all datasets; both null where none was. */
  async summary(): Promise<{ readonly lowest: number | null; readonly mean: number | null }> {
    const { rows } = await this.database.runSql((client) => client.query<{ lowest: number | null; mean: number | null }>(ofAll));
    return rows[0] ?? { lowest: null, mean: null };
  }

  /** Keeps what was measured; null: the dataset is compared as a whole. */
  async keep({ tenantId, datasetId }: LargeDataset, recall: RecallSample | null): Promise<void> {
    await this.database.runSql((client) =>
      recall === null
        ? client.query(forget, [tenantId, datasetId])
        : client.query(keep, [tenantId, datasetId, recall.value, recall.sampled]),
    );
  }
}
