import { z } from 'zod';
import { adminListQuery } from './lists.js';
import { objectName, slug } from './names.js';

/** The model that turns a dataset's passages into vectors, on a connection of the tenant (its name). */
export const datasetEmbedding = z.strictObject({ connection: objectName, model: z.string().min(1).max(256) });

const chunkTokens = z.number().int().min(32).max(8192);
const overlapTokens = z.number().int().min(0).max(4096);

export const createDatasetRequest = z.strictObject({
  tenant: z.string().min(1).max(128).optional(),
  alias: slug,
  name: z.string().trim().max(200).default(''),
  embedding: datasetEmbedding,
  chunk_tokens: chunkTokens.default(512),
  overlap_tokens: overlapTokens.default(64),
});

export type CreateDatasetRequest = z.infer<typeof createDatasetRequest>;

export const updateDatasetRequest = z.strictObject({
  tenant: z.string().min(1).max(128).optional(),
  alias: slug.optional(),
  name: z.string().trim().max(200).optional(),
  embedding: datasetEmbedding.optional(),
  chunk_tokens: chunkTokens.optional(),
  overlap_tokens: overlapTokens.optional(),
});

export type UpdateDatasetRequest = z.infer<typeof updateDatasetRequest>;

export const listDatasetsQuery = adminListQuery.extend({
  alias: z.string().max(128).optional(),
  name: z.string().max(200).optional(),
});

export type ListDatasetsQuery = z.infer<typeof listDatasetsQuery>;

/** A dataset as the admin plane shows it. */
export const datasetObject = z.object({
  object: z.literal('dataset'),
  id: z.string(),
  tenant: z.string(),
  alias: z.string(),
  name: z.string(),
  embedding: z.object({ connection: z.string(), model: z.string() }),
  chunk_tokens: z.number().int(),
  overlap_tokens: z.number().int(),
  created_at: z.number().int(),
});

export type DatasetObject = z.infer<typeof datasetObject>;
