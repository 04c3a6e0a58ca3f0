import { toUnixSeconds } from '../../contracts/times.js';
import type { FileBatchObject, StoreFileContent, StoreFileObject } from '../../contracts/vector-store-files.js';
import type { StoreSearchResults } from '../../contracts/vector-store-search.js';
import type { TextPage } from '../../modules/files/reading/ingestion-texts.js';
import { attachmentStatus, type AttachmentRecord } from '../../modules/vector-stores/attachment-record.js';
import type { FileBatchRecord } from '../../modules/vector-stores/file-batches.repository.js';
import type { StorePassage } from '../../modules/vector-stores/store-search.service.js';
import { presentCounts } from './vector-store.presenter.js';

/** Failures that are not the file's. */
const serverCodes: ReadonlySet<string> = new Set([
  'embedding_failed',
  'processing_failed',
  'processing_timeout',
  'content_missing',
]);

/** A file in a store, in OpenAI's form. */
export function presentStoreFile(file: AttachmentRecord): StoreFileObject {
  return {
    id: file.fileId,
    object: 'vector_store.file',
    usage_bytes: Number(file.usageBytes),
    created_at: toUnixSeconds(file.createdAt),
    vector_store_id: file.targetId,
    status: attachmentStatus(file),
    last_error: attachmentStatus(file) === 'failed' ? { code: codeOf(file.errorCode), message: file.errorMessage ?? '' } : null,
    chunking_strategy: {
      type: 'static',
      static: {
        max_chunk_size_tokens: file.chunkTokens ?? file.dataset?.chunkTokens ?? 0,
        chunk_overlap_tokens: file.overlapTokens ?? file.dataset?.overlapTokens ?? 0,
      },
    },
    attributes: file.attributes as StoreFileObject['attributes'],
  };
}

export function presentFileBatch(batch: FileBatchRecord): FileBatchObject {
  const ended = batch.cancelledAt === null ? 'completed' : 'cancelled';
  return {
    id: batch.id,
    object: 'vector_store.files_batch',
    created_at: toUnixSeconds(batch.createdAt),
    vector_store_id: batch.storeId,
    status: batch.counts.in_progress > 0 ? 'in_progress' : ended,
    file_counts: presentCounts(batch.counts),
  };
}

export function presentContent({ texts, next }: TextPage): StoreFileContent {
  return {
    object: 'vector_store.file_content.page',
    data: texts.map((text) => ({ type: 'text', text })),
    has_more: next !== null,
    next_page: next === null ? null : String(next),
  };
}

export function presentResults(queries: readonly string[], passages: readonly StorePassage[]): StoreSearchResults {
  return {
    object: 'vector_store.search_results.page',
    search_query: [...queries],
    data: passages.map(({ fileId, filename, score, attributes, text }) => ({
      file_id: fileId,
      filename,
      score,
      attributes: { ...attributes },
      content: [{ type: 'text', text }],
    })),
    has_more: false,
    next_page: null,
  };
}

function codeOf(code: string | null): 'server_error' | 'unsupported_file' | 'invalid_file' {
  if (code === null || serverCodes.has(code)) return 'server_error';
  return code === 'unsupported_type' ? 'unsupported_file' : 'invalid_file';
}
