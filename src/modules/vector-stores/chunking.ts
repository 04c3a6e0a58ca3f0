import type { ChunkingStrategy } from '../../contracts/vector-stores.js';
import type { AttachmentChunking } from './attachment-record.js';

/** A request's strategy as an ingestion has it; null: as the store cuts files, which is `auto`. */
export function chunkingOf(strategy: ChunkingStrategy | null | undefined): AttachmentChunking | null {
  if (strategy?.type !== 'static') return null;
  const { max_chunk_size_tokens: chunkTokens, chunk_overlap_tokens: overlapTokens } = strategy.static;
  return { chunkTokens, overlapTokens };
}
