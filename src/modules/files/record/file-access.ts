import { decideDataset } from '../../../catalog/decide.js';
import type { KeyFacts, TenantFacts } from '../../../catalog/facts.js';
import type { FileRecord } from './file-record.js';

/** May this key see this file (contract section 1)? What it may not see is answered like what is absent. */
export function mayRead(key: KeyFacts, file: FileRecord): boolean {
  const { effectiveScopes } = key;
  if (file.kind === 'dataset')
    return isOfAllowedDataset(key, file) && (effectiveScopes.has('datasets:read') || isUploader(key, file));
  if (file.kind === 'conversation') {
    return file.keyId === key.id && (effectiveScopes.has('conversations:read') || effectiveScopes.has('conversations:files'));
  }
  return effectiveScopes.has('files:read');
}

/**
 * May this key read what is in this file? Its conversations' files, whatever its scopes; files of datasets that it may read.
 * What belongs to a group that the tenant has switched off is nobody's.
 */
export function mayReadContent(key: KeyFacts, groupsOff: TenantFacts['groupsOff'], file: FileRecord): boolean {
  const { effectiveScopes } = key;
  if (file.kind === 'conversation') return file.keyId === key.id && !groupsOff.has('conversations');
  if (file.kind === 'dataset')
    return effectiveScopes.has('datasets:read') && isOfAllowedDataset(key, file) && !groupsOff.has('datasets');
  return effectiveScopes.has('files:read') && !groupsOff.has('files');
}

/** May this key delete this file or have it processed again? */
export function mayChange(key: KeyFacts, file: FileRecord): boolean {
  const { effectiveScopes } = key;
  if (file.kind === 'dataset') return effectiveScopes.has('datasets:write') && mayRead(key, file);
  if (file.kind === 'conversation') return effectiveScopes.has('conversations:files') && mayRead(key, file);
  return effectiveScopes.has('files:write');
}

function isUploader(key: KeyFacts, file: FileRecord): boolean {
  return key.effectiveScopes.has('datasets:write') && file.keyId === key.id;
}

function isOfAllowedDataset(key: KeyFacts, { dataset }: FileRecord): boolean {
  return dataset !== null && decideDataset(key, dataset) === undefined;
}
