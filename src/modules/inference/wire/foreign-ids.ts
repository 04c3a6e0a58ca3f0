import { AppError } from '../../../kernel/app-error.js';
import type { JsonBody } from './json-body.js';
import { membersAt, walkPlaces, type Place } from './json-places.js';
import type { ScannedMember, ScannedObject } from './json-scan.js';
import { WatchedNames } from './watched-names.js';

/**
 * What an id in a body points to. Meaning of the members:
 * - `file`: `file_id` (chat: `messages[].content[].file.file_id`; responses: `input_file` and `input_image` parts, results
 *   of tools, masks of image tools, citations of a text that is given again, results of a search that are), and `file_ids`
 *   (responses: `tools[].container.file_ids`).
 * - `response`: `previous_response_id` of /responses.
 * - `conversation`: `conversation` of /responses, a string or `{id}`.
 * - `vector_store`: `vector_store_ids` of a `file_search` tool. Tools are those of the request and those that items bring.
 * - `container`: `container` of a `code_interpreter` tool, a string or `{id}`; at the top level too, where some
 *   chat providers have it; `container_id` of an environment, or of a call or a citation that is given again.
 * - `skill`: `skill_id` of the `skills` of a container or environment.
 * - `prompt`: `prompt: {id}` of /responses. The `prompt` text of /completions is no id.
 * - `item`: `{type: 'item_reference', id}` in the `input` of /responses.
 */
export type ForeignIdKind = 'file' | 'response' | 'conversation' | 'vector_store' | 'container' | 'skill' | 'prompt' | 'item';

export interface ForeignId {
  readonly kind: ForeignIdKind;
  readonly id: string;
  /** The place in the body, as clients write it: `messages[0].content[1].file.file_id`. */
  readonly param: string;
}

/**
 * Give this to `readBody` as `watch`, so that {@link mayHoldForeignIds} can answer from the same scan. The addresses of tools
 * are among them, so that a chat need not look at its tools without need.
 */
export const foreignIdNames = new WatchedNames([
  'file_id',
  'file_ids',
  'vector_store_ids',
  'container',
  'container_id',
  'skill_id',
  'item_reference',
  'server_url',
  'connector_id',
  'tunnel_id',
  'authorization',
  'headers',
  'network_policy',
]);

type IdPlace = Place<ForeignIdKind>;

const one = (holds: ForeignIdKind): IdPlace => ({ holds });
const many = (holds: ForeignIdKind): IdPlace => ({ elements: { holds } });
const object = membersAt<ForeignIdKind>;

const file = object({ file_id: one('file') });
const annotations: IdPlace = { elements: object({ container_id: one('container'), file_id: one('file') }) };
const part = object({ file_id: one('file'), file, image_file: file, image_url: file, annotations });
const skills: IdPlace = { elements: object({ skill_id: one('skill') }) };
const container: IdPlace = { holds: 'container', ...object({ id: one('container'), file_ids: many('file'), skills }) };
const environment = object({ container_id: one('container'), file_ids: many('file'), skills });
const stores = object({ vector_store_ids: many('vector_store') });
/** A namespace holds tools too, and may stand in another one: how deep is the scan's to limit. */
const tools: { elements?: IdPlace } = {};
tools.elements = object({
  vector_store_ids: many('vector_store'),
  file_search: stores,
  container,
  environment,
  input_image_mask: file,
  tools,
});

/**
 * The positions at which requests have object ids. Whatever stands elsewhere is the caller's own: schemas, examples,
 * texts, metadata, parameters and arguments of tools.
 */
const places = object({
  previous_response_id: one('response'),
  conversation: { holds: 'conversation', ...object({ id: one('conversation') }) },
  prompt: object({ id: one('prompt'), variables: { others: part } }),
  container,
  file_id: one('file'),
  file_ids: many('file'),
  vector_store_ids: many('vector_store'),
  messages: { elements: object({ content: { elements: part } }) },
  input: {
    elements: object({
      id: { holds: 'item', ofType: 'item_reference' },
      content: { elements: part },
      output: { elements: part, ...file },
      results: { elements: file },
      container_id: one('container'),
      environment,
      tools,
    }),
  },
  tools,
  tool_resources: object({ file_search: stores, code_interpreter: object({ file_ids: many('file') }) }),
});

/** Says whether a body may hold object ids. Never no where {@link listForeignIds} finds one. */
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
    case 'tool_resources':
      return kind === 'object';
    case 'file_ids':
    case 'vector_store_ids':
      return kind === 'array';
    default:
      return false;
  }
}

/**
 * The object ids of a body of /chat/completions, /completions or /responses, in the order of the body, the first `limit`
 * of them, but those that `isKnown` knows. A name that stands twice is found twice: it does not matter which of the two the provider would read.
 * @throws AppError `invalid_request` where the way to such a position is not valid JSON.
 */
export function listForeignIds({ bytes, scan }: JsonBody, limit = Infinity, isKnown?: (id: ForeignId) => boolean): ForeignId[] {
  const found: ForeignId[] = [];
  walkPlaces(bytes, scan.start, places, (kind, text, place) => {
    const id = text.trim();
    // An id is one word; a provider may trim it, so we do. Longer or spaced text is a description, not an id.
    if (id.length > 0 && id.length <= 256 && !/\s/.test(id)) {
      const foreign = { kind, id, param: place() };
      if (isKnown?.(foreign) !== true) found.push(foreign);
    }
    return found.length < limit;
  });
  return found;
}

/**
 * @param isKnown true for an id that is looked up later.
 * @throws AppError `not_found` naming the first other object id in the body (read with `watch: foreignIdNames`): none is ours.
 */
export function refuseForeignIds(body: JsonBody, isKnown?: (id: ForeignId) => boolean): void {
  if (!mayHoldForeignIds(body.scan)) return;
  const [foreign] = listForeignIds(body, 1, isKnown);
  if (foreign === undefined) return;
  throw new AppError('not_found', {
    param: foreign.param,
    message: `No such ${foreign.kind.replace('_', ' ')}: '${foreign.id.slice(0, 128)}'.`,
  });
}
