import type { File } from '../../../platform/database/generated/client.js';

/** What is known of a file when it is accepted. */
export interface FileValues {
  readonly kind: string;
  readonly purpose: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: bigint;
  readonly sha256: string;
  readonly storageKey: string;
  readonly keyId: string;
  readonly datasetId: string | null;
  readonly conversationId: string | null;
  readonly generation: number;
  readonly createdAt?: Date;
  readonly expiresAt?: Date | null;
  /** Of a file of which nothing is to be made: it is ready. */
  readonly state?: 'ready';
  readonly stage?: 'done';
  readonly percent?: 100;
  readonly queuedAt?: Date | null;
}

export interface FileRow extends FileValues {
  readonly tenantId: string;
  readonly id: string;
}

/** Where files are: in one dataset or one conversation, or, for a purpose, with the tenant itself. */
export type FileOwner =
  { readonly datasetId: string } | { readonly conversationId: string } | { readonly kind: 'file'; readonly purpose: string };

/** Jobs of one tenant's new files that stand in the queue at once. Files beyond them wait as rows alone. */
export const mostQueued = 100;

/** In the place of the time when its job was queued: the file is held back, since its tenant has jobs enough in the queue. */
export const heldBack = new Date(0);

/** A row as it stands when it is new. */
export function newRow(given: FileRow): File {
  const createdAt = given.createdAt ?? new Date();
  return {
    expiresAt: null,
    state: 'stored',
    stage: null,
    percent: 0,
    queuedAt: null,
    ...given,
    attempts: 0,
    roundStart: 0,
    errorCode: null,
    errorMessage: null,
    createdAt,
    updatedAt: createdAt,
  };
}

/** What a new row has of its own, for statements that write rows given as JSON: each column, its member and its type. */
const written = [
  ['tenant_id', 'tenantId', 'text'],
  ['id', 'id', 'text'],
  ['kind', 'kind', 'text'],
  ['purpose', 'purpose', 'text'],
  ['filename', 'filename', 'text'],
  ['media_type', 'mediaType', 'text'],
  ['bytes', 'bytes', 'bigint'],
  ['sha256', 'sha256', 'text'],
  ['storage_key', 'storageKey', 'text'],
  ['key_id', 'keyId', 'text'],
  ['dataset_id', 'datasetId', 'text'],
  ['conversation_id', 'conversationId', 'text'],
  ['state', 'state', 'text'],
  ['stage', 'stage', 'text'],
  ['percent', 'percent', 'int'],
  ['created_at', 'createdAt', 'timestamptz'],
  ['updated_at', 'updatedAt', 'timestamptz'],
  ['expires_at', 'expiresAt', 'timestamptz'],
  ['generation', 'generation', 'int'],
  ['queued_at', 'queuedAt', 'timestamptz'],
] as const;

/** For `insert into files (…)`. */
export const columns = written.map(([column]) => column).join(', ');

/** For the `select` of an insert from rows that are called `given`. */
export const members = written.map(([, member]) => `given."${member}"`).join(', ');

/** For `jsonb_to_recordset(…) as given (…)`. */
export const typedMembers = written.map(([, member, type]) => `"${member}" ${type}`).join(', ');

/** New rows, with what further stands beside each, as `jsonb_to_recordset` reads them. */
export function asJson(rows: readonly File[]): string {
  return JSON.stringify(rows.map((row) => ({ ...row, bytes: Number(row.bytes) })));
}
