import { z } from 'zod';
import { adminListQuery, listOf, listQuery } from './lists.js';

/** How far a file has come (contract section 7). `ready` and `failed` are its ends. */
export const fileStates = ['stored', 'parsed', 'chunked', 'embedded', 'ready', 'failed'] as const;

export type FileState = (typeof fileStates)[number];

/** What a file belongs to: a dataset, a conversation, or the tenant itself (`POST /files`). */
export const fileKinds = ['dataset', 'conversation', 'file'] as const;

export type FileKind = (typeof fileKinds)[number];

/** The steps that a file's progress names; each counts from 0 to 100 percent. */
export const fileStages = ['queue', 'parse', 'chunk', 'embed', 'store', 'done'] as const;

export type FileStage = (typeof fileStages)[number];

export const fileStatuses = ['queued', 'processing', 'ready', 'failed', 'uploaded', 'processed', 'error'] as const;

export type FileStatus = (typeof fileStatuses)[number];

/** A file as OpenAI shows it, and in `gt` what GT adds (contract section 7). Times are in Unix seconds. */
export const fileObject = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.number().int(),
  created_at: z.number().int(),
  expires_at: z.number().int().nullable(),
  filename: z.string(),
  purpose: z.string(),
  status: z.enum(fileStatuses),
  gt: z.object({
    state: z.enum(fileStates),
    progress: z.object({ stage: z.enum(fileStages), percent: z.number().int() }),
    /** Why a failed file failed: a code, and a sentence for the person who uploaded it. */
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    conversation_id: z.string().nullable(),
    dataset_id: z.string().nullable(),
    sha256: z.string(),
    attempts: z.number().int(),
  }),
});

export type FileObject = z.infer<typeof fileObject>;

export const fileList = listOf(fileObject);

/** `GET /files/{id}?wait=30`: the longest time, in seconds, for which the answer waits for another status. */
export const getFileQuery = z.strictObject({ wait: z.coerce.number().min(0).max(60).default(0) });

/** Files of one dataset or conversation. */
export const listTargetFilesQuery = listQuery;

/** Files of a tenant on the admin plane; `dataset` and `conversation` are ids. */
export const listAdminFilesQuery = adminListQuery.extend({
  dataset: z.string().max(128).optional(),
  conversation: z.string().max(128).optional(),
  kind: z.enum(fileKinds).optional(),
  state: z.enum(fileStates).optional(),
  filename: z.string().max(255).optional(),
  key: z.string().max(128).optional(),
});

export type ListAdminFilesQuery = z.infer<typeof listAdminFilesQuery>;

/** A file on the admin plane: also whose key uploaded it. */
export const adminFileObject = fileObject.extend({ tenant: z.string(), key: z.string(), media_type: z.string() });

export type AdminFileObject = z.infer<typeof adminFileObject>;

/** Where a key may upload (contract section 10). */
export const uploadTargetObject = z.object({
  object: z.literal('upload_target'),
  id: z.string(),
  kind: z.enum(['dataset', 'conversation']),
  alias: z.string().nullable(),
  path: z.string(),
  max_bytes: z.number().int(),
  media_types: z.array(z.string()),
});

export type UploadTargetObject = z.infer<typeof uploadTargetObject>;

/** Upload targets are no paged list: they are bounded by what the tenant has. */
export const uploadTargetList = z.object({
  object: z.literal('list'),
  data: z.array(uploadTargetObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.literal(false),
});

/** The work that waits for the workers, over all tenants. Times are in milliseconds. */
export const queueObject = z.object({
  object: z.literal('queue'),
  id: z.string(),
  waiting: z.number().int(),
  running: z.number().int(),
  oldest_waiting_ms: z.number().int().nullable(),
});

export const queueList = z.object({ object: z.literal('list'), data: z.array(queueObject) });

/** Fields beside the file of `POST /datasets/{id}/files`. OpenAI's clients may say the purpose; it is known. */
export const datasetUploadFields = z.strictObject({ purpose: z.literal('assistants').optional() });

/** Fields beside the file of `POST /conversations/files`. */
export const conversationUploadFields = z.strictObject({
  /** The conversation, as in the header X-GT-Conversation-Id; without either a new one is made. */
  conversation_id: z.string().min(1).max(200).optional(),
  /** The published name that a new conversation uses. */
  model: z.string().min(1).max(256).optional(),
  purpose: z.literal('user_data').optional(),
});
