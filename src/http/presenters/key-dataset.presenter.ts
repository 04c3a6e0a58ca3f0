import type { KeyDatasetObject, PassageObject, PassageSourceObject } from '../../contracts/datasets.js';
import type { UploadTargetObject } from '../../contracts/files.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { CountedDataset } from '../../modules/datasets/key-datasets.repository.js';
import type { Passage, PassageSource } from '../../modules/retrieval/passage.js';

/** A dataset as keys see it. */
export function presentKeyDataset({ id, alias, name, createdAt, counts }: CountedDataset): KeyDatasetObject {
  const { total, ready, failed } = counts;
  return {
    object: 'dataset',
    id,
    alias,
    name,
    created_at: toUnixSeconds(createdAt),
    file_counts: { total, in_progress: total - ready - failed, ready, failed },
  };
}

/** A passage that a search has found. */
export function presentPassage({ fileId, filename, text, score, source }: Passage): PassageObject {
  return { object: 'passage', file_id: fileId, filename, text, score, source: presentSource(source) };
}

/** Where a passage stands, in the words of the wire. */
export function presentSource(source: PassageSource): PassageSourceObject {
  const named = Object.entries(source).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return Object.fromEntries(
    named.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/** What all upload targets of the platform take. */
export interface UploadBounds {
  readonly maxBytes: number;
  readonly mediaTypes: readonly string[];
}

/** A dataset as a place to upload into. */
export function presentDatasetTarget(
  { id, alias }: { readonly id: string; readonly alias: string },
  bounds: UploadBounds,
): UploadTargetObject {
  return target({ id, kind: 'dataset', alias, path: `/datasets/${id}/files` }, bounds);
}

/** The key's conversations as a place to upload into. */
export function presentConversationTarget(bounds: UploadBounds): UploadTargetObject {
  return target({ id: 'conversation', kind: 'conversation', alias: null, path: '/conversations/files' }, bounds);
}

function target(
  place: Pick<UploadTargetObject, 'id' | 'kind' | 'alias' | 'path'>,
  { maxBytes, mediaTypes }: UploadBounds,
): UploadTargetObject {
  return { object: 'upload_target', ...place, max_bytes: maxBytes, media_types: [...mediaTypes] };
}
