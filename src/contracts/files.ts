import { z } from 'zod';
import { createdAt } from './times.js';
import { passageSource } from './datasets.js';
import { adminListQuery, listOf, listQuery, tenantHint, textListOf } from './lists.js';

/** How far a file has come (contract section 7). `ready` and `failed` are its ends. */
export const fileStates = ['stored', 'parsed', 'chunked', 'embedded', 'ready', 'failed'] as const;

export type FileState = (typeof fileStates)[number];

/** What a file belongs to: a dataset, a conversation, or the tenant itself (`POST /files`). */
export const fileKinds = ['dataset', 'conversation', 'file'] as const;

/** The steps that a file's progress names; each counts from 0 to 100 percent. */
export const fileStages = ['queue', 'parse', 'chunk', 'embed', 'store', 'done'] as const;

export type FileStage = (typeof fileStages)[number];

export const fileStatuses = ['queued', 'processing', 'ready', 'failed', 'uploaded', 'processed', 'error'] as const;

export type FileStatus = (typeof fileStatuses)[number];

/** What files of `POST /files` may be for, as the client says it. */
export const filePurposes = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'] as const;

export type FilePurpose = (typeof filePurposes)[number];

/** What files are for that the platform makes itself. */
export const madePurposes = ['assistants_output', 'batch_output', 'fine-tune-results'] as const;

export type MadePurpose = (typeof madePurposes)[number];

const mostFiles = 10_000;

/** A file as OpenAI shows it, and in `gt` what GT adds (contract section 7). Times are in Unix seconds. */
export const fileObject = z
  .object({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.number().int().describe('The size of the content.'),
    created_at: createdAt,
    expires_at: z
      .number()
      .int()
      .nullable()
      .optional()
      .describe('When it is removed, in Unix seconds; null, and of files of POST /files absent: not by time.'),
    filename: z.string(),
    purpose: z.string(),
    status: z.enum(fileStatuses),
    status_details: z.string().optional().describe('Of a file of POST /files whose status is error: why.'),
    gt: z.object({
      state: z.enum(fileStates),
      progress: z.object({ stage: z.enum(fileStages), percent: z.number().int().describe('Of this stage, from 0 to 100.') }),
      error: z
        .object({ code: z.string(), message: z.string() })
        .nullable()
        .describe('Why a failed file failed: a code, and a sentence for the person who uploaded it; null otherwise.'),
      conversation_id: z.string().nullable().describe('The conversation it belongs to, or null.'),
      dataset_id: z.string().nullable().describe('The dataset it belongs to, or null.'),
      sha256: z.string().describe('Of the content, in hexadecimal digits.'),
      attempts: z.number().int().describe('How often its processing was begun.'),
    }),
  })
  .meta({ id: 'File', description: 'A file as OpenAI shows it, and in gt what GT adds.' });

export type FileObject = z.infer<typeof fileObject>;

export const fileList = listOf(fileObject);

/** Files of `POST /files`: a page in OpenAI's form, where the ids of an empty page are empty texts. */
export const tenantFileList = textListOf(fileObject, 'files');

/** `GET /files/{id}?wait=30`: the longest time, in seconds, for which the answer waits for another status. */
export const getFileQuery = z
  .strictObject({
    wait: z.coerce
      .number()
      .min(0)
      .max(60)
      .default(0)
      .describe('For how many seconds at most the answer waits for another status.'),
  })
  .describe('Whether the answer waits for a change.');

/** Files of `POST /files`, and those that the platform made: as many on a page as OpenAI shows. */
export const listFilesQuery = listQuery
  .omit({ before: true })
  .extend({
    limit: z.coerce.number().int().min(1).max(mostFiles).default(mostFiles).describe('How many files a page has at most.'),
    purpose: z
      .enum([...filePurposes, ...madePurposes])
      .optional()
      .describe('Only files of this purpose.'),
  })
  .describe('Which files a list shows.');

export type ListFilesQuery = z.infer<typeof listFilesQuery>;

/** Files of one dataset or conversation. */
export const listTargetFilesQuery = listQuery;

/** Files of a tenant on the admin plane; `dataset` and `conversation` are ids. */
export const listAdminFilesQuery = adminListQuery
  .extend({
    dataset: z.string().max(128).optional().describe('Only files of the dataset with this id.'),
    conversation: z.string().max(128).optional().describe('Only files of the conversation with this id.'),
    kind: z.enum(fileKinds).optional().describe('Only files of datasets, of conversations, or of the tenant itself.'),
    state: z.enum(fileStates).optional().describe('Only files in this state.'),
    filename: z.string().max(255).optional().describe('Only files of this name.'),
    key: z.string().max(128).optional().describe('Only files that the key with this id uploaded.'),
  })
  .describe('Which files a list shows.');

