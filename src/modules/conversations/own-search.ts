import { isFields, type Fields } from '../../kernel/fields.js';
import { randomBase62, timeOfId } from '../../kernel/ids.js';

/** Before the id of a search in files that the platform has made itself. Behind the prefix of a provider's no `_` comes. */
const prefix = 'fs_gt_';

/** A new id for such an item. */
export function newSearchId(): string {
  return `${prefix}${randomBase62(24)}`;
}

/**
 * True for an item that tells of a search which the platform has made itself, also where a client gives it back: no provider
 * knows of it.
 */
export function isOwnSearch({ type, id }: Fields): boolean {
  return type === 'file_search_call' && typeof id === 'string' && id.startsWith(prefix);
}

/**
 * True for an annotation that cites a file of the platform. It opens nothing, and means nothing to a provider, whose own files
 * have names of another form here.
 */
export function isOwnCitation(annotation: unknown): boolean {
  if (!isFields(annotation) || annotation['type'] !== 'file_citation') return false;
  const { file_id: id } = annotation;
  return typeof id === 'string' && timeOfId('file', id) !== undefined;
}
