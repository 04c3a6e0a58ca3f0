import { AppError } from '../../../kernel/app-error.js';
import type { ScannedMember, ScannedObject } from './json-scan.js';
import { WatchedNames } from './watched-names.js';

/**
 * What an id in a body points to. Meaning of the members:
 * - `file`: `file_id` (chat: `messages[].content[].file.file_id`; responses: `input_file` and `input_image` parts), and
 *   `file_ids` (responses: `tools[].container.file_ids`).
 * - `response`: `previous_response_id` of /responses.
 * - `conversation`: `conversation` of /responses, a string or `{id}`.
 * - `vector_store`: `vector_store_ids` of a `file_search` tool.
 * - `container`: `container` of a `code_interpreter` tool, a string or `{id}`; at the top level too, where some
 *   chat providers have it.
 * - `prompt`: `prompt: {id}` of /responses. The `prompt` text of /completions is no id.
 * - `item`: `{type: 'item_reference', id}` in the `input` of /responses.
 */
export type ForeignIdKind = 'file' | 'response' | 'conversation' | 'vector_store' | 'container' | 'prompt' | 'item';

export interface ForeignId {
  readonly kind: ForeignIdKind;
  readonly id: string;
  /** The place in the body, as clients write it: `messages[0].content[1].file.file_id`. */
  readonly param: string;
}

/** Give this to `readBody` as `watch`, so that {@link mayHoldForeignIds} can answer from the same scan. */
export const foreignIdNames = new WatchedNames(['file_id', 'file_ids', 'vector_store_ids', 'container', 'item_reference']);

/**
 * Says whether a body may hold object ids. Never no where {@link listForeignIds} finds one; on yes parse the body, list,
 * and send the parsed form on (`JSON.stringify`), because nested names could be repeated and read the other way.
 */
export function mayHoldForeignIds(scan: ScannedObject): boolean {
  if (scan.watchedNameSeen) return true;
  for (const member of scan.members) if (mayBeId(member)) return true;
  return false;
}

function mayBeId({ key, kind }: ScannedMember): boolean {
  switch (key) {
    case 'previous_response_id':
    case 'file_id':
      return kind === 'string';
    case 'conversation':
    case 'container':
      return kind === 'string' || kind === 'object';
    case 'prompt':
      return kind === 'object';
    case 'file_ids':
    case 'vector_store_ids':
      return kind === 'array';
    default:
      return false;
  }
}

/**
 * All object ids of a parsed body of /chat/completions, /completions or /responses, in the order of the body. The
 * caller's free data (`metadata`) and JSON schemas are not searched. Throws AppError `invalid_request` on nesting deeper
 * than 256 levels.
 */
export function listForeignIds(body: Readonly<Record<string, unknown>>): ForeignId[] {
  const found: ForeignId[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === 'metadata') continue;
    if (name === 'previous_response_id') add(found, 'response', value, name);
    else if (name === 'conversation') addObjectId(found, 'conversation', value, name);
    else if (name === 'prompt' && isFields(value)) add(found, 'prompt', value.id, 'prompt.id');
    else if (name === 'container') addObjectId(found, 'container', value, name);
    walkMember(found, name, value, name, 1);
  }
  return found;
}

const MAX_DEPTH = 256;
const schemaPaths = [
  /^tools\[\d+\](\.function)?\.parameters$/,
  /^functions\[\d+\]\.parameters$/,
  /^response_format\.json_schema\.schema$/,
  /^text\.format\.schema$/,
];
const toolContainerPath = /^tools\[\d+\]\.container$/;

function walk(found: ForeignId[], value: unknown, path: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH)
    throw new AppError('invalid_request', { message: `Your JSON body nests deeper than ${MAX_DEPTH} levels.` });
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) walk(found, element, `${path}[${index}]`, depth + 1);
    return;
  }
  const fields = value as Record<string, unknown>;
  if (fields.type === 'item_reference') add(found, 'item', fields.id, `${path}.id`);
  for (const [name, member] of Object.entries(fields)) walkMember(found, name, member, `${path}.${name}`, depth + 1);
}

function walkMember(found: ForeignId[], name: string, value: unknown, path: string, depth: number): void {
  if (typeof value !== 'object') {
    if (name === 'file_id') add(found, 'file', value, path);
    else if (name === 'container' && toolContainerPath.test(path)) add(found, 'container', value, path);
    return;
  }
  if (name === 'file_ids') addAll(found, 'file', value, path);
  else if (name === 'vector_store_ids') addAll(found, 'vector_store', value, path);
  else if (name === 'container' && toolContainerPath.test(path)) addObjectId(found, 'container', value, path);
  else if ((name === 'parameters' || name === 'schema') && schemaPaths.some((schema) => schema.test(path))) return;
  walk(found, value, path, depth);
}

function addAll(found: ForeignId[], kind: ForeignIdKind, values: unknown, path: string): void {
  if (!Array.isArray(values)) return;
  for (const [index, value] of values.entries()) add(found, kind, value, `${path}[${index}]`);
}

function addObjectId(found: ForeignId[], kind: ForeignIdKind, value: unknown, path: string): void {
  if (isFields(value)) add(found, kind, value.id, `${path}.id`);
  else add(found, kind, value, path);
}

/** An id is one word; a provider may trim it, so we do. Longer or spaced text is a description, not an id. */
function add(found: ForeignId[], kind: ForeignIdKind, value: unknown, param: string): void {
  if (typeof value === 'string' && /^\s*\S{1,256}\s*$/.test(value)) found.push({ kind, id: value.trim(), param });
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
