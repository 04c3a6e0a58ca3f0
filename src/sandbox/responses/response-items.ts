import type { ChatMessage } from '../chat-messages.js';
import { badRequest, missingParameter, SandboxError, wrongType } from '../errors.js';
import { isObject, type JsonObject } from '../request-fields.js';
import { readContent, stringIn } from './response-parts.js';
import { opened } from './sealed-content.js';

type Reader = (item: JsonObject, at: string) => Omit<ChatMessage, 'received'>;

const roles: ReadonlySet<unknown> = new Set(['user', 'assistant', 'system', 'developer']);
/** Items of hosted tools: accepted in the input, and nothing is done with them. */
const hosted =
  /^(?:(?:file_search|web_search|computer|image_generation|code_interpreter|local_shell|shell|apply_patch|tool_search|mcp)_(?:call|call_output|output|list_tools|approval_request|approval_response)|additional_tools)$/;
const silent = { role: 'assistant', text: '', images: 0, attachments: 0 } as const;

/** One line for each type of item: the message of a chat that it comes to. */
const readers: Readonly<Record<string, Reader>> = {
  message: (item, at) => ({ role: roleOf(item, at), ...readContent(item['content'], `${at}.content`) }),
  function_call: (item, at) => call(item, 'arguments', at),
  custom_tool_call: (item, at) => call(item, 'input', at),
  function_call_output: toolOutput,
  custom_tool_call_output: toolOutput,
  reasoning: readReasoning,
  compaction: readCompaction,
  compaction_summary: readCompaction,
  compaction_trigger: () => silent,
};

/**
 * The items of `input` as messages of a chat; a text is one message of the user.
 * @param find the stored item with this id, for references.
 * @throws SandboxError 400 naming the item and the member that is malformed; 404 for a reference to an item that is not stored.
 */
export function readInput(input: unknown, find: (id: string) => JsonObject | undefined): readonly ChatMessage[] {
  if (typeof input === 'string') {
    return [readItem({ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }, 'input')];
  }
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array of objects', input);
  const messages = input.map((item: unknown, index) => readItem(dereferenced(item, find), `input[${index}]`));
  if (messages.slice(0, -1).some(({ received }) => received['type'] === 'compaction_trigger'))
    throw badRequest("Invalid 'input': an item of type 'compaction_trigger' must be the last one.", 'input');
  return messages;
}

/** One item as a message of a chat. */
export function readItem(item: unknown, at: string): ChatMessage {
  if (!isObject(item)) throw wrongType(at, 'an object', item);
  const type = item['type'] ?? 'message';
  const read = typeof type === 'string' && Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (read !== undefined) return { ...read(item, at), received: item };
  if (typeof type === 'string' && hosted.test(type)) return { ...silent, received: item };
  throw badRequest(`Invalid value for '${at}.type': ${JSON.stringify(type).slice(0, 60)} is no type of item.`, `${at}.type`);
}

function dereferenced(item: unknown, find: (id: string) => JsonObject | undefined): unknown {
  if (!isObject(item)) return item;
  const bare = (item['type'] ?? undefined) === undefined && item['role'] === undefined;
  if (item['type'] !== 'item_reference' && !bare) return item;
  const id = stringIn(item, 'id', 'input');
  const found = find(id);
  if (found !== undefined) return found;
  const message = `Item with id '${id.slice(0, 100)}' not found. Items are not persisted when \`store\` is set to false.`;
  throw new SandboxError(404, { message, type: 'invalid_request_error', param: 'input', code: null });
}

function roleOf(item: JsonObject, at: string): string {
  const { role } = item;
  if (role === undefined) throw missingParameter(`${at}.role`);
  if (typeof role === 'string' && roles.has(role)) return role;
  throw badRequest("Invalid value for role. Supported values are: 'assistant', 'system', 'developer', and 'user'.", `${at}.role`);
}

function call(item: JsonObject, input: 'arguments' | 'input', at: string): Omit<ChatMessage, 'received'> {
  for (const member of ['call_id', 'name', input]) stringIn(item, member, at);
  return silent;
}

function toolOutput(item: JsonObject, at: string): Omit<ChatMessage, 'received'> {
  stringIn(item, 'call_id', at);
  return { role: 'tool', ...readContent(item['output'], `${at}.output`) };
}

function readReasoning(item: JsonObject, at: string): Omit<ChatMessage, 'received'> {
  const { id, encrypted_content: secret = null, summary = [] } = item;
  if (!Array.isArray(summary)) throw wrongType(`${at}.summary`, 'an array of objects', summary);
  if (typeof secret === 'string') opened(secret, 'reasoning', id);
  else if (secret !== null) throw wrongType(`${at}.encrypted_content`, 'a string', secret);
  return { ...silent, text: readContent(summary, `${at}.summary`).text };
}

/** The summary that a compaction holds stands before the model as a message of the developer. */
function readCompaction(item: JsonObject, at: string): Omit<ChatMessage, 'received'> {
  const { text } = opened(stringIn(item, 'encrypted_content', at), 'compaction', item['id']);
  return { role: 'developer', text, images: 0, attachments: 0 };
}
