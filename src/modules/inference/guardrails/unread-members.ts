/**
 * What of a request is no text for a model. Everything else is read, whatever its name: so a member or a kind of request that
 * nobody has thought of here is judged too.
 */

/** How a member is read: all of it; nothing of it; or not as far as it is itself a string or a list of strings. */
export type Reading = 'all' | 'nothing' | 'no label';

/** Members of the request itself: words of the API, and names that the client has for its own use. */
const ofRequest = new Set([
  ...['background', 'conversation', 'encoding_format', 'include', 'input_fidelity', 'language', 'modalities', 'model'],
  ...['moderation', 'output_format', 'previous_response_id', 'prompt_cache_key', 'prompt_cache_retention', 'quality'],
  ...['reasoning_effort', 'response_format', 'safety_identifier', 'service_tier', 'size', 'stop', 'stream_format', 'style'],
  // Numbers and flags, which are texts in a form.
  ...['n', 'output_compression', 'partial_images', 'speed', 'stream', 'temperature'],
  ...['timestamp_granularities', 'tool_choice', 'truncation', 'user', 'verbosity', 'voice', 'known_speaker_references'],
]);

const objectsOfRequest = new Set(['metadata', 'stream_options', 'audio']);

/** Members at any depth: words of the API, ids, addresses, credentials, and bytes written as text. */
const anywhere = new Set([
  ...['type', 'role', 'object', 'status', 'detail', 'format', 'effort', 'phase'],
  ...['id', 'call_id', 'tool_call_id', 'item_id', 'file_id', 'file_ids', 'vector_store_ids', 'container', 'container_id'],
  ...['image_url', 'file_url', 'server_url', 'connector_id', 'authorization'],
  ...['b64_json', 'partial_image_b64', 'data', 'encrypted_content', 'file_data', 'signature', 'thought_signature'],
]);

const objectsAnywhere = new Set(['image_url', 'input_audio', 'headers']);

/** @param isTop the member is one of the request itself. */
export function readingOf(name: string, isTop: boolean): Reading {
  if (objectsAnywhere.has(name) || (isTop && objectsOfRequest.has(name))) return 'nothing';
  return anywhere.has(name) || (isTop && ofRequest.has(name)) ? 'no label' : 'all';
}
