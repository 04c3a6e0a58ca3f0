import { decideDataset } from '../../../catalog/decide.js';
import type { KeyFacts, TenantFacts } from '../../../catalog/facts.js';
import type { Need } from '../../../catalog/needs.js';
import type { FileRecord } from './file-record.js';

/** What seeing a file needs of the key, or undefined when no scope suffices: it is another's (contract section 1). */
export function readingNeeds(key: KeyFacts, file: FileRecord): readonly Need[] | undefined {
  if (file.kind === 'dataset') {
    if (!isOfAllowedDataset(key, file)) return undefined;
    return [file.keyId === key.id ? ['datasets:read', 'datasets:write'] : ['datasets:read']];
  }
  if (file.kind === 'conversation') return file.keyId === key.id ? [['conversations:read', 'conversations:files']] : undefined;
  return [['files:read']];
}

/** The same for deleting it or having it processed again. */
export function changingNeeds(key: KeyFacts, file: FileRecord): readonly Need[] | undefined {
  const reading = readingNeeds(key, file);
  if (file.kind === 'file') return [['files:write']];
  return reading && [...reading, [file.kind === 'dataset' ? 'datasets:write' : 'conversations:files']];
}

/**
 * The same for reading what is in it: the key's conversations' files, whatever its scopes; files of datasets that it may read.
 * What belongs to a group that the tenant has switched off is nobody's.
 */
export function contentNeeds(key: KeyFacts, groupsOff: TenantFacts['groupsOff'], file: FileRecord): readonly Need[] | undefined {
  if (file.kind === 'conversation') return file.keyId === key.id && !groupsOff.has('conversations') ? [] : undefined;
  if (file.kind === 'dataset')
    return isOfAllowedDataset(key, file) && !groupsOff.has('datasets') ? [['datasets:read']] : undefined;
  return groupsOff.has('files') ? undefined : [['files:read']];
}

/** May this key do what has these needs? What it may not is answered like what is absent. */
export function meets<N extends readonly Need[]>({ effectiveScopes }: KeyFacts, needs: N | undefined): needs is N {
  return needs?.every((need) => need.some((scope) => effectiveScopes.has(scope))) === true;
}

function isOfAllowedDataset(key: KeyFacts, { dataset }: FileRecord): boolean {
  return dataset !== null && decideDataset(key, dataset) === undefined;
}
