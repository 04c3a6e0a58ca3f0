import { z } from 'zod';
import { metadata as pairs } from './conversations.js';
import { listOf, listQuery } from './lists.js';
import { createdAt } from './times.js';
import { fileAttributes, storeFilter } from './vector-store-filters.js';

/** Most files that one call attaches, as OpenAI has it. */
export const mostFilesOfStoreCall = 500;

const id = z.string().min(1).max(128);

/** As of conversations, in texts that the database can hold as JSON. */
const metadata = pairs.refine((value) => !/\p{Cs}/u.test(Object.entries(value).flat().join(' ')), 'holds half of a character');

const staticChunking = z
  .strictObject({
    max_chunk_size_tokens: z.number().int().min(100).max(4096).describe('The length of a passage, in tokens.'),
    chunk_overlap_tokens: z
      .number()
      .int()
      .min(0)
      .describe('How many tokens two neighbouring passages share, at most half of max_chunk_size_tokens.'),
  })
  .refine(({ max_chunk_size_tokens: most, chunk_overlap_tokens: overlap }) => overlap <= most / 2, {
    path: ['chunk_overlap_tokens'],
    error: 'must be at most half of max_chunk_size_tokens',
  });

/** How a file is cut into passages; `auto` is 800 tokens of which 400 are shared. */
export const chunkingStrategy = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('auto').describe('As the store cuts files.') }),
    z.strictObject({
      type: z.literal('static').describe('As static says.'),
      static: staticChunking.describe('The length of passages and of what neighbours share.'),
    }),
  ])
  .describe('How files are cut into passages. auto: 800 tokens, of which neighbours share 400.');

export type ChunkingStrategy = z.infer<typeof chunkingStrategy>;

const expiresAfter = z
  .strictObject({
    anchor: z.literal('last_active_at').describe('The last search or attachment.'),
    days: z.number().int().min(1).max(365).describe('Days without a search or a new file after which the store expires.'),
  })
  .describe('When the store expires.');

/** `POST /vector_stores`. */
export const createVectorStoreRequest = z
  .strictObject({
    name: z.string().max(256).nullish().describe('A name for people.'),
    description: z.string().max(512).nullish().describe('What the store is for.'),
    file_ids: z.array(id).max(mostFilesOfStoreCall).nullish().describe('Files of POST /files that are attached at once.'),
    expires_after: expiresAfter.nullish(),
    chunking_strategy: chunkingStrategy.nullish().describe('How the files of file_ids are cut. Absent: auto.'),
    metadata: metadata.nullish().describe('At most 16 pairs of short texts.'),
  })
  .describe('A vector store that is to be made. Every field may be left out.');

export type CreateVectorStoreRequest = z.infer<typeof createVectorStoreRequest>;

/** `POST /vector_stores/{id}`: absent fields stay as they are. */
export const updateVectorStoreRequest = z
  .strictObject({
    name: z.string().max(256).nullish().describe('A name for people; null takes it away.'),
    expires_after: expiresAfter.nullish().describe('When the store expires; null: never.'),
    metadata: metadata.nullish().describe('Replaces all pairs; null takes them away.'),
  })
  .describe('What changes of a vector store.')
  .meta({ examples: [{ name: 'Handbook' }] });

export type UpdateVectorStoreRequest = z.infer<typeof updateVectorStoreRequest>;

const fileCounts = z.object({
  in_progress: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
  total: z.number().int(),
});

export type VectorStoreFileCounts = z.infer<typeof fileCounts>;

/** A vector store, or a dataset that is read as one. */
export const vectorStoreObject = z
  .object({
    id: z.string(),
    object: z.literal('vector_store'),
    created_at: createdAt,
    name: z.string(),
    description: z.string().nullable(),
    usage_bytes: z.number().int().describe('Bytes of its passages and their vectors.'),
    file_counts: fileCounts,
    status: z.enum(['expired', 'in_progress', 'completed']),
    expires_after: z.object({ anchor: z.literal('last_active_at'), days: z.number().int() }).optional(),
    expires_at: z.number().int().nullable(),
    last_active_at: z.number().int().nullable(),
    metadata: z.record(z.string(), z.string()),
    gt: z.object({
      kind: z.enum(['vector_store', 'dataset']).describe('dataset: a dataset of the allowlist; here it can be read alone.'),
      embedding: z
        .object({ connection: z.string(), model: z.string() })
        .nullable()
        .describe('The model that makes its vectors, chosen when it was made; null for datasets.'),
    }),
  })
  .describe('A vector store.');

export type VectorStoreObject = z.infer<typeof vectorStoreObject>;

/** A page in OpenAI's form, where the ids of an empty page are empty texts. */
export const vectorStoreList = listOf(vectorStoreObject)
  .extend({ first_id: z.string(), last_id: z.string() })
  .describe('A page of vector stores. The ids of an empty page are empty texts.');

export const listVectorStoresQuery = listQuery.describe('Which vector stores a list shows.');

export const deletedVectorStore = z
  .object({ id: z.string(), object: z.literal('vector_store.deleted'), deleted: z.literal(true) })
  .describe('The answer to the deletion of a vector store. Its files stay.');

const attachment = {
  file_id: id.describe('A file of POST /files.'),
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
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .describe('A file in a vector store.');

export type StoreFileObject = z.infer<typeof storeFileObject>;

export const storeFileList = listOf(storeFileObject)
  .extend({ first_id: z.string(), last_id: z.string() })
  .describe('A page of files of a store. The ids of an empty page are empty texts.');

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
    file_ids: z.array(id).min(1).max(mostFilesOfBatch).nullish().describe('Files of POST /files.'),
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
  .describe('Files that were attached to a store together.');

export type FileBatchObject = z.infer<typeof fileBatchObject>;

const query = z.string().min(1).max(20_000);

/** `POST /vector_stores/{id}/search`. */
export const searchStoreRequest = z
  .strictObject({
    query: z
      .union([query, z.array(query).min(1).max(16)])
      .describe('What to look for: one question, or several of which each passage answers the one that it answers best.'),
    rewrite_query: z.boolean().nullish().describe('Accepted; questions are searched as they are, as search_query shows.'),
    max_num_results: z.number().int().min(1).max(50).default(10).describe('How many passages to find at most.'),
    filters: storeFilter.nullish(),
    ranking_options: z
      .strictObject({
        ranker: z
          .enum(['none', 'auto', 'default-2024-11-15'])
          .default('auto')
          .describe('none: by vectors alone; else by vectors and words.'),
        score_threshold: z.number().min(0).max(1).default(0).describe('Passages with a lower score are left out.'),
      })
      .nullish()
      .describe('How passages are ranked.'),
  })
  .describe('A search for passages of a vector store.')
  .meta({ examples: [{ query: 'How long is the warranty?' }] });

export const storeSearchResults = z
  .object({
    object: z.literal('vector_store.search_results.page'),
    search_query: z.array(z.string()),
    data: z.array(
      z.object({
        file_id: z.string(),
        filename: z.string(),
        score: z.number(),
        attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
      }),
    ),
    has_more: z.literal(false),
    next_page: z.null(),
  })
  .describe('Passages that were found, the best first.');

export type StoreSearchResults = z.infer<typeof storeSearchResults>;
