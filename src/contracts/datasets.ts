import { z } from 'zod';
import { createdAt } from './times.js';
import { adminListQuery, tenantHint } from './lists.js';
import { objectName, slug } from './names.js';

/** The model that turns a dataset's passages into vectors, on a connection of the tenant (its name). */
export const datasetEmbedding = z
  .strictObject({
    connection: objectName.describe('The connection, by its name.'),
    model: z.string().min(1).max(256).describe('The model, as its provider names it.'),
  })
  .describe('The model that turns passages into vectors.');

export type DatasetEmbedding = z.infer<typeof datasetEmbedding>;

const chunkTokens = z.number().int().min(32).max(8192).describe('The length of a passage, in tokens.');
const overlapTokens = z
  .number()
  .int()
  .min(0)
  .max(4096)
  .describe('How many tokens two neighbouring passages share, at most half a passage.');

/** How a dataset's files are cut into passages, in tokens. */
interface PassageBounds {
  readonly chunk_tokens: number;
  readonly overlap_tokens: number;
}

/**
 * What is wrong with the overlap of two neighbours, as a continuation of its name; null when nothing is. With more than
 * half a passage repeated, each passage would stand in three.
 */
export function overlapFault({ chunk_tokens, overlap_tokens }: PassageBounds): string | null {
  const most = Math.floor(chunk_tokens / 2);
  return overlap_tokens <= most ? null : `must be at most ${most}, half of chunk_tokens (${chunk_tokens})`;
}

function refuseWideOverlap(bounds: PassageBounds, context: z.RefinementCtx): void {
  const fault = overlapFault(bounds);
  if (fault !== null) context.addIssue({ code: 'custom', path: ['overlap_tokens'], message: fault });
}

const datasetAlias = slug.describe('The short name by which keys and agents know the dataset, unique in the tenant.');
const datasetName = z.string().trim().max(200).describe('A name for people.');

const hiddenSheets = z
  .boolean()
  .describe('Whether hidden sheets of workbooks are read; by default they are not. A change makes all files be read again.');

const ocrLanguages = z
  .array(z.string().regex(/^[a-z]{3}(_[a-zA-Z]{2,10}){0,2}$/, 'must be a language as Tesseract names it, e.g. eng or chi_sim'))
  .max(4)
  .refine((languages) => new Set(languages).size === languages.length, 'must not name a language twice')
  .describe(
    'The languages in which the text of scanned PDF pages is recognized, as Tesseract names them, the most frequent one first; none: it is not. A change makes all files be read again.',
  );

const newDataset = z.strictObject({
  alias: datasetAlias,
  name: datasetName.default(''),
  embedding: datasetEmbedding,
  chunk_tokens: chunkTokens.default(512),
  overlap_tokens: overlapTokens.default(64),
  hidden_sheets: hiddenSheets.default(false),
  ocr_languages: ocrLanguages.default([]),
});

/** A dataset in the file of `gt apply`, where the tenant is named above it. */
export const datasetEntry = newDataset.superRefine(refuseWideOverlap);

export const createDatasetRequest = newDataset
  .extend({ tenant: z.string().min(1).max(128).optional().describe(tenantHint) })
  .superRefine(refuseWideOverlap)
  .describe('A dataset that is to be made.')
  .meta({ examples: [{ alias: 'handbook', embedding: { connection: 'main', model: 'text-embedding-3-small' } }] });

export type CreateDatasetRequest = z.infer<typeof createDatasetRequest>;

export const updateDatasetRequest = z
  .strictObject({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    alias: datasetAlias.optional(),
    name: datasetName.optional(),
    embedding: datasetEmbedding.optional(),
    chunk_tokens: chunkTokens.optional(),
    overlap_tokens: overlapTokens.optional(),
    hidden_sheets: hiddenSheets.optional(),
    ocr_languages: ocrLanguages.optional(),
  })
  .describe('What changes in a dataset. Absent fields stay as they are.')
  .meta({ examples: [{ name: 'The handbook' }] });

export type UpdateDatasetRequest = z.infer<typeof updateDatasetRequest>;

export const listDatasetsQuery = adminListQuery
  .extend({
    alias: z.string().max(128).optional().describe('Only the dataset of this alias.'),
    name: z.string().max(200).optional().describe('Only datasets of this name.'),
  })
  .describe('Which datasets a list shows.');

export type ListDatasetsQuery = z.infer<typeof listDatasetsQuery>;

