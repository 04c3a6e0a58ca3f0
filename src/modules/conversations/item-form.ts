import { AppError } from '../../kernel/app-error.js';
import { newId, randomBase62 } from '../../kernel/ids.js';
import { normaliseContent } from './content-parts.js';
import type { StoredItem } from './conversation-record.js';
import { isFields, type Fields } from '../../kernel/fields.js';
import { invalidItem, missingMember } from './item-faults.js';
import { itemTypes } from './item-types.js';
import { isOwnSearch, newSearchId } from './own-search.js';
import { withoutSaid } from './said-in-chat.js';
import { withoutToolSecrets } from './tool-secrets.js';

const roles = new Set(['user', 'assistant', 'system', 'developer']);
const statuses = new Set(['in_progress', 'completed', 'incomplete']);

/** Members of a new item without its id. */
export interface NewItem {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** The item with a fresh id of its type. Ids that clients give are not kept: the same one may stand in several conversations. */
export function withNewId(item: NewItem): StoredItem {
  return { ...item, id: idFor(item) };
}

function idFor(item: NewItem): string {
  const { type } = item;
  if (isOwnSearch(item)) return newSearchId();
  return type === 'message' ? newId('message') : `${itemTypes[type]?.prefix ?? 'item_'}${randomBase62(24)}`;
}

/**
 * A client's item in the form in which OpenAI shows it: messages with parts, every item with id and status. Members that
 * are not known are kept, credentials of tools are not.
 * @param param the item's place in the request, e.g. `items[0]`.
 * @throws AppError invalid_value, missing_required_parameter; not_found for a reference to another item.
 */
export function normaliseItem(raw: Fields, param: string): StoredItem {
  const given = withoutSaid(withoutToolSecrets(raw));
  const type = given['type'] ?? (given['role'] === undefined ? undefined : 'message');
  if (type === 'item_reference' || (type === undefined && typeof given['id'] === 'string')) {
    throw new AppError('not_found', { param: `${param}.id`, message: 'No such item.' });
  }
  if (typeof type !== 'string') throw missingMember(`${param}.type`);
  return type === 'message' ? messageItem(given, param) : otherItem(given, type, param);
}

function messageItem(given: Fields, param: string): StoredItem {
  const { role, content, status } = given;
  if (role === undefined) throw missingMember(`${param}.role`);
  if (typeof role !== 'string' || !roles.has(role))
    throw invalidItem(`${param}.role`, `expected one of ${[...roles].join(', ')}`);
  if (content === undefined) throw missingMember(`${param}.content`);
  return {
    ...given,
    type: 'message',
    status: statusOf(status, param),
    role,
    content: normaliseContent(content, role, `${param}.content`),
    id: newId('message'),
  };
}

function otherItem(given: Fields, type: string, param: string): StoredItem {
  const known = Object.hasOwn(itemTypes, type) ? itemTypes[type] : undefined;
  if (known === undefined) throw invalidItem(`${param}.type`, `expected message or one of ${Object.keys(itemTypes).join(', ')}`);
  for (const member of known.needs) if (given[member] === undefined) throw missingMember(`${param}.${member}`);
  for (const member of known.texts ?? [])
    if (typeof given[member] !== 'string') throw invalidItem(`${param}.${member}`, 'expected a string');
  const { output } = given;
  if (type === 'function_call_output' && typeof output !== 'string' && !Array.isArray(output)) {
    throw invalidItem(`${param}.output`, 'expected a string or an array of parts');
  }
  const status = known.hasStatus === true ? { status: given['status'] ?? 'completed' } : {};
  return { ...given, type, ...status, id: idFor({ ...given, type }) };
}

function statusOf(status: unknown, param: string): string {
  if (status === undefined || status === null) return 'completed';
  if (typeof status !== 'string' || !statuses.has(status))
    throw invalidItem(`${param}.status`, `expected one of ${[...statuses].join(', ')}`);
  return status;
}

/** A file that an item names, and where. */
export interface NamedFile {
  readonly id: string;
  readonly param: string;
}

/** The files that the parts of an item name: in a message's content, in the output of a tool. */
export function filesNamedBy(item: Fields, param: string): NamedFile[] {
  return ['content', 'output'].flatMap((member) => {
    const parts = item[member];
    if (!Array.isArray(parts)) return [];
    return (parts as unknown[]).flatMap((part, at) =>
      isFields(part) && typeof part['file_id'] === 'string'
        ? [{ id: part['file_id'], param: `${param}.${member}[${at}].file_id` }]
        : [],
    );
  });
}
