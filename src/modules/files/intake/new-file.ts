import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import type { FileRecord } from '../record/file-record.js';
import { heldBack, mostQueued, type FileOwner, type FileRow } from '../record/file-row.js';
import { isJudged, lastingFor, readyAtOnce } from '../record/tenant-file.js';
import type { Acceptance, ArrivedContent } from './acceptance.js';

/** A file whose content is safe and whose row is to be written. */
export interface NewFile {
  readonly id: string;
  readonly storageKey: string;
  readonly acceptance: Acceptance;
  readonly content: ArrivedContent;
  readonly recordingOf: RecordingOf<FileRecord>;
}

/** One whose place is known. */
export interface PlacedFile extends NewFile {
  readonly owner: FileOwner;
}

/** @throws what the acceptance's owner throws. */
export async function placedIn(tx: Transaction, file: NewFile): Promise<PlacedFile> {
  const { owner } = file.acceptance;
  return { ...file, owner: typeof owner === 'function' ? await owner(tx) : owner };
}

/** The dataset that the file goes into; undefined for all other places. */
export function datasetOf({ owner }: PlacedFile): string | undefined {
  return 'datasetId' in owner ? owner.datasetId : undefined;
}

/** What two equal uploads of a key at once wait for: the name of an advisory lock. */
export function uploadLock({ acceptance, content }: NewFile): string {
  return `gt-upload ${acceptance.keyId} ${content.sha256}`;
}

/** What the row of a new file has of what is there already. */
export interface Surroundings {
  /** Its dataset's; 1 for all others. */
  readonly generation: number;
  /** How many of the tenant's files have not come to an end. */
  readonly unfinished: number;
}

/** The row of a new file. */
export function rowOf(file: PlacedFile, { generation, unfinished }: Surroundings): FileRow {
  const { id, storageKey, acceptance, owner, content } = file;
  const { tenantId, keyId, keptSeconds } = acceptance;
  const { filename, mediaType, bytes, sha256 } = content;
  const queuedAt = unfinished < mostQueued ? null : heldBack;
  const values = { tenantId, id, filename, mediaType, bytes: BigInt(bytes), sha256, storageKey, keyId, generation, queuedAt };
  const nowhere = { datasetId: null, conversationId: null };
  if ('kind' in owner)
    return {
      ...values,
      ...nowhere,
      ...owner,
      ...lastingFor(keptSeconds),
      ...(isJudged(owner.purpose) ? {} : { ...readyAtOnce, queuedAt: null }),
    };
  return 'datasetId' in owner
    ? { ...values, ...nowhere, ...owner, kind: 'dataset', purpose: 'assistants' }
    : { ...values, ...nowhere, ...owner, kind: 'conversation', purpose: 'user_data' };
}
