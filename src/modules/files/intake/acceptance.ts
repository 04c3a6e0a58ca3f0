import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { FileOwner } from '../record/file-row.js';
import type { Uploader } from './upload-limits.js';

/** A content that has arrived whole and waits for its row. */
export interface ArrivedContent {
  readonly filename: string;
  /** As its bytes say (platform/documents/media-types). */
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly writer: { commit(key: string): Promise<void>; abort(): Promise<void> };
}

/** Where a content goes and on whose account. */
export interface Acceptance extends Uploader {
  /** Known beforehand, or found or made in the transaction that writes the file's row: what is refused leaves nothing. */
  readonly owner: FileOwner | ((tx: Transaction) => Promise<FileOwner>);
  /** The client says that it sends the same once more: what it sent is then looked for first. */
  readonly isRetry: boolean;
  /** Of a file of the tenant: for how long it is kept. Default: for good. */
  readonly keptSeconds?: number | undefined;
}
