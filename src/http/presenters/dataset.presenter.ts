import type { DatasetObject } from '../../contracts/datasets.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { DatasetRecord } from '../../modules/datasets/dataset-record.js';

/** A dataset with its settings, as the admin plane shows it. */
export function presentDataset(dataset: DatasetRecord): DatasetObject {
  return {
    object: 'dataset',
    id: dataset.id,
    tenant: dataset.tenant.slug,
    alias: dataset.alias,
    name: dataset.name,
    embedding: { connection: dataset.connection.name, model: dataset.model },
    chunk_tokens: dataset.chunkTokens,
    overlap_tokens: dataset.overlapTokens,
    hidden_sheets: dataset.hiddenSheets,
    ocr_languages: dataset.ocrLanguages,
    recall: dataset.recall && {
      at: toUnixSeconds(dataset.recall.at),
      value: dataset.recall.value,
      sampled: dataset.recall.sampled,
    },
    created_at: toUnixSeconds(dataset.createdAt),
  };
}
