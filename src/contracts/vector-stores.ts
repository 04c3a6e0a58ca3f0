import { z } from 'zod';
import { wholeMetadata as metadata } from './conversations.js';
import { listQuery, textListOf } from './lists.js';
import { createdAt } from './times.js';

/** Most files that one call attaches, as OpenAI has it. */
export const mostFilesOfStoreCall = 500;

/** An id that a body names. */
export const namedId = z.string().min(1).max(128);

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
    file_ids: z.array(namedId).max(mostFilesOfStoreCall).nullish().describe('Files of POST /files that are attached at once.'),
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

/** How many files of a store or a batch stand where. */
export const fileCounts = z.object({
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
  .meta({ id: 'VectorStore', description: 'A vector store.' });

export type VectorStoreObject = z.infer<typeof vectorStoreObject>;

/** A page in OpenAI's form, where the ids of an empty page are empty texts. */
export const vectorStoreList = textListOf(vectorStoreObject, 'vector stores');

export const listVectorStoresQuery = listQuery.describe('Which vector stores a list shows.');

export const deletedVectorStore = z
  .object({ id: z.string(), object: z.literal('vector_store.deleted'), deleted: z.literal(true) })
  .describe('The answer to the deletion of a vector store. Its files stay.');