export type ListAdminFilesQuery = z.infer<typeof listAdminFilesQuery>;

/** A file on the admin plane: also whose key uploaded it. */
export const adminFileObject = fileObject
  .extend({ tenant: z.string(), key: z.string().describe('The id of the key that uploaded it.'), media_type: z.string() })
  .describe('A file on the admin plane, with the key that uploaded it.');

export type AdminFileObject = z.infer<typeof adminFileObject>;

/** The same as `getFileQuery`, where operators name the tenant. */
export const getAdminFileQuery = getFileQuery
  .extend({ tenant: z.string().min(1).max(128).optional().describe(tenantHint) })
  .describe('Whether the answer waits for a change.');

/** The passages of a file, in its order: their ids are their places in it, from 0. */
export const listPassagesQuery = adminListQuery.omit({ order: true }).describe('Which passages a page shows.');

export type ListPassagesQuery = z.infer<typeof listPassagesQuery>;

/** A passage of a file, as it was cut. */
export const filePassageObject = z
  .object({
    object: z.literal('file.passage'),
    id: z.string().describe('Its place in the file, from 0.'),
    text: z.string(),
    tokens: z.number().int().describe('The tokens of its text.'),
    source: passageSource,
  })
  .describe('A passage of a file, as it was cut.');

export type FilePassageObject = z.infer<typeof filePassageObject>;

/** Where a key may upload (contract section 10). */
export const uploadTargetObject = z
  .object({
    object: z.literal('upload_target'),
    id: z.string(),
    kind: z.enum(['dataset', 'conversation']),
    alias: z.string().nullable().describe('The alias of a dataset; null for a conversation.'),
    path: z.string().describe('Where to upload, below the base URL.'),
    max_bytes: z.number().int().describe('The largest file that is taken.'),
    media_types: z.array(z.string()),
  })
  .describe('A place where a key may upload.');

export type UploadTargetObject = z.infer<typeof uploadTargetObject>;

/** Upload targets are no paged list: they are bounded by what the tenant has. */
export const uploadTargetList = z
  .object({
    object: z.literal('list'),
    data: z.array(uploadTargetObject),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.literal(false),
  })
  .describe('Every place where a key may upload, on one page.');

/** The work that waits for the workers, over all tenants. Times are in milliseconds. */
export const queueObject = z
  .object({
    object: z.literal('queue'),
    id: z.string(),
    waiting: z.number().int(),
    running: z.number().int(),
    oldest_waiting_ms: z
      .number()
      .int()
      .nullable()
      .describe('For how long the oldest job has waited, in milliseconds; null when none waits.'),
  })
  .describe('The work of one queue that waits for the workers, over all tenants.');

export const queueList = z
  .object({
    object: z.literal('list'),
    data: z.array(queueObject),
    document_reader: z
      .object({
        kind: z.enum(['tika', 'docling']),
        answers: z.boolean().describe('Whether it answered when it was last asked, at most ten seconds ago.'),
      })
      .nullable()
      .optional()
      .describe("The operator's document reader; null where there is none."),
  })
  .describe('The queues of the platform.');

/** Form fields sent along with the file of `POST /datasets/{id}/files`. OpenAI's clients may send a purpose; it is accepted. */
export const datasetUploadFields = z
  .strictObject({ purpose: z.literal('assistants').optional().describe('Known from the route; clients of OpenAI may say it.') })
  .describe('Form fields sent along with the file.');

/** Form fields sent along with the file of `POST /conversations/files`. */
export const conversationUploadFields = z
  .strictObject({
    conversation_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('The conversation, as in the header X-GT-Conversation-Id. Without either, a new one is made.'),
    model: z.string().min(1).max(256).optional().describe('The published name that a new conversation uses.'),
    purpose: z.literal('user_data').optional().describe('Known from the route; clients of OpenAI may say it.'),
  })
  .describe('Form fields sent along with the file.');

/** When a file is removed: so long after it was made. */
export const expiresAfter = z
  .strictObject({
    anchor: z.literal('created_at').describe('What the time is counted from.'),
    seconds: z.coerce.number().int().min(3_600).max(2_592_000).describe('From an hour to 30 days.'),
  })
  .describe('When the file is removed. Without it files of the purpose batch are removed after 30 days, others are kept.');

/** Form fields sent along with the file of `POST /files`. */
export const createFileFields = z
  .strictObject({
    purpose: z.enum(filePurposes).describe('What the file is for. batch, fine-tune and evals are JSON lines.'),
    expires_after: expiresAfter.optional(),
  })
  .describe('Form fields sent along with the file.');
