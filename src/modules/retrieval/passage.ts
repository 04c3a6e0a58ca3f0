import type { ChunkSource } from '../../platform/documents/chunker.js';

/** Where a passage stands in its document, as far as its format tells. */
export type PassageSource = ChunkSource;

/** What may be searched: a dataset or a conversation of the tenant. */
export interface SearchTarget {
  readonly kind: 'dataset' | 'conversation';
  readonly id: string;
  /** The model that made the vectors of its chunks, named as the chunks carry it; null to search by words alone. */
  readonly embeddingModel: string | null;
}

/** A passage that was found. Of `datasetId` and `conversationId` one is null. */
export interface Passage {
  readonly fileId: string;
  /** Empty: of the file's own ingestion. */
  readonly ingestionId: string;
  readonly filename: string;
  readonly ordinal: number;
  /** Without what an earlier passage of the list, its neighbour in the file, repeats. */
  readonly text: string;
  readonly source: PassageSource;
  /** By reciprocal rank fusion: it orders the passages of one search and means nothing between searches. */
  readonly score: number;
  readonly datasetId: string | null;
  readonly conversationId: string | null;
}