/** A dataset as the admin plane shows it. */
export const datasetObject = z
  .object({
    object: z.literal('dataset'),
    id: z.string(),
    tenant: z.string(),
    alias: z.string(),
    name: z.string(),
    embedding: z.object({ connection: z.string(), model: z.string() }),
    chunk_tokens: z.number().int().describe('The length of a passage, in tokens.'),
    overlap_tokens: z.number().int().describe('How many tokens two neighbouring passages share.'),
    hidden_sheets: z.boolean().describe('Whether hidden sheets of workbooks are read.'),
    ocr_languages: z.array(z.string()).describe('The languages in which the text of scanned pages is recognized.'),
    recall: z
      .object({
        at: z.number().int().describe('When it was measured.'),
        value: z.number().describe('The part, from 0 to 1.'),
        sampled: z.number().int().describe('How many stored vectors were asked for.'),
      })
      .nullable()
      .describe(
        'Which part of the ten nearest passages a search by vectors finds; null while all are compared, or before it was measured.',
      ),
    created_at: createdAt,
  })
  .meta({ id: 'Dataset', description: 'A dataset: a collection of documents with the settings by which they are read.' });

export type DatasetObject = z.infer<typeof datasetObject>;

/** A dataset as keys see it: nothing of connections and models. */
export const keyDatasetObject = z
  .object({
    object: z.literal('dataset'),
    id: z.string(),
    alias: z.string(),
    name: z.string(),
    created_at: createdAt,
    file_counts: z.object({
      total: z.number().int(),
      in_progress: z.number().int(),
      ready: z.number().int(),
      failed: z.number().int(),
    }),
  })
  .meta({ id: 'KeyDataset', description: 'A dataset as keys see it, with the number of its files by state.' });

export type KeyDatasetObject = z.infer<typeof keyDatasetObject>;

/** Where a passage stands, as far as the format of its document tells. */
export const passageSource = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .describe('Where it stands in its document: page, page_end, slide, slide_end, sheet, heading.');

export type PassageSourceObject = z.infer<typeof passageSource>;

/** `POST /datasets/{id}/search`. */
export const searchDatasetRequest = z
  .strictObject({
    query: z.string().min(1).max(20_000).describe('What to look for, in words.'),
    limit: z.number().int().min(1).max(50).default(10).describe('How many passages to find at most.'),
  })
  .describe('A search for passages of a dataset.')
  .meta({ examples: [{ query: 'How long is the warranty?' }] });

/** The same on the admin plane, where operators name the tenant. */
export const adminSearchDatasetRequest = searchDatasetRequest
  .extend({ tenant: z.string().min(1).max(128).optional().describe(tenantHint) })
  .describe('A search for passages of a dataset.')
  .meta({ examples: [{ query: 'How long is the warranty?' }] });

/** A passage that was found, the best first. `score` orders the passages of one search and means nothing between them. */
export const passageObject = z
  .object({
    object: z.literal('passage'),
    file_id: z.string(),
    filename: z.string(),
    text: z.string(),
    score: z.number().describe('Orders the passages of one search; it means nothing between two searches.'),
    source: passageSource,
  })
  .describe('A passage that was found.');

export type PassageObject = z.infer<typeof passageObject>;

export const passageList = z
  .object({ object: z.literal('list'), data: z.array(passageObject) })
  .describe('Passages, the best first.');

/** `POST /datasets/{id}/reembed`: nothing but the tenant, for operators. */
export const reembedDatasetRequest = z
  .strictObject({ tenant: z.string().min(1).max(128).optional().describe(tenantHint) })
  .describe('Rebuilds the passages of all files of a dataset.');

/** How many files of a dataset wait for new passages. */
export const reembedObject = z
  .object({
    object: z.literal('dataset.reembed'),
    id: z.string(),
    generation: z.number().int().describe('Counts how often the passages of the dataset were rebuilt.'),
    files: z.number().int().describe('How many files wait for new passages.'),
  })
  .describe('How many files of a dataset wait for new passages.');

/** What became of one entry of an archive: a file, or the reason why there is none. */
export const importEntryObject = z
  .object({
    name: z.string(),
    file_id: z.string().nullable().describe('The id of the file; null when it was refused.'),
    error: z.object({ code: z.string(), message: z.string() }).nullable().describe('Why it was refused; null when it was not.'),
  })
  .describe('What became of one entry of an archive: a file, or the reason why there is none.');

export const importObject = z
  .object({
    object: z.literal('dataset.import'),
    id: z.string(),
    accepted: z.number().int(),
    refused: z.number().int(),
    results: z.array(importEntryObject),
  })
  .describe('What became of the entries of an archive.');

export type ImportObject = z.infer<typeof importObject>;
