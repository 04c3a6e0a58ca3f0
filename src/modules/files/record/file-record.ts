import type { FileStage, FileState } from '../../../contracts/files.js';
import type { File } from '../../../platform/database/generated/client.js';
import { heldBack } from './file-row.js';

/** A file's row with the names that its doors need. */
export interface FileRecord extends File {
  readonly tenant: { readonly slug: string };
  readonly dataset: { readonly id: string; readonly alias: string } | null;
}

/** What changes of a file while it is processed. */
export interface FileProgress {
  readonly state: FileState;
  /** Null: it waits for the first attempt, or for the first one since it was to be processed again. */
  readonly stage: FileStage | null;
  readonly percent: number;
  readonly attempts: number;
}

/**
 * A run's claim on an ingestion of a file: every write of the run names the attempt, and one that was superseded writes
 * nothing. That of the file's own ingestion is the file's row, which releases before claim too.
 */
export interface Claim {
  readonly tenantId: string;
  /** The file's. */
  readonly id: string;
  /** Empty: the file's own ingestion. */
  readonly ingestionId: string;
  readonly attempt: number;
}

/** A file that a run has claimed for a target, as both stood at that moment. */
export interface ClaimedFile extends Claim {
  readonly kind: string;
  readonly purpose: string;
  readonly bytes: number;
  readonly filename: string;
  readonly mediaType: string;
  readonly storageKey: string;
  /** Whom embeddings are booked on: the key that attached the file to this target, else the one that uploaded it. */
  readonly keyId: string;
  readonly datasetId: string | null;
  readonly conversationId: string | null;
  /** The ingestion's own chunking; null: as the target has it. */
  readonly chunkTokens: number | null;
  readonly overlapTokens: number | null;
  /** What the dataset says of its passages; null for a file of no dataset, or of one that is gone. */
  readonly dataset: DatasetPassages | null;
}

/** How a dataset has its files read. */
export interface DatasetPassages {
  /** A vector store is a dataset of its own kind. */
  readonly kind: 'dataset' | 'vector_store';
  readonly chunkTokens: number;
  readonly overlapTokens: number;
  readonly hiddenSheets: boolean;
  readonly ocrLanguages: readonly string[];
  readonly connectionId: string;
  readonly model: string;
}

/** A file, or a further ingestion of one, that waits for an attempt. */
export interface WaitingFile {
  readonly tenantId: string;
  /** The file's id for its own ingestion, else the ingestion's. */
  readonly id: string;
  /** Attempts that were made. */
  readonly attempts: number;
}

/** True for a file that waits without a job, until fewer of its tenant's are in the queue. */
export function isHeldBack({ queuedAt }: Pick<File, 'queuedAt'>): boolean {
  return queuedAt?.getTime() === heldBack.getTime();
}

/** True when nothing will happen to the file by itself. */
export function isTerminal(state: string): boolean {
  return state === 'ready' || state === 'failed';
}
