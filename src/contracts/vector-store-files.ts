import { z } from 'zod';
import { listQuery, textListOf } from './lists.js';
import { createdAt } from './times.js';
import { fileAttributes, shownAttributes } from './vector-store-filters.js';
import { chunkingStrategy, fileCounts, namedId } from './vector-stores.js';

const attachment = {
  file_id: namedId.describe('A file of POST /files.'),
  attributes: fileAttributes.nullish().describe('What searches can filter by; absent: none, or those that it has in the store.'),
  chunking_strategy: chunkingStrategy.nullish().describe('How the file is cut. Absent: as the store cuts files.'),
};

/** `POST /vector_stores/{id}/files`. */
export const createStoreFileRequest = z
  .strictObject(attachment)
  .describe('A file that is attached to a store.')
  .meta({ examples: [{ file_id: 'file-abc', attributes: { year: 2026 } }] });

export type CreateStoreFileRequest = z.infer<typeof createStoreFileRequest>;

/** `POST /vector_stores/{id}/files/{file_id}`: replaces all attributes. */
export const updateStoreFileRequest = z
  .strictObject({ attributes: fileAttributes.nullable().describe('Replaces all attributes; null takes them away.') })
  .describe('What changes of a file in a store.')
  .meta({ examples: [{ attributes: { year: 2026 } }] });

const fileStatus = z.enum(['in_progress', 'completed', 'failed', 'cancelled']);

export const listStoreFilesQuery = listQuery
  .extend({ filter: fileStatus.optional().describe('Only files in this state.') })
  .describe('Which files of a store a list shows.');

export type ListStoreFilesQuery = z.infer<typeof listStoreFilesQuery>;

export const storeFileObject = z
  .object({
    id: z.string(),
    object: z.literal('vector_store.file'),
    usage_bytes: z.number().int(),
    created_at: createdAt,
    vector_store_id: z.string(),
    status: fileStatus,
    last_error: z
      .object({ code: z.enum(['server_error', 'unsupported_file', 'invalid_file']), message: z.string() })
      .nullable()
      .describe('Why it failed; null when it did not.'),
    chunking_strategy: z.object({
      type: z.literal('static'),
      static: z.object({ max_chunk_size_tokens: z.number().int(), chunk_overlap_tokens: z.number().int() }),
    }),
    attributes: shownAttributes,
  })
  .meta({ id: 'VectorStoreFile', description: 'A file in a vector store.' });

export type StoreFileObject = z.infer<typeof storeFileObject>;

export const storeFileList = textListOf(storeFileObject, 'files of a store');

export const deletedStoreFile = z
  .object({ id: z.string(), object: z.literal('vector_store.file.deleted'), deleted: z.literal(true) })
  .describe('The answer when a file was taken from a store. The file itself stays.');

export const storeFileContentQuery = z
  .strictObject({
    page: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional()
      .describe('next_page of the page before.'),
  })
  .describe('Which part of a long text is shown.');

export const storeFileContent = z
  .object({
    object: z.literal('vector_store.file_content.page'),
    data: z.array(z.object({ type: z.literal('text'), text: z.string() })),
    has_more: z.boolean(),
    next_page: z.string().nullable(),
  })
  .describe('The text of a file as it was read: its passages in their order, without what they repeat.');

export type StoreFileContent = z.infer<typeof storeFileContent>;

/** As OpenAI has it. */
const mostFilesOfBatch = 2_000;

/** `POST /vector_stores/{id}/file_batches`: ids, or files with attributes and chunking of their own. */
export const createFileBatchRequest = z
  .strictObject({
    file_ids: z.array(namedId).min(1).max(mostFilesOfBatch).nullish().describe('Files of POST /files.'),
    files: z
      .array(z.strictObject(attachment))
      .min(1)
      .max(mostFilesOfBatch)
      .nullish()
      .describe('Files with attributes and chunking of their own; not together with file_ids.'),
    attributes: attachment.attributes.describe('Those of all files of file_ids.'),
    chunking_strategy: attachment.chunking_strategy.describe('How all files of file_ids are cut.'),
  })
  .check(({ value, issues }) => {
    if (value.file_ids == null && value.files == null)
      issues.push({ code: 'invalid_type', expected: 'array', input: undefined, path: ['file_ids'] });
    if (value.file_ids != null && value.files != null)
      issues.push({ code: 'custom', input: value, path: ['files'], message: 'must not stand beside file_ids' });
  })
  .describe('Files that are attached to a store together.')
  .meta({ examples: [{ file_ids: ['file-abc'] }] });

export type CreateFileBatchRequest = z.infer<typeof createFileBatchRequest>;

export const fileBatchObject = z
  .object({
    id: z.string(),
    object: z.literal('vector_store.files_batch'),
    created_at: createdAt,
    vector_store_id: z.string(),
    status: fileStatus,
    file_counts: fileCounts,
  })
  .meta({ id: 'VectorStoreFileBatch', description: 'Files that were attached to a store together.' });

export type FileBatchObject = z.infer<typeof fileBatchObject>;
