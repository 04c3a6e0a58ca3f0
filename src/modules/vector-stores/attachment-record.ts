import type { Ingestion } from '../../platform/database/generated/client.js';

export const attachmentStatuses = ['in_progress', 'completed', 'failed', 'cancelled'] as const;

export type AttachmentStatus = (typeof attachmentStatuses)[number];

/** The error code of an ingestion that was cancelled: its state is `failed`, since releases before know no other end. */
export const cancelledCode = 'cancelled';

/** A file in a store: its ingestion there, and how the store cuts files that say nothing themselves. */
export interface AttachmentRecord extends Ingestion {
  readonly dataset: { readonly chunkTokens: number; readonly overlapTokens: number } | null;
}

/** The state of an ingestion in OpenAI's words. */
export function attachmentStatus({ state, errorCode }: Pick<Ingestion, 'state' | 'errorCode'>): AttachmentStatus {
  if (state === 'ready') return 'completed';
  if (state !== 'failed') return 'in_progress';
  return errorCode === cancelledCode ? 'cancelled' : 'failed';
}

/** How a file is cut, in tokens; null: as its store has it. */
export interface AttachmentChunking {
  readonly chunkTokens: number;
  readonly overlapTokens: number;
}

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A file that is to be attached. */
export interface NewAttachment {
  readonly fileId: string;
  /** Where the request names the file. */
  readonly param: string;
  /** Undefined: those that it has in the store already, or none. */
  readonly attributes?: Attributes | undefined;
  /** Null: as the store cuts files. */
  readonly chunking: AttachmentChunking | null;
}
